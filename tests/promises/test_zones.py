"""Row T5: times with a zone, and times without."""

from __future__ import annotations

import copy
import datetime as dt
import zoneinfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stepahead as sa
from stepahead.columns import read_times
from stepahead.scale import shard

ZONE = "America/New_York"
T, TRAIN, H = 60, 30, 6
UTC = pd.date_range("2024-02-28", periods=T, freq="h", tz="UTC")
THERE = UTC.tz_convert(ZONE)
WALL = THERE.tz_localize(None)
BARE = UTC.tz_localize(None)
X = np.cumsum(np.random.default_rng(5).standard_normal(T))
ORIGINS = range(TRAIN, T - H + 1)
SPELT = ["UTC", "Europe/Berlin", ZONE, "Asia/Hong_Kong", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "Asia/Ust-Nera"]
NAMES = ("time-zone", "a zone", "none", "2024-02-2")


def rmse_by_hand() -> list[float]:
    """Of the last value, repeated, by a loop."""
    found = []
    for k in range(1, H + 1):
        missed = [X[o + k - 1] - X[o - 1] for o in ORIGINS]
        found.append(float(np.sqrt(sum(e * e for e in missed) / len(missed))))
    return found


def nixtla(times: pd.DatetimeIndex) -> pd.DataFrame:
    rows = [(o, k) for o in ORIGINS for k in range(1, H + 1)]
    return pd.DataFrame(
        {
            "ds": times[[o + k - 1 for o, k in rows]],
            "cutoff": times[[o - 1 for o, _ in rows]],
            "M": [X[o - 1] for o, _ in rows],
        }
    )


def skforecast(times: pd.DatetimeIndex) -> pd.DataFrame:
    rows = [(o, k) for o in ORIGINS for k in range(1, H + 1)]
    return pd.DataFrame(
        {"fold": [o for o, _ in rows], "pred": [X[o - 1] for o, _ in rows]}, index=times[[o + k - 1 for o, k in rows]]
    )


class Block:
    def __init__(self, times: object, value: float) -> None:
        self.time_index, self._value = times, value

    def values(self) -> np.ndarray:
        return np.full((H, 1), self._value)


def as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    objects = {name: pd.Series(frame[name].dt.to_pydatetime(), dtype=object) for name in ("ds", "cutoff")}
    return frame.assign(**objects)


FORECASTS = {
    "a frame of pandas": nixtla,
    "objects in pandas": lambda times: as_objects(nixtla(times)),
    "a frame of polars": lambda times: pl.from_pandas(nixtla(times)),
    "a frame of pyarrow": lambda times: pa.Table.from_pandas(nixtla(times)),
    "the index of a frame": skforecast,
    "blocks": lambda times: [Block(times[o : o + H], X[o - 1]) for o in ORIGINS],
    "blocks with lists": lambda times: [Block(list(times[o : o + H].to_pydatetime()), X[o - 1]) for o in ORIGINS],
}
SERIES = {
    "an index": lambda times: pd.Series(X, index=times),
    "times of pandas": lambda times: sa.Series(X, times=times),
    "a column of pandas": lambda times: sa.Series(X, times=pd.Series(times)),
    "objects": lambda times: sa.Series(X, times=pd.Series(list(times), dtype=object)),
    "an array of objects": lambda times: sa.Series(X, times=np.array(times.to_pydatetime(), dtype=object)),
    "Python's own": lambda times: sa.Series(X, times=times.to_pydatetime().tolist()),
    "polars": lambda times: sa.Series(X, times=pl.Series(times.to_pydatetime().tolist())),
    "pyarrow": lambda times: sa.Series(X, times=pa.array(times)),
    "a frame, read": lambda times: sa.read(pd.DataFrame({"t": times, "x": X}), "x", "t"),
    "a long frame, read": lambda times: sa.read_panel(pd.DataFrame({"unique_id": "a", "ds": times, "y": X}))[0],
    "a slice": lambda times: sa.Series(np.r_[X, 0.0], times=times.append(times[-1:] + pd.Timedelta("1h")))[:T],
    "as sent to a worker": lambda times: copy.copy(sa.Series(X, times=times)),
    "a copy": lambda times: copy.deepcopy(sa.Series(sa.Series(X, times=times), name="copy")),
    "another's values": lambda times: sa.Series(X * 0, times=times).with_values(X),
}


@pytest.mark.parametrize("shape", FORECASTS)
@pytest.mark.parametrize("way", SERIES)
def test_T5_forecasts_are_joined_with_both_zones_or_with_neither(promise, shape, way):
    make, series = FORECASTS[shape], SERIES[way]
    if "polars" in shape and "objects" in shape:
        return
    for own, theirs in ((THERE, THERE), (THERE, UTC), (UTC, THERE.tz_convert("Asia/Kolkata")), (WALL, WALL)):
        result = promise.answered(lambda own=own, theirs=theirs: sa.from_forecasts(make(theirs), series(own), TRAIN))
        np.testing.assert_allclose(result.rmse(), rmse_by_hand(), rtol=1e-12)
    for own, theirs in ((THERE, WALL), (THERE, BARE), (WALL, THERE), (BARE, UTC)):
        promise.refused(lambda own=own, theirs=theirs: sa.from_forecasts(make(theirs), series(own), TRAIN), *NAMES)


def test_T5_the_error_names_both_sides_and_a_time_of_each(promise):
    error = promise.refused(lambda: sa.from_forecasts(nixtla(WALL), pd.Series(X, index=THERE), TRAIN), "time-zone")
    first = str(WALL[TRAIN])[:16]
    assert str(error) == (
        f"the series has times in a zone (UTC: 2024-02-28 00:00) and the forecasts have none ({first}): "
        "give both a zone, or neither"
    )
    error = promise.refused(lambda: sa.from_forecasts(nixtla(THERE), pd.Series(X, index=WALL), TRAIN), "time-zone")
    assert str(error).startswith(
        f"the forecasts have times in a zone (UTC: {str(BARE[TRAIN])[:16]}) and the series has none"
    )


def test_T5_one_column_alone_without_a_zone_is_refused(promise):
    for column in ("ds", "cutoff"):
        frame = nixtla(THERE)
        frame[column] = nixtla(WALL)[column]
        promise.refused(lambda frame=frame: sa.from_forecasts(frame, pd.Series(X, index=THERE), TRAIN), *NAMES)


def test_T5_a_list_of_blocks_with_one_that_has_no_zone(promise):
    blocks = FORECASTS["blocks"](THERE)
    blocks[3] = FORECASTS["blocks"](WALL)[3]
    promise.refused(lambda: sa.from_forecasts(blocks, pd.Series(X, index=THERE), TRAIN), *NAMES)


def test_T5_results_with_and_without_a_zone_are_not_compared(promise):
    a, b, c = (sa.Series(X, times=times) for times in (THERE, WALL, UTC))
    one, other, same, none = (sa.evaluate(sa.AR(2), s, H, TRAIN)["AR(2)"] for s in (a, b, c, sa.Series(X)))
    for pair in ((one, other), (other, one)):
        error = promise.refused(lambda pair=pair: sa.compare(dict(zip("pq", pair, strict=True))), *NAMES)
        assert "'p'" in str(error)
        assert "'q'" in str(error)
    promise.answered(lambda: sa.compare({"p": one, "q": same}))
    promise.answered(lambda: sa.compare({"p": one, "q": none}))


def test_T5_many_series_have_zones_all_of_them_or_none(promise):
    a, b, c = (sa.Series(X, times=times, name=name) for times, name in ((THERE, "a"), (UTC, "b"), (WALL, "c")))
    numbered = sa.Series(X, times=np.arange(T))
    bare = sa.Series(X)
    for good in ([a, b], [c, c], [a, bare, b], [numbered, a]):
        promise.answered(lambda good=good: sa.evaluate(sa.AR(2), good, H, TRAIN))
    for bad in ([a, c], [c, a], [bare, a, numbered, b, c], [pd.Series(X, index=THERE), pd.Series(X, index=WALL)]):
        for use in (
            lambda bad=bad: sa.evaluate(sa.AR(2), bad, H, TRAIN),
            lambda bad=bad: sa.AR(2).fit(bad),
            lambda bad=bad: sa.from_forecasts([{TRAIN: [0.0]}] * len(bad), bad, TRAIN),
        ):
            promise.refused(use, *NAMES)
    error = promise.refused(lambda: sa.AR(2).fit([a, c]), "time-zone")
    assert str(error).startswith(
        "series 'a' has times in a zone (UTC: 2024-02-28 00:00) and series 'c' has none (2024-02-27 19:00)"
    )


MIXED = {
    "Python's own": lambda good, bad: [*good.to_pydatetime().tolist(), bad],
    "backwards": lambda good, bad: [bad, *good.to_pydatetime().tolist()],
    "stamps of pandas": lambda good, bad: [*good, pd.Timestamp(bad)],
    "an array of objects": lambda good, bad: np.array([*good.to_pydatetime(), bad], dtype=object),
    "an index of objects": lambda good, bad: pd.Index([*good, bad], dtype=object),
    "a column of objects": lambda good, bad: pd.Series([*good, bad], dtype=object),
    "a tuple": lambda good, bad: (*good.to_pydatetime().tolist(), bad),
    "a day": lambda good, bad: (
        [*good.to_pydatetime().tolist(), bad.date()] if good.tz else [*good.to_pydatetime().tolist(), bad]
    ),
}


@pytest.mark.parametrize("kind", MIXED)
def test_T5_one_list_of_times_has_zones_or_none(promise, kind):
    zone = zoneinfo.ZoneInfo(ZONE)
    later = dt.datetime(2024, 6, 1)
    for good, bad in ((THERE, later), (WALL, later.replace(tzinfo=zone))):
        error = promise.refused(
            lambda good=good, bad=bad: sa.Series(np.r_[X, 0.0], times=MIXED[kind](good, bad)), "time-zone"
        )
        assert f"row {0 if kind == 'backwards' else T}" in str(error)
    with_gap = [None, *THERE.to_pydatetime().tolist()]
    promise.refused(lambda: sa.Series(np.r_[X, 0.0], times=with_gap), "time-missing", "row 0")
    promise.refused(lambda: sa.Series(np.r_[X, 0.0], times=[*THERE, pd.NaT]), "time-missing", f"row {T}")


TEXTS = {
    "Z": lambda t: t.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
    "an offset": lambda t: t.isoformat(),
    "an offset without a colon": lambda t: t.strftime("%Y-%m-%d %H:%M%z"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_T5_the_times_of_a_file_have_zones_all_of_them_or_none(promise, tmp_path, text):
    path = tmp_path / "load.csv"

    def written(times: list[str], ids: list[str] | None = None) -> str:
        rows = [
            f"{t},{x!r}" + (f",{i}" if ids else "") for t, x, i in zip(times, X.tolist(), ids or times, strict=True)
        ]
        path.write_text("\n".join(["ds,y" + ",unique_id" * bool(ids), *rows]))
        return str(path)

    there, wall = [TEXTS[text](t) for t in THERE], [t.strftime("%Y-%m-%d %H:%M:%S") for t in WALL]
    series = promise.answered(lambda: sa.read(written(there), "y", "ds"))
    assert series.zoned
    assert (series.times == BARE.to_numpy()).all()
    assert not promise.answered(lambda: sa.read(written(wall), "y", "ds")).zoned
    for row in (0, 1, 7, T - 1):
        for good, bad in ((there, wall), (wall, there)):
            mixed = [*good[:row], bad[row], *good[row + 1 :]]
            error = promise.refused(
                lambda mixed=mixed: sa.read(written(mixed), "y", "ds"), "time-zone", "line", "has none"
            )
            assert error.line == max(row, 1) + 2
            assert f"line {error.line}" in str(error)
    ids = ["a"] * (T // 2) + ["b"] * (T // 2)
    assert all(part.zoned for part in promise.answered(lambda: sa.read_panel(written(there, ids))))
    halves = [*there[: T // 2], *wall[T // 2 :]]
    promise.refused(lambda: sa.read_panel(written(halves, ids)), "time-zone", f"line {T // 2 + 2}")
    promise.refused(lambda: sa.from_forecasts(nixtla(WALL), sa.read(written(there), "y", "ds"), TRAIN), *NAMES)


COLUMNS = {
    "pandas": lambda index: pd.Series(index),
    "pandas over pyarrow": lambda index: pd.Series(index).astype(pd.ArrowDtype(pa.timestamp("us", str(index.tz)))),
    "an index over pyarrow": lambda index: pd.Index(
        pd.Series(index).astype(pd.ArrowDtype(pa.timestamp("us", str(index.tz))))
    ),
    "objects": lambda index: pd.Series(list(index), dtype=object),
    "nanoseconds": lambda index: pd.Series(index.as_unit("ns")),
    "seconds": lambda index: pd.Series(index.as_unit("s")),
    "polars": lambda index: pl.from_pandas(pd.Series(index)),
    "pyarrow": lambda index: pa.array(index),
    "pyarrow in pieces": lambda index: pa.chunked_array([pa.array(index[:7]), pa.array(index[7:])]),
}


@pytest.mark.parametrize("zone", SPELT)
@pytest.mark.parametrize("kind", COLUMNS)
def test_T5_a_zone_is_read_however_it_is_spelt(promise, kind, zone):
    index = UTC.tz_convert(zone)
    column = COLUMNS[kind](index)
    series = promise.answered(lambda: sa.Series(X, times=column))
    assert series.zoned
    assert (series.times == BARE.to_numpy()).all()
    if kind in ("pandas", "pandas over pyarrow", "objects", "nanoseconds", "seconds"):
        frame = pd.DataFrame({"unique_id": "a", "ds": column, "y": X})
        for made in (sa.read(frame, "y", "ds"), *sa.read_panel(frame)):
            assert made.zoned
            assert (made.times == BARE.to_numpy()).all()
        long = nixtla(index)
        result = promise.answered(
            lambda: sa.from_forecasts(long, frame.set_index("ds")["y"] if kind == "pandas" else series, TRAIN)
        )
        np.testing.assert_allclose(result.rmse(), rmse_by_hand(), rtol=1e-12)


def test_T5_a_column_of_periods_is_read_as_an_index_of_them_is(promise):
    months = pd.period_range("2020-01", periods=T, freq="M")
    one = promise.answered(lambda: sa.Series(X, times=pd.Series(months)))
    assert (one.times == sa.Series(X, times=months).times).all()
    assert not one.zoned


@pytest.mark.parametrize("frame", ["pandas", "polars", "pyarrow"])
def test_T5_what_is_written_can_be_read_again(promise, frame):
    source = {
        "pandas": lambda t: pd.Series(t),
        "polars": lambda t: pl.from_pandas(pd.Series(t)),
        "pyarrow": lambda t: pa.array(t),
    }
    values = {"pandas": pd.Series, "polars": pl.Series, "pyarrow": pa.array}[frame](X)
    for times, zoned in ((THERE, True), (WALL, False)):
        series = sa.Series(values, times=source[frame](times))
        result = sa.evaluate(sa.baselines.Naive(), series, H, TRAIN)["Naive"]
        out = result.to_frame("predictions")
        assert read_times(out["ds"]).zoned == read_times(out["cutoff"]).zoned == zoned
        assert len(result.origins) == len(ORIGINS)
        assert len(out["ds"]) == len(ORIGINS) * H
        again = promise.answered(lambda out=out, series=series: sa.from_forecasts(out, series, TRAIN))
        np.testing.assert_allclose(again.rmse(), rmse_by_hand(), rtol=1e-12)
        other = sa.Series(values, times=source[frame](WALL if zoned else THERE))
        promise.refused(lambda out=out, other=other: sa.from_forecasts(out, other, TRAIN), *NAMES)


@pytest.mark.parametrize("kind", ["pandas", "polars", "csv", "parquet", "objects"])
def test_T5_shards_keep_the_zone(promise, tmp_path, kind):
    for times, zoned in ((THERE, True), (WALL, False)):
        frame = pd.DataFrame({"unique_id": "a", "ds": times, "y": X})
        if kind == "csv":
            texts = [t.isoformat() for t in times]
            frame.assign(ds=texts).to_csv(tmp_path / "in.csv", index=False)
        if kind == "parquet":
            frame.to_parquet(tmp_path / "in.parquet")
        source = {
            "pandas": frame,
            "polars": pl.from_pandas(frame),
            "csv": tmp_path / "in.csv",
            "parquet": tmp_path / "in.parquet",
            "objects": frame.assign(ds=pd.Series(list(times), dtype=object)),
        }[kind]
        folder = tmp_path / f"shards {zoned}"
        found = promise.answered(lambda source=source, folder=folder: shard(source, folder))
        stored = pq.read_table(folder / found.shards[0].file)
        assert read_times(stored["ds"]).zoned == zoned
        again = sa.read_panel(stored)[0]
        assert again.zoned == zoned
        assert (again.times == (BARE if zoned else WALL).to_numpy()).all()


def test_T5_texts_keep_their_zone(promise):
    texts = [t.isoformat() for t in THERE]
    for given in (texts, np.array(texts), np.array(texts, dtype=object), pd.Series(texts, dtype=object)):
        series = promise.answered(lambda given=given: sa.Series(X, times=given))
        assert series.zone is not None
        assert (series.times == BARE.to_numpy()).all()
    series = promise.answered(lambda: sa.Series(X, times=pd.to_datetime(texts)))
    assert series.zoned
    assert (series.times == BARE.to_numpy()).all()


def test_T5_times_that_are_no_column_are_named(promise):
    for given in (pd.DataFrame({"t": THERE}), pd.MultiIndex.from_arrays([THERE, THERE]), pl.DataFrame({"t": [1] * T})):
        promise.refused(lambda given=given: sa.Series(X, times=given), "time-shape", type(given).__name__)
