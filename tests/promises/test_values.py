"""Rows V1 to V13: the values."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import stepahead as sa
from stepahead import testing
from stepahead.errors import shown
from stepahead.evaluation.audit import parameter_bits

from ..cases import CASES
from ..data import sine
from ..refusals import refused
from ..strangers import MAKERS, Moment
from .entry_points import ALONE, COMMANDS, ENTRY_POINTS, FITTED, MODELS, WORDS, X, typed, unhurried, written

Y = 3.0 + sa.datasets.noisy_sine(seed=0, length=160).values


every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


SEVEN = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0])


NUMERIC = {name: case for name, case in CASES.items() if not case.symbols}
HOLE = 17


def holed(at: list[int], value: object = np.nan) -> np.ndarray:
    y = X.copy()
    y[at] = value
    return y


def absent(at: list[int]) -> list[float | None]:
    return [None if i in at else v for i, v in enumerate(X.tolist())]


# ---------------------------------------------------------------------------------------------------------------
# V1 .. V4: what is not there, and what is past every number

ABSENT = {
    "nan": lambda at: holed(at),
    "nan of 32 bits": lambda at: holed(at).astype(np.float32),
    "nan in a list": lambda at: holed(at).tolist(),
    "None": absent,
    "None in an array": lambda at: np.array(absent(at), dtype=object),
    "masked": lambda at: np.ma.masked_array(holed(at, 1e9), mask=np.isin(np.arange(40), at)),
    "masked whole numbers": lambda at: np.ma.masked_array(holed(at, 7).astype(int), mask=np.isin(np.arange(40), at)),
    "a quiet nan with a payload": lambda at: holed(at, np.uint64(0x7FF8000000000ABC).view(np.float64)),
    "pandas nan": lambda at: pd.Series(holed(at)),
    "pandas Float64": lambda at: pd.Series(absent(at), dtype="Float64"),
    "pandas Int64": lambda at: pd.Series([None if v is None else int(v) for v in absent(at)], dtype="Int64"),
    "pandas boolean": lambda at: pd.Series([None if v is None else v > 3 for v in absent(at)], dtype="boolean"),
    "pandas arrow": lambda at: pd.Series(absent(at), dtype="float64[pyarrow]"),
    "pandas NA": lambda at: [pd.NA if v is None else v for v in absent(at)],
    "pandas NaT": lambda at: [pd.NaT if v is None else v for v in absent(at)],
    "polars null": lambda at: pl.Series(absent(at)),
    "polars nan": lambda at: pl.Series(holed(at)),
    "arrow null": lambda at: pa.array(absent(at)),
    "arrow in pieces": lambda at: pa.chunked_array([absent(at)[:HOLE], absent(at)[HOLE:]]),
    "torch": lambda at: torch.tensor(holed(at)),
}
IN_TEXT = ["", "NA", "nan", "NaN", "N/A", "null", "None"]


@pytest.mark.parametrize("kind", ABSENT)
def test_V1_missing_in_the_middle_is_refused_at_every_entry_point(promise, kind):
    data = ABSENT[kind]([HOLE])
    for name, door in ALONE.items():
        error = promise.refused(
            lambda door=door: door(data), "missing-values", "1 of 40", f"at {HOLE}", 'missing="skip"'
        )
        assert (error.count, error.positions) == (1, [HOLE]), name
    for door in ENTRY_POINTS.values():
        promise.refused(lambda door=door: door(data, "AR"), "missing-values", "1 of 40", f"at {HOLE}", 'missing="skip"')


@pytest.mark.parametrize("model", MODELS)
def test_V1_a_hole_is_refused_by_every_model(promise, model):
    for door in ENTRY_POINTS.values():
        promise.refused(lambda door=door: door(holed([HOLE]), model), "missing-values", f"at {HOLE}")


@pytest.mark.parametrize("kind", ABSENT)
def test_V1_with_skip_every_kind_of_hole_is_the_same_hole(promise, kind):
    series = promise.answered(lambda: sa.Series(ABSENT[kind]([5, HOLE]), missing="skip"))
    assert np.flatnonzero(np.isnan(series.numbers)).tolist() == [5, HOLE]
    assert len(series) == 40
    assert not series.complete


@pytest.mark.parametrize("name", unhurried(NUMERIC))
def test_V1_nothing_is_read_under_a_mask(promise, name):
    case = NUMERIC[name]
    x = case.series(120).values
    mask = np.isin(np.arange(120), [70, 71, 96])
    hollow = sa.Series(np.where(mask, np.nan, x), missing="skip")
    plain = case.make().fit(hollow[:90])
    expected = sa.k_step(plain, hollow, 3).predictions.tobytes()
    for garbage in (1e9, -np.inf, 3.0):
        masked = sa.Series(np.ma.masked_array(np.where(mask, garbage, x), mask=mask), missing="skip")
        found = promise.answered(lambda masked=masked: sa.k_step(plain, masked, 3))
        assert found.predictions.tobytes() == expected
    assert parameter_bits(case.make().fit(masked[:90])) == parameter_bits(plain)


@pytest.mark.parametrize("lags", [1, 2, 3, 5])
@pytest.mark.parametrize("chunk", [1, 2])
@pytest.mark.parametrize("at", [[HOLE], [9, 10], [4, HOLE, 30], [38]], ids=str)
def test_V1_every_window_that_touches_a_hole_is_left_out_and_none_is_squeezed(promise, lags, chunk, at):
    y = holed(at)
    rows = [i for i in range(40 - lags - chunk + 1) if not np.isnan(y[i : i + lags + chunk]).any()]
    design = np.array([[*y[i : i + lags], 1.0] for i in rows])
    wanted = np.array([y[i + lags : i + lags + chunk] for i in rows])
    expected = np.linalg.lstsq(design, wanted, rcond=None)[0]
    model = promise.answered(lambda: sa.AR(lags, chunk=chunk).fit(sa.Series(y, missing="skip")))
    np.testing.assert_allclose(np.reshape(model.coefficients_, (chunk, lags)).T, expected[:-1], atol=1e-9)
    result = sa.k_step(model, sa.Series(y, missing="skip"), 2, train=0)
    assert result.origins.tolist() == [o for o in range(lags, 39) if not np.isnan(y[o - lags : o]).any()]


@pytest.mark.parametrize("cell", IN_TEXT)
@pytest.mark.parametrize("command", COMMANDS)
def test_V1_in_a_file(promise, run, tmp_path, command, cell):
    path = written(tmp_path, [cell if i == HOLE else v for i, v in enumerate(X)], times=list(range(100, 140)))
    promise.refused(lambda: sa.read(path, "x", "t"), "missing-values", "1 of 40", "at 117")
    code, _, err = typed(run, command, path, "--value", "x", "--time", "t")
    assert code == 3
    for word in ("1 of 40", "117", "missing="):
        assert word in err
    assert typed(run, command, path, "--value", "x", "--time", "t", "--missing", "skip")[0] == 0


@pytest.mark.parametrize("at", [[3], [3, 4, 5], [3, 9, 20, 33]], ids=str)
@pytest.mark.parametrize(
    ("times", "labels"),
    [
        (None, [str(i) for i in range(40)]),
        (np.arange(1000, 1040), [str(i) for i in range(1000, 1040)]),
        (
            np.arange("2024-01-01", "2024-02-10", dtype="M8[D]"),
            [str(d) for d in np.arange("2024-01-01", "2024-02-10", dtype="M8[D]")],
        ),
        (np.arange(40).astype("M8[M]"), [str(d) for d in np.arange(40).astype("M8[M]")]),
        (np.arange(40) / 4, [f"{i / 4:g}" for i in range(40)]),
    ],
    ids=["places", "numbers", "days", "months", "quarters"],
)
def test_V1_the_first_three_are_named_and_no_more(promise, times, labels, at):
    error = promise.refused(lambda: sa.Series(holed(at), times=times), "missing-values", *[labels[i] for i in at[:3]])
    assert error.count == len(at)
    assert error.positions == at[:3]


@pytest.mark.parametrize("name", unhurried(NUMERIC))
@pytest.mark.parametrize("times", [None, np.arange(500, 590)], ids=["places", "times"])
def test_V2_missing_last_breaks_the_window_of_a_forecast(promise, name, times):
    case = NUMERIC[name]
    x = case.series(90).values.copy()
    model = case.make().fit(x[:60])
    x[-1] = np.nan
    series = sa.Series(x, times=times, missing="skip")
    for door in (lambda: model.forecast(series, 2), lambda: sa.forecast(model, series, 2, origin=90)):
        if not case.drops_gaps:
            promise.answered(door)
            continue
        promise.refused(door, "missing-values", "90", "89" if times is None else "589")
    promise.refused(lambda: model.forecast(x, 2), "missing-values", "1 of 90", "89")
    assert np.isfinite(promise.answered(lambda: model.forecast(series, 2, origin=89))).all()


@pytest.mark.parametrize("lead", [1, 2, 11])
@pytest.mark.parametrize("kind", ABSENT)
def test_V3_leading(promise, kind, lead):
    data = ABSENT[kind](list(range(lead)))
    error = promise.refused(lambda: sa.Series(data), "missing-values", f"{lead} of 40", "at 0", "skip")
    assert error.count == lead
    series = promise.answered(lambda: sa.Series(data, missing="skip", times=np.arange(40)), f"first {lead} values")
    assert (len(series), series.times[0]) == (40 - lead, lead)
    assert series.complete
    promise.refused(lambda: FITTED["AR"].forecast(data, 2), "missing-values")


@pytest.mark.parametrize("missing", ["raise", "skip"])
@pytest.mark.parametrize("kind", ABSENT)
def test_V3_all_of_them(promise, kind, missing):
    error = promise.refused(
        lambda: sa.Series(ABSENT[kind](list(range(40))), missing=missing),
        "missing-values",
        "40 of 40",
        "none was observed",
    )
    assert error.count == 40


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("missing", ["raise", "skip"])
def test_V3_in_a_file(promise, run, tmp_path, command, missing):
    path = written(tmp_path, ["NA"] * 40, times=list(range(40)))
    promise.refused(lambda: sa.read(path, "x", "t", missing=missing), "missing-values", "40 of 40")
    assert typed(run, command, path, "--value", "x", "--time", "t", "--missing", missing)[0] == 3


INFINITE = {
    "inf": lambda v: holed([7, 8, 30, 31], v),
    "of 32 bits": lambda v: holed([7, 8, 30, 31], v).astype(np.float32),
    "of 16 bits, overflown": lambda v: holed([7, 8, 30, 31], np.sign(v) * np.float16(np.inf)).astype(np.float16),
    "list": lambda v: holed([7, 8, 30, 31], v).tolist(),
    "objects": lambda v: holed([7, 8, 30, 31], v).astype(object),
    "pandas": lambda v: pd.Series(holed([7, 8, 30, 31], v)),
    "polars": lambda v: pl.Series(holed([7, 8, 30, 31], v)),
    "arrow": lambda v: pa.array(holed([7, 8, 30, 31], v)),
    "torch": lambda v: torch.tensor(holed([7, 8, 30, 31], v)),
    "big-endian": lambda v: holed([7, 8, 30, 31], v).astype(">f8"),
}


@pytest.mark.parametrize("missing", ["raise", "skip"])
@pytest.mark.parametrize("value", [np.inf, -np.inf], ids=["plus", "minus"])
@pytest.mark.parametrize("kind", INFINITE)
def test_V4_infinite_is_always_refused(promise, kind, value, missing):
    error = promise.refused(
        lambda: sa.Series(INFINITE[kind](value), missing=missing),
        "infinite-values",
        "4 values",
        "(-inf)" if value < 0 else "(inf)",
        "7, 8, 30",
    )
    assert (error.count, error.positions) == (4, [7, 8, 30])


@pytest.mark.parametrize("model", MODELS)
def test_V4_infinite_is_refused_at_every_entry_point(promise, model):
    for door in ENTRY_POINTS.values():
        for value in (np.inf, -np.inf):
            promise.refused(lambda door=door, value=value: door(holed([12], value), model), "infinite-values", "at 12")
    for door in ALONE.values():
        promise.refused(lambda door=door: door(holed([12], np.inf)), "infinite-values", "at 12")


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity", "+INF", "1e400", "-1e999", "9" * 400])
@pytest.mark.parametrize("command", COMMANDS)
def test_V4_in_a_file(promise, run, tmp_path, command, cell):
    path = written(tmp_path, [cell if i == HOLE else v for i, v in enumerate(X)])
    for missing in ("raise", "skip"):
        promise.refused(lambda missing=missing: sa.read(path, missing=missing), "infinite-values", str(HOLE))
        assert typed(run, command, path, "--missing", missing)[0] == 3


def test_V4_past_the_range_of_64_bits(promise):
    promise.refused(lambda: sa.Series([10**400, 1]), "too-large")
    promise.refused(lambda: sa.Series(np.array([np.longdouble("1e400"), 1.0, 2.0])), "infinite-values", "at 0")
    promise.refused(lambda: sa.Series(np.array([10**400, 1.0], dtype=object)), "too-large")


# ---------------------------------------------------------------------------------------------------------------
# V5 .. V7: sizes

EXACT = [
    "Mean",
    "Naive",
    "SeasonalNaive",
    "Drift",
    "SES",
    "SES given",
    "Line",
    "Phases",
    "LinePhases",
    "Harmonic",
    "Harmonic 4",
    "AR",
    "AR ridge",
    "AR anchored chunk",
    "AR long chunk",
    "AR yule-walker",
    "AR auto",
    "SSA",
    "SSA auto",
    "StateSpace walk",
    "StateSpace cycle",
    "StateSpace season",
    "Scaled",
    "Scaled by window",
    "Differenced",
    "MarkovChain bins",
    "MarkovChain bic",
    "Recurrent",
]
"""Models whose forecast of a constant is that constant, bit for bit."""
TELLS_APART = ["HMM", "MarkovSwitchingAR", "MarkovSwitchingAR variance"]
"""Models that need two different values, and say so."""
LEVELS = [0.0, -0.0, 0.1, -7.3, 1e10 + 1 / 3, 1e300, -1e-300, 2.0**52 + 1]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", EXACT)
def test_V5_a_constant_is_forecast_exactly(promise, name, level):
    y = np.full(60, level)
    model = CASES[name].make().fit(y[:40])
    assert promise.answered(lambda: model.forecast(y, 5)).tolist() == [level] * 5


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", TELLS_APART)
def test_V5_a_constant_is_refused_where_states_differ_by_their_values(promise, name, level):
    promise.refused(lambda: CASES[name].make().fit(np.full(60, level)), "few-values", "differ")


@pytest.mark.parametrize("level", [0.0, 0.1, -1e300])
@pytest.mark.parametrize("name", ["AR", "Mean", "SSA", "StateSpace"])
def test_V5_what_divides_by_scale_is_null_with_a_reason(promise, run, tmp_path, name, level):
    y = np.full(60, level)
    result = promise.answered(lambda: sa.evaluate({"m": MODELS[name]()}, y, 3))
    for reading in ("skill", "mase"):
        with pytest.warns(sa.errors.StepaheadWarning, match="null"):
            assert np.isnan(getattr(result["m"], reading)()).all()
    for reading in ("rmse", "mae", "bias"):
        assert getattr(result["m"], reading)().tolist() == [0.0] * 3
    text = result.table()
    assert "inf" not in text
    assert "nan" not in text.lower().replace("finance", "")
    path = written(tmp_path, [level] * 60)
    code, out, _ = typed(run, "evaluate", path, "--json")
    assert code == 0
    found = json.loads(out, parse_constant=lambda c: pytest.fail(f"{c} in the JSON"))
    assert found["models"]["AR(2)"]["skill"] == [None, None]
    assert found["models"]["AR(2)"]["rmse"] == [0.0, 0.0]


SCALES = [
    "Mean",
    "Naive",
    "SeasonalNaive",
    "Drift",
    "SES",
    "SES given",
    "Line",
    "Phases",
    "LinePhases",
    "Harmonic",
    "Harmonic 4",
    "AR",
    "AR long chunk",
    "AR yule-walker",
    "AR burg",
    "AR auto",
    "SSA",
    "SSA auto",
    "StateSpace walk",
    "StateSpace cycle",
    "Scaled",
    "Differenced",
    "MarkovChain bins",
    "Halfway",
    "SimpleTheta",
]
"""Models whose forecast scales with the series, bit for bit for powers of two."""


@pytest.mark.parametrize("exponent", [-1000, -996, -500, -53, -1, 1, 8, 53, 500, 900, 996])
@pytest.mark.parametrize("name", unhurried(SCALES))
def test_V6_the_forecast_scales_with_the_series_bit_for_bit(promise, name, exponent):
    y = np.round(64 * CASES[name].series(60).values) / 64
    plain = CASES[name].make().fit(y[:45]).forecast(y, 5)
    scaled = np.ldexp(y, exponent)
    found = promise.answered(lambda: CASES[name].make().fit(scaled[:45]).forecast(scaled, 5))
    assert found.tobytes() == np.ldexp(plain, exponent).tobytes()


@pytest.mark.parametrize("factor", [5e-324 * 2**20, 1e-310, 1e-300, 1e300])
@pytest.mark.parametrize("name", unhurried(SCALES))
def test_V6_huge_and_subnormal_values_are_forecast_to_their_last_digit(promise, name, factor):
    y = np.round(64 * CASES[name].series(60).values) * 64
    plain = CASES[name].make().fit(y[:45]).forecast(y, 5)
    scaled = y * (factor / 2**14)
    found = promise.answered(lambda: CASES[name].make().fit(scaled[:45]).forecast(scaled, 5))
    np.testing.assert_allclose(found, plain * (factor / 2**14), rtol=1e-6, atol=5e-324 * 64)


@pytest.mark.parametrize("exponent", [-996, -500, -53, 8, 500, 996])
@pytest.mark.parametrize("name", ["MLP", "MLP ensemble", "MLP unrolled", "Sampled"])
def test_V6_nets_through_Scaled(promise, name, exponent):
    y = np.round(64 * CASES[name].series(60).values) / 64
    plain = sa.Scaled(CASES[name].make()).fit(y[:45]).forecast(y, 5)
    scaled = np.ldexp(y, exponent)
    found = promise.answered(lambda: sa.Scaled(CASES[name].make()).fit(scaled[:45]).forecast(scaled, 5))
    np.testing.assert_allclose(found, np.ldexp(plain, exponent), rtol=1e-12)


@pytest.mark.parametrize("level", [1e10, -1e10, 1e10 + 0.5, 3e9, 1e8])
@pytest.mark.parametrize(
    "name",
    [
        "AR",
        "AR long chunk",
        "AR anchored chunk",
        "AR auto",
        "SSA",
        "Scaled",
        "Differenced",
        "SES",
        "LinePhases",
        "Harmonic",
    ],
)
def test_V7_a_high_level_costs_no_digits(promise, name, level):
    wiggle = CASES[name].series(200).values - 3.0
    plain = CASES[name].make().fit(wiggle[:150]).forecast(wiggle, 10)
    high = promise.answered(lambda: CASES[name].make().fit(wiggle[:150] + level).forecast(wiggle + level, 10))
    assert np.abs(high - level - plain).max() <= 1e-11 * abs(level)


@pytest.mark.parametrize("level", [1e13, -4e14, 1e300])
def test_V7_a_level_that_costs_digits_before_it_comes_is_noted(promise, level):
    y = level * (1.0 + 2.2e-16 * np.arange(40))
    series = promise.answered(lambda: sa.Series(y), "digits", "level")
    assert series.notes
    assert any("digits" in text for text in sa.evaluate(sa.AR(2), y, 2).notes)
    for quiet in (np.full(40, level), 1e11 + X, X, np.arange(40.0) * level):
        assert sa.Series(quiet).notes == ()


# ---------------------------------------------------------------------------------------------------------------
# V8: kinds of numbers, and where they lie

WHOLE = np.array([0, 1, 1, 0, 1, 0, 0, 1, 1, 1] * 4)
DTYPES = [
    "i1",
    "u1",
    "i2",
    "u2",
    "i4",
    "u4",
    "i8",
    "u8",
    "f2",
    "f4",
    "f8",
    "g",
    "?",
    ">i2",
    ">i4",
    ">i8",
    ">u4",
    ">f2",
    ">f4",
    ">f8",
    "<f4",
]
LAYOUTS = {
    "plain": lambda x: x.copy(),
    "strided": lambda x: np.repeat(x, 3)[::3],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "read-only": lambda x: _read_only(x),
    "a column": lambda x: x.reshape(-1, 1),
    "a column of Fortran": lambda x: np.asfortranarray(np.column_stack([x, x]))[:, :1],
    "a column of a table": lambda x: np.column_stack([x * 0, x])[:, 1],
    "misaligned": lambda x: _misaligned(x),
    "big-endian": lambda x: x.astype(">f8"),
    "a subclass": lambda x: x.view(type("Own", (np.ndarray,), {})),
    "nothing masked": lambda x: np.ma.masked_array(x, mask=np.zeros(len(x), dtype=bool)),
    "objects": lambda x: x.astype(object),
    "a list of numpy": lambda x: list(x),
}


def _read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


def _misaligned(x: np.ndarray) -> np.ndarray:
    raw = np.frombuffer(b"\0" + x.tobytes(), dtype=np.uint8)[1:]
    return raw.view(np.float64)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("model", ["AR", "Mean", "SSA", "Scaled MLP", "StateSpace"])
def test_V8_every_dtype_gives_the_bits_of_its_copy_in_64_bits(promise, dtype, model):
    given = WHOLE.astype(dtype)
    before = given.tobytes()
    plain = MODELS[model]().fit(WHOLE.astype(np.float64)).forecast(WHOLE.astype(np.float64), 4)
    found = promise.answered(lambda: MODELS[model]().fit(given).forecast(given, 4))
    assert found.tobytes() == plain.tobytes()
    assert found.dtype == np.float64
    assert given.tobytes() == before


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("model", ["AR", "AR direct", "Mean", "SSA", "Scaled MLP", "StateSpace", "HMM", "bins"])
def test_V8_every_layout_gives_the_same_bits_and_is_not_written_to(promise, layout, model):
    given = LAYOUTS[layout](X)
    before = np.asarray(given).tobytes()
    plain = sa.evaluate({"m": MODELS[model]()}, X, 3)["m"].predictions
    found = promise.answered(lambda: sa.evaluate({"m": MODELS[model]()}, given, 3))["m"].predictions
    assert found.tobytes() == plain.tobytes()
    assert np.asarray(given).tobytes() == before


@pytest.mark.parametrize("dtype", ["f8", ">f8", "f4", "i8", "u1"])
def test_V8_a_memory_map(promise, tmp_path, dtype):
    x = (10 * X).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    found = promise.answered(lambda: sa.AR(3).fit(mapped).forecast(mapped, 4))
    assert found.tobytes() == sa.AR(3).fit(x.astype(float)).forecast(x.astype(float), 4).tobytes()
    assert np.load(tmp_path / "x.npy").tobytes() == x.tobytes()


@pytest.mark.parametrize(
    "data",
    [
        np.array([2**53 + 1] * 5 + [3]),
        np.array([2**64 - 1, 1, 2], dtype=np.uint64),
        [2**60 + 1, 5, 7],
        pd.Series([2**53 + 1, 1]),
        pl.Series([2**53 + 1, 1]),
        torch.tensor([2**53 + 1, 1]),
        np.array([2**53 + 1, None, 2], dtype=object)[[0, 2]],
    ],
    ids=["int64", "uint64", "list", "pandas", "polars", "torch", "objects"],
)
def test_V8_whole_numbers_that_64_bits_of_floating_point_cannot_hold_are_noted(promise, data):
    series = promise.answered(lambda: sa.Series(data), "rounded")
    assert any("2**53" in text for text in series.notes)


def test_V8_whole_numbers_that_they_can_hold_are_not(promise):
    for data in (np.array([2**53, 1]), np.array([2**62, 1]), [2**70, 3], np.array([2**54, 2**55], dtype=np.uint64)):
        assert promise.answered(lambda data=data: sa.Series(data)).notes == ()


# ---------------------------------------------------------------------------------------------------------------
# V9 .. V11: no numbers


class Own:
    """Something of the user's that says it is a number."""

    def __float__(self) -> float:
        return 1.0


NO_NUMBERS = {
    "complex": (lambda: X + 1j, "complex"),
    "complex of 64 bits": (lambda: X.astype(np.complex64), "complex"),
    "complex without an imaginary part": (lambda: X.astype(complex), "complex"),
    "complex in a list": (lambda: [1 + 1j, *X.tolist()], "row 0"),
    "complex tensor": (lambda: torch.tensor([1 + 1j, 2.0]), "complex"),
    "objects": (lambda: [1.0, object(), *X.tolist()], "row 1"),
    "an object that says it is a number": (lambda: [1.0, Own(), 2.0], "row 1"),
    "numbers as text among numbers": (lambda: [1.0, 2.0, "3.0"], "row 2 is '3.0'"),
    "numbers among text": (lambda: ["1.0", 2.0, "3.0"], "row 1"),
    "text in an array of objects": (lambda: np.array([1.0, "2", 3.0], dtype=object), "row 1 is '2'"),
    "bytes": (lambda: [b"1", b"2"], "row 0"),
    "an array of bytes": (lambda: np.array([b"a", b"b"]), "row 0"),
    "dates": (lambda: np.array(["2024-01-01", "2024-01-02"], dtype="M8[D]"), "dates"),
    "durations": (lambda: np.array([1, 2], dtype="m8[s]"), "dates"),
    "structures": (lambda: np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), "row 0"),
    "structures, masked": (lambda: np.ma.array([(1,)], dtype=[("a", int)]), "row 0"),
    "sets": (lambda: [{1}, {2}], "row 0"),
    "dicts": (lambda: pl.Series([{"a": 1}]), "row 0"),
    "pandas dates": (lambda: pd.Series(pd.date_range("2024", periods=3)), "row 0"),
    "pandas complex": (lambda: pd.Series([1j, 2]), "row 0"),
    "pandas periods": (lambda: pd.Series(pd.period_range("2024", periods=3, freq="M")), "row 0"),
    "polars dates": (lambda: pl.Series([pd.Timestamp("2024").date()]), "row 0"),
    "polars bytes": (lambda: pl.Series([b"a"]), "row 0"),
    "arrow stamps": (lambda: pa.array([pd.Timestamp("2024")]), "row 0"),
    "functions": (lambda: [len, max], "row 0"),
}


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_V9_what_is_no_number_is_refused_at_every_entry_point(promise, kind):
    make, says = NO_NUMBERS[kind]
    for door in (
        sa.Series,
        lambda data: sa.pairs(data, 1),
        *(lambda data, d=d: d(data, "AR") for d in ENTRY_POINTS.values()),
    ):
        error = promise.refused(lambda door=door: door(make()), ("dtype", "unknown-type"), kind=sa.errors.DtypeError)
        assert says in str(error) or error.code == "unknown-type"
        assert isinstance(error, TypeError)
        assert isinstance(error, ValueError)


@pytest.mark.parametrize("door", ENTRY_POINTS)
@pytest.mark.parametrize("model", [name for name in MODELS if name not in ("HMM", "bins")])
def test_V9_numbers_as_text_are_never_parsed_by_the_api(promise, door, model):
    text = [str(v) for v in X]
    promise.refused(lambda: ENTRY_POINTS[door](text, model), "dtype", repr(text[0]), "row 0", kind=sa.errors.DtypeError)
    asked = sa.Series(text, categories=sorted(set(text)))
    promise.refused(lambda: ENTRY_POINTS[door](asked, model), "symbols", "MarkovChain", kind=sa.errors.DtypeError)


@pytest.mark.parametrize(
    "cells", [["1", "2.5"], ["-1", "+3"], ["1e3", "2E-4"], [" 1", "2 "], [".5", "5."], ["１２", "٣"]], ids=str
)
@pytest.mark.parametrize("command", COMMANDS)
def test_V9_the_command_line_parses_text(promise, run, tmp_path, command, cells):
    path = written(tmp_path, cells * 20)
    assert promise.answered(lambda: sa.read(path)).values.tolist() == [float(c) for c in cells] * 20
    assert typed(run, command, path)[0] == 0


@pytest.mark.parametrize(
    "cell",
    ["abc", "1_000", "0x10", "3 kW", "#REF!", "1,5", "12:30", "1/2", "--1", "e5", "½", "1e", "True", "$3", "(3)", "5%"],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_V9_a_cell_that_is_no_number_is_named_with_its_line(promise, run, tmp_path, command, cell):
    quoted = f'"{cell}"' if "," in cell else cell
    path = written(tmp_path, [quoted if i == 5 else v for i, v in enumerate(X)])
    error = promise.refused(lambda: sa.read(path), (), "line 7", cell)
    assert error.line == 7
    code, _, err = typed(run, command, path)
    assert code == 3
    assert "line 7" in err


@pytest.mark.parametrize("cells", [["3,5", "4,25"], ["-1,0", "2,0"], ["1.234,5", "2,5"], ["0,001", "0,1"]], ids=str)
@pytest.mark.parametrize("delimiter", [";", "\t", ","], ids=["semicolon", "tab", "quoted"])
@pytest.mark.parametrize("command", COMMANDS)
def test_V10_a_decimal_comma_is_named(promise, run, tmp_path, command, delimiter, cells):
    shown = [f'"{c}"' if delimiter == "," else c for c in cells] * 15
    path = tmp_path / "f.csv"
    path.write_text(f"t{delimiter}x\n" + "".join(f"{i}{delimiter}{c}\n" for i, c in enumerate(shown)))
    error = promise.refused(lambda: sa.read(path, "x"), "decimal-comma", 'decimal=","', "line 2", cells[0])
    assert error.line == 2
    code, _, err = typed(run, command, path, "--value", "x")
    assert code == 3
    assert "decimal=" in err
    expected = [float(c.replace(".", "").replace(",", ".")) for c in cells] * 15
    assert promise.answered(lambda: sa.read(path, "x", decimal=",")).values.tolist() == expected
    assert typed(run, command, path, "--value", "x", "--decimal", ",")[0] == 0


# ---------------------------------------------------------------------------------------------------------------
# V12, V13: numbers that are written as people write them

# What stands in a cell, the number that it means (by eye), and what stands around it.
MARKED = {
    "percent": ("50%", "50", "%"),
    "percent behind a blank": ("12.5 %", "12.5", "%"),
    "dollars": ("$50", "50", "$"),
    "euros behind": ("3.5 €", "3.5", "€"),
    "a currency in letters": ("3.5 EUR", "3.5", "EUR"),
    "a currency in letters, before": ("USD 40", "40", "USD"),
    "another, with a sign": ("R$ 7", "7", "R$"),
    "rupees": ("Rs. 500", "500", "Rs."),
    "an accountant's minus": ("(12.5)", "-12.5", "("),
    "the same with a currency": ("($12.5)", "-12.5", "($"),
    "a minus before the currency": ("-$3", "-3", "-$"),
    "a typographer's minus": ("\u22125", "-5", "\u2212"),
    "a minus behind": ("5-", "-5", "-"),
    "a unit": ("12kWh", "12", "kWh"),
    "a unit with a slash": ("3 km/h", "3", "km/h"),
    "a unit with a sign": ("21.5°C", "21.5", "°C"),
    "about": ("~5", "5", "~"),
    "about, in words": ("approx. 5", "5", "approx."),
    "about, in Chinese": ("约5", "5", "约"),
    "a measure word": ("5元", "5", "元"),
    "below": ("<0.1", "0.1", "<"),
    "a name and a sign": ("T=25.3", "25.3", "T="),
    "at least": (">=7", "7", ">="),
    "a star": ("5*", "5", "*"),
    "a quote of a spreadsheet": ("'7", "7", "'"),
}


@pytest.mark.parametrize("kind", MARKED)
@pytest.mark.parametrize("others", ["all marked alike", "all different", "among numbers", "among words"])
@pytest.mark.parametrize("command", COMMANDS)
def test_V12_a_number_with_a_mark_is_named_with_its_line(promise, run, tmp_path, kind, others, command):
    cell, plain, mark = MARKED[kind]
    if others == "among words" and any(c.isalpha() for c in cell):
        return  # it may be one of the words
    rest = {
        "all marked alike": [cell.replace(plain.lstrip("-"), str(i % 3 + 1)) for i in range(39)],
        "all different": [cell.replace(plain.lstrip("-"), f"{i + 1}.25") for i in range(39)],
        "among numbers": X.tolist()[1:],
        "among words": WORDS[1:],
    }[others]
    path = written(tmp_path, [cell, *rest])
    error = promise.refused(
        lambda: sa.read(path), "not-a-number", "line 2", shown(cell), shown(plain), mark, "symbols=True"
    )
    assert error.line == 2
    code, _, err = typed(run, command, path)
    assert code == 3
    assert "line 2" in err
    assert "--symbols" in err
    asked = promise.answered(lambda: sa.read(path, symbols=True), "symbols: ")
    assert asked.symbols.tolist() == [cell, *map(str, rest)]


CODES = {
    "sizes": ["S", "M", "L", "XL", "2XL"],
    "states": ["S1", "S2", "A4", "S1", "B7"],
    "diagnoses": ["E11.9", "J45", "N95", "E11.9", "I10"],
    "words with numbers behind": ["level 1", "level 2", "level 1", "level 3", "level 1"],
    "numbers in words": ["five", "six", "五", "六", "five"],
    "yes and no": ["true", "false", "true", "true", "false"],
    "marks": ["+", "-", "?", "+", "+"],
}


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("command", COMMANDS)
def test_V12_words_become_symbols_and_that_is_said(promise, run, tmp_path, kind, command):
    cells = CODES[kind] * 8
    path, kinds = written(tmp_path, cells), sorted(set(CODES[kind]))
    series = promise.answered(lambda: sa.read(path), f"read as {len(kinds)} symbols: {', '.join(kinds)}")
    assert series.symbols.tolist() == cells
    assert promise.answered(lambda: sa.Series(cells)).symbols.tolist() == cells
    frame = pd.DataFrame({"x": cells})
    for found in (lambda: sa.read(frame), lambda: sa.Series(frame["x"])):
        assert promise.answered(found, f"read as {len(kinds)} symbols").symbols.tolist() == cells
    code, out, err = run(command, path, "--horizon", 2)
    assert code == 0
    assert f"read as {len(kinds)} symbols" in out + err


def test_V12_of_many_symbols_the_note_has_the_first(promise, tmp_path):
    cells = [f"w{i}" for i in range(9)] * 2
    says = "read as 9 symbols: w0, w1, w2, w3, w4, w5, w6, .."
    assert len(promise.answered(lambda: sa.read(written(tmp_path, cells)), says).categories) == 9


@pytest.mark.parametrize("cells", [["01234", "90210"], ["007", "008"]], ids=str)
def test_V12_leading_zeros_are_said_to_be_lost(promise, tmp_path, cells):
    path = written(tmp_path, cells * 20)
    series = promise.answered(lambda: sa.read(path), "leading zeros", "line 2", "symbols=True")
    assert series.values.tolist() == [float(cell) for cell in cells] * 20
    assert promise.answered(lambda: sa.read(path, symbols=True), "symbols").categories == tuple(cells)
    assert promise.answered(lambda: sa.read(written(tmp_path, ["0", "0.5", "10"]))).notes == ()


LOOKS = ["1.5", "50%", "$50", "3.5 EUR", "(12.5)", "12kWh", "1 234", "1'234", "~5", "5,5", "-1", "1e3"]
HOLDERS = {
    "a list": list,
    "a tuple": tuple,
    "an array": np.array,
    "objects": lambda cells: np.array(cells, dtype=object),
    "masked": lambda cells: np.ma.array(np.array(cells, dtype=object), mask=[0] * (len(cells) - 1) + [1]),
    "pandas": pd.Series,
    "pandas strings": lambda cells: pd.Series(cells, dtype="string"),
    "a frame": lambda cells: pd.DataFrame({"x": cells}),
    "polars": pl.Series,
    "arrow": pa.array,
}


@pytest.mark.parametrize("cell", LOOKS)
@pytest.mark.parametrize("holder", HOLDERS)
def test_V12_numbers_as_text_are_symbols_in_python_only_where_that_is_asked_for(promise, cell, holder):
    cells = [cell, "7 " + cell.lstrip("$(-~"), cell] * 3
    make = HOLDERS[holder]
    for door in (sa.Series, lambda data: sa.MarkovChain().fit(data)):
        error = promise.refused(
            lambda door=door: door(make(cells)), "dtype", "row 0", shown(cell), kind=sa.errors.DtypeError
        )
        assert (error.row, error.found) == (0, cell)
    kinds = sorted(set(cells))
    asked = promise.answered(lambda: sa.Series(make(cells), missing="skip", categories=kinds))
    assert asked.symbols.tolist()[:8] == cells[:8]
    for told in (
        pd.Series(cells, dtype="category"),
        pl.Series(cells, dtype=pl.Enum(kinds)),
        pa.array(cells).dictionary_encode(),
    ):
        assert promise.answered(lambda told=told: sa.Series(told)).symbols.tolist() == cells
    frame = pd.DataFrame({"unique_id": ["a"] * 5 + ["b"] * 4, "y": cells})
    promise.refused(lambda: sa.read(frame, "y"), "dtype", "row 0", "symbols=True", kind=sa.errors.DtypeError)
    promise.refused(lambda: sa.read_panel(frame, time=None), "dtype", "row 0", kind=sa.errors.DtypeError)
    assert promise.answered(lambda: sa.read(frame, "y", symbols=True), "symbols").symbols.tolist() == cells
    panel = promise.answered(lambda: sa.read_panel(frame, time=None, symbols=True), "symbols")
    assert [part.symbols.tolist() for part in panel] == [cells[:5], cells[5:]]


def test_V12_numbers_of_a_frame_are_symbols_where_that_is_asked_for(promise):
    frame = pd.DataFrame({"x": [3, 1, 2, 3, 1]})
    assert promise.answered(lambda: sa.read(frame)).categories is None
    assert promise.answered(lambda: sa.read(frame, symbols=True), "read as 3 symbols: 1, 2, 3").symbols.tolist() == [
        3,
        1,
        2,
        3,
        1,
    ]


@pytest.mark.parametrize("kind", ["text", "categories", "asked for"])
def test_V12_shards_hold_no_numbers_as_text_by_accident(promise, run, tmp_path, kind):
    cells = ["50%", "20%", "50%", "20%"]
    column = pa.array(cells).dictionary_encode() if kind == "categories" else pa.array(cells)
    table = pa.table({"unique_id": ["a", "a", "b", "b"], "ds": [1, 2, 1, 2], "y": column})
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    frame = table.to_pandas()
    frame.to_csv(tmp_path / "t.csv", index=False)
    for source in (tmp_path / "t.parquet", *([frame] if kind != "categories" else []), tmp_path / "t.csv"):
        out = tmp_path / f"out {len(list(tmp_path.iterdir()))}"
        if kind == "text" or (kind == "categories" and source == tmp_path / "t.csv"):
            promise.refused(
                lambda s=source, o=out: sa.scale.shard(s, o), ("dtype", "not-a-number"), "50%", "symbols=True"
            )
        else:
            made = promise.answered(lambda s=source, o=out: sa.scale.shard(s, o, symbols=kind == "asked for"))
            assert made.categories == ("20%", "50%")
    how = ["--symbols"] if kind == "asked for" else []
    code, _, err = run("shard", tmp_path / "t.csv", tmp_path / "typed", "--time", "ds", *how)
    assert (code == 0) == (kind == "asked for"), err
    if code:
        assert "--symbols" in err


def test_V12_a_cell_of_a_megabyte_is_judged_in_linear_time(promise, tmp_path):
    path = written(tmp_path, ["5" + " ." * 400_000 + "x", "(" * 800_000 + "5"])
    promise.refused(lambda: sa.read(path), "not-a-number", "line 2")


def test_V12_every_way_out_on_the_command_line_is_one_of_the_command_line(run, tmp_path):
    path = written(tmp_path, [f"w{i}" for i in range(40)])
    code, _, err = run("forecast", path, "--horizon", 2)
    assert code == 3
    assert "--models markov-smooth" in err
    assert run("forecast", path, "--horizon", 2, "--models", "markov-smooth")[0] == 0
    code, _, err = run("forecast", written(tmp_path, X.tolist()), "--horizon", 2, "--models", "markov")
    assert code == 3
    assert "--models hmm" in err


MARKS = {
    "comma": ",",
    "point": ".",
    "blank": " ",
    "NBSP": "\u00a0",
    "narrow NBSP": "\u202f",
    "apostrophe": "'",
    "curled": "\u2019",
}


def grouped(value: float, mark: str, decimal: str) -> str:
    """As Python itself groups it, with other marks."""
    return f"{value:,}".replace(",", "G").replace(".", decimal).replace("G", mark)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("decimal", [".", ","])
def test_V13_what_is_grouped_in_threes_throughout_is_read(promise, tmp_path, mark, decimal):
    if MARKS[mark] == decimal:
        return
    rng = np.random.default_rng(5)
    values = [
        0.25,
        -0.5,
        3.0,
        999.0,
        1000.0,
        -1512.75,
        12345.5,
        1234567.0,
        *np.round(10.0 ** rng.uniform(-2, 9, 60), 2),
    ]
    path = tmp_path / "f.csv"
    path.write_text(
        "x\tn\n" + "".join(f"{grouped(float(v), MARKS[mark], decimal)}\t1\n" for v in values), encoding="utf-8"
    )
    series = promise.answered(lambda: sa.read(path, "x", decimal=decimal))
    assert series.values.tolist() == values
    assert series.notes == ()


# Cells, the decimal mark, and the line of the first that contradicts (by eye); None where the file asks for the other
# mark.
CONTRADICTIONS = {
    "two digits behind a point": (["1.512", "1.51", "1.700"], ",", 3, "decimal-point"),
    "one digit behind a point": (["1.512", "1.7"], ",", 3, "decimal-point"),
    "no thousand": (["0.512", "1.512"], ",", 2, "decimal-point"),
    "no thousand, with a sign": (["1.512", "-0.512"], ",", 3, "decimal-point"),
    "a group of zeros": (["000.512", "1.512"], ",", 2, "decimal-point"),
    "points only": (["1.5", "2.25"], ",", 2, "decimal-point"),
    "an exponent": (["1.512e3", "2"], ",", 2, "decimal-point"),
    "a point and commas": (["1,512.5", "3"], ",", 2, "decimal-point"),
    "four digits behind a point": (["1.512", "1.5125"], ",", 3, "decimal-point"),
    "no thousand, commas": (["0,512", "1,512"], ".", 2, "decimal-comma"),
    "two digits behind a comma": (["1,512", "1,51"], ".", 3, "decimal-comma"),
    "commas and a point": (["1.512,5", "3"], ".", 2, "decimal-comma"),
    "an exponent behind a comma": (["1,512e3", "2"], ".", 2, "decimal-comma"),
    "comma and point as decimal marks": (["3.5", "4,5"], ".", 3, "decimal-comma"),
    "point and comma as decimal marks": (["3,5", "4.5"], ",", 3, "decimal-point"),
    "groups of two": (["12,34,567", "5"], ".", 2, "thousands"),
    "groups of four": (["1,2345,678", "5"], ".", 2, "thousands"),
    "a first group of four": (["1234,567,890", "5"], ".", 2, "thousands"),
    "behind the decimal mark": (["1.512,345.678", "5"], ",", 2, "thousands"),
    "two kinds of marks": (["1 512", "1'512"], ".", 3, "thousands"),
    "two kinds in one cell": (["1 512'300", "5"], ".", 2, "thousands"),
    "blanks between hundreds": (["15 12", "5"], ".", 2, "thousands"),
    "two blanks": (["1  512", "5"], ".", 2, "thousands"),
    "some grouped and some not": (["1,512", "2000"], ".", 3, "thousands"),
    "the other way round": (["12345", "1,512"], ".", 2, "thousands"),
    "blanks, some without": (["12 345", "12345"], ".", 3, "thousands"),
    "points, some without": (["1.512", "20000,5"], ",", 3, "thousands"),
    "three points": (["1.234.5", "5"], ",", 2, "thousands"),
}


@pytest.mark.parametrize("kind", CONTRADICTIONS)
@pytest.mark.parametrize("command", COMMANDS)
def test_V13_marks_that_contradict_each_other_are_named_with_their_line(promise, run, tmp_path, kind, command):
    cells, decimal, line, code = CONTRADICTIONS[kind]
    path = tmp_path / "f.csv"
    path.write_text("x\tn\n" + "".join(f"{cell}\t1\n" for cell in cells), encoding="utf-8")
    other = {".": ",", ",": "."}[decimal]
    error = promise.refused(
        lambda: sa.read(path, "x", decimal=decimal), (code, "not-a-number"), f"line {line}", cells[line - 2]
    )
    assert error.line == line
    assert typed(run, command, path, "--value", "x", "--decimal", decimal)[0] == 3
    if f'decimal="{other}"' in str(error):  # what to type instead is right
        promise.answered(lambda: sa.read(path, "x", decimal=other))


@pytest.mark.parametrize(
    ("cells", "decimal", "first", "second"),
    [
        (["1.512", "1.700"], ",", 1512.0, "1.512"),
        (["-1.512", "2"], ",", -1512.0, "-1.512"),
        (["1,512", "1,700"], ".", 1512.0, "1.512"),
        (["999", "12,345"], ".", 12345.0, "12.345"),
        (["+1,512", "0"], ".", 1512.0, "1.512"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_V13_what_nothing_decides_is_noted_with_both_readings(
    promise, run, tmp_path, cells, decimal, first, second, command
):
    path, other = tmp_path / "f.csv", {".": ",", ",": "."}[decimal]
    path.write_text("x\tn\n" + "".join(f"{cell}\t1\n" for cell in cells * 20), encoding="utf-8")
    says = (f"{first:g}", second, f'decimal="{other}"')
    assert first in promise.answered(lambda: sa.read(path, "x", decimal=decimal), *says).values
    again = promise.answered(lambda: sa.read(path, "x", decimal=other))
    assert float(second) in again.values
    assert again.notes == ()
    code, out, err = typed(run, command, path, "--value", "x", "--decimal", decimal)
    assert code == 0
    assert f"--decimal {other}" in out + err


@pytest.mark.parametrize(
    ("cells", "decimal", "values"),
    [
        (["1.512", "2,5"], ",", [1512.0, 2.5]),
        (["1,512", "2.5"], ".", [1512.0, 2.5]),
        (["1.512.300", "5"], ",", [1512300.0, 5.0]),
        (["1,5e3", ",5", "5,"], ",", [1500.0, 0.5, 5.0]),
        (["1234", "12.345,0"], ",", [1234.0, 12345.0]),  # four digits may go without
        (["1.5", "1.512"], ".", [1.5, 1.512]),
        (["1,512", "", "NA", "2,5"], ",", [1.512, np.nan, np.nan, 2.5]),
    ],
    ids=str,
)
def test_V13_what_the_column_decides_needs_no_note(promise, tmp_path, cells, decimal, values):
    path = tmp_path / "f.csv"
    path.write_text("x\tn\n" + "".join(f"{cell}\t1\n" for cell in cells), encoding="utf-8")
    series = promise.answered(lambda: sa.read(path, "x", decimal=decimal, missing="skip"))
    np.testing.assert_array_equal(series.values, values)
    assert series.notes == ()


TEXT = {
    "a list": lambda: WORDS,
    "an array": lambda: np.array(WORDS),
    "numpy's own strings": lambda: np.array(WORDS, dtype=np.dtypes.StringDType()),
    "objects": lambda: np.array(WORDS, dtype=object),
    "pandas": lambda: pd.Series(WORDS),
    "pandas categories": lambda: pd.Series(WORDS, dtype="category"),
    "polars": lambda: pl.Series(WORDS),
    "polars categories": lambda: pl.Series(WORDS, dtype=pl.Categorical),
    "arrow": lambda: pa.array(WORDS),
    "arrow dictionary": lambda: pa.array(WORDS).dictionary_encode(),
}


@pytest.mark.parametrize("kind", TEXT)
@pytest.mark.parametrize("door", ENTRY_POINTS)
def test_V11_text_is_refused_by_models_of_numbers(promise, door, kind):
    for model in ("AR", "Mean", "SSA"):
        promise.refused(
            lambda model=model: ENTRY_POINTS[door](TEXT[kind](), model),
            "symbols",
            "MarkovChain",
            kind=sa.errors.DtypeError,
        )


@pytest.mark.parametrize(
    "name", [name for name, case in NUMERIC.items() if not name.startswith(("MarkovChain", "HMM"))]
)
def test_V11_every_model_of_numbers_names_the_one_for_text(promise, name):
    promise.refused(lambda: CASES[name].make().fit(WORDS * 4), "symbols", "MarkovChain", kind=sa.errors.DtypeError)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.symbols])
@pytest.mark.parametrize("kind", TEXT)
def test_V11_text_is_taken_by_models_of_symbols_and_keeps_its_order(promise, name, kind):
    model = promise.answered(lambda: CASES[name].make().fit(TEXT[kind]()))
    ahead = promise.answered(lambda: model.forecast(TEXT[kind](), 4))
    assert set(ahead.tolist()) <= {"sun", "rain", "fog"}
    if "categories" not in kind and "dictionary" not in kind:  # those come in an order of their own
        assert ahead.tolist() == CASES[name].make().fit(WORDS).forecast(WORDS, 4).tolist()


@pytest.mark.parametrize(
    "order", [["fog", "rain", "sun"], ["sun", "fog", "rain"], ["rain", "hail", "sun", "fog"]], ids=str
)
def test_V11_the_order_of_categories_is_the_one_given(promise, order):
    for data in (
        pd.Series(pd.Categorical(WORDS, categories=order, ordered=True)),
        pl.Series(WORDS, dtype=pl.Enum(order)),
    ):
        assert promise.answered(lambda data=data: sa.Series(data)).categories == tuple(order)
    assert promise.answered(lambda: sa.Series(WORDS, categories=order)).categories == tuple(order)
    assert promise.answered(lambda: sa.Series(WORDS)).categories == ("fog", "rain", "sun")
    promise.refused(lambda: sa.Series(WORDS, categories=order[:2]), "categories", "row")


@pytest.mark.parametrize("command", COMMANDS)
def test_V11_a_file_of_text(run, tmp_path, command):
    path = written(tmp_path, WORDS)
    code, _, err = typed(run, command, path)
    assert code == 3
    assert "MarkovChain" in err
    assert run(command, path, "--horizon", 2)[0] == 0


def test_V1_a_hole_in_a_file_of_one_column_is_a_hole(tmp_path):
    for content in ("v\n1\n\n3\n", 'v\n1\n""\n3\n', "v\n1\n \n3\n"):
        (tmp_path / "f.csv").write_text(content)
        with pytest.raises(sa.errors.InputError, match="1 of 3 values"):
            sa.read(tmp_path / "f.csv")
        assert np.isnan(sa.read(tmp_path / "f.csv", missing="skip").values[1])


@every_maker
@pytest.mark.parametrize("factor", [1e308 / 5.0, 1e200, 1e-200, 1e-310])
def test_V6_a_model_without_a_guard_keeps_the_contract_at_every_size(make, factor):
    report = testing.check_forecaster(make(), Y * factor)
    assert report.kept == tuple(testing.PROMISES)


@every_maker
@pytest.mark.parametrize("exponent", [-1000, -700, -310, -300, 300, 310, 700, 1020])
def test_V6_without_a_guard_the_forecast_scales_bit_for_bit(make, exponent):
    y = np.round(Y * 64) / 64
    plain = make().fit(y[:100]).forecast(y, 5)
    scaled = np.ldexp(y, exponent)
    assert make().fit(scaled[:100]).forecast(scaled, 5).tobytes() == np.ldexp(plain, exponent).tobytes()


def test_V6_distributions_and_paths_come_back_in_the_unit_of_the_series():
    y = np.round(Y * 64) / 64
    plain = Moment().fit(y[:100])
    for exponent in (-1000, 700, 1010):
        scaled = np.ldexp(y, exponent)
        model = Moment().fit(scaled[:100])
        distribution, wanted = model.predictive(model.encode(scaled), 3), plain.predictive(plain.encode(y), 3)
        np.testing.assert_array_equal(distribution.mean(), np.ldexp(wanted.mean(), exponent))
        np.testing.assert_array_equal(distribution.std(), np.ldexp(wanted.std(), exponent))
        drawn, expected = (m.paths(m.encode(v), 3, 4, seed=1) for m, v in ((model, scaled), (plain, y)))
        np.testing.assert_array_equal(drawn, np.ldexp(expected, exponent))


@settings(max_examples=25)
@given(st.integers(-900, 900), st.integers(0, 1000), st.sampled_from(["ols", "yule-walker", "burg"]))
def test_V6_scaling_by_a_power_of_two_scales_the_forecast_bit_for_bit(exponent, seed, method):
    x = np.random.default_rng(seed).normal(size=60)
    scaled = np.ldexp(x, exponent)
    for make in (
        lambda: sa.AR(3, method=method),
        sa.baselines.Mean,
        sa.baselines.Naive,
        sa.baselines.Drift,
        lambda: sa.SSA(rank=2, window=12),
    ):
        plain = make().fit(x[:40]).forecast(x, 6)
        assert np.ldexp(plain, exponent).tobytes() == make().fit(scaled[:40]).forecast(scaled, 6).tobytes()


def test_V7_a_high_level_is_centred_first():
    wiggle = sine(5, 400)
    plain = sa.AR(8).fit(wiggle[:300]).forecast(wiggle, 20)
    high = sa.AR(8).fit(wiggle[:300] + 1e10).forecast(wiggle + 1e10, 20)
    assert np.abs(high - 1e10 - plain).max() <= 1e-11 * 1e10 / 1e2


def test_V5_constant_and_zero_are_exact():
    for level in (0.0, 0.1, -7.3, 1e10 + 1 / 3):
        y = np.full(200, level)
        for model in (
            sa.AR(4),
            sa.AR(4, method="burg"),
            sa.AR(4, method="yule-walker"),
            sa.SSA(rank=1, window=10),
            sa.baselines.Mean(),
        ):
            assert model.fit(y[:100]).forecast(y, 5).tolist() == [level] * 5, model
        result = sa.evaluate(sa.AR(4), y, 5)
        with pytest.warns(sa.errors.StepaheadWarning, match="null"):
            skill = result["AR(4)"].skill()
        assert np.isnan(skill).all()
        with pytest.warns(sa.errors.StepaheadWarning, match="null"):
            assert np.isnan(result["AR(4)"].mase()).all()


def test_V8_is_never_written_to_nor_changed_from_outside():
    y = SEVEN.copy()
    series = sa.Series(y)
    y[0] = 99.0
    assert series.values[0] == 3.0
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 1.0
    with pytest.raises(AttributeError, match="does not change"):
        series.name = "other"


def test_V9_not_numbers():
    assert "complex" in str(refused("dtype", SEVEN + 1j, kind=sa.errors.DtypeError))
    error = refused("dtype", [1.0, object(), 3.0], kind=sa.errors.DtypeError)
    assert error.row == 1
    error = refused("dtype", [1.0, "2.0", 3.0], kind=sa.errors.DtypeError)
    assert (error.row, error.found) == (1, "2.0")
    error = refused("dtype", ["1.0", 2.0], kind=sa.errors.DtypeError)
    assert error.row == 1
    refused("dtype", np.array(["2024-01-01"], dtype="datetime64[D]"), kind=sa.errors.DtypeError)
    assert isinstance(error, TypeError)
    assert isinstance(error, ValueError)


def test_V11_text_and_categories():
    series = sa.Series(["b", "a", None, "b"], missing="skip")
    assert series.categories == ("a", "b")
    assert series.values.tolist() == [1, 0, -1, 1]
    assert series.values.dtype == np.int64
    assert series.symbols.tolist() == ["b", "a", None, "b"]
    ordered = pd.Series(pd.Categorical(["low", "high", "low"], categories=["low", "mid", "high"], ordered=True))
    assert sa.Series(ordered).categories == ("low", "mid", "high")
    assert sa.Series(pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"]))).categories == ("y", "x")
    assert sa.Series(["x", "y"], categories=["y", "x"]).values.tolist() == [1, 0]
    assert refused("categories", ["x", "z"], categories=["x", "y"]).row == 1
    with pytest.raises(sa.errors.DtypeError) as caught:
        sa.evaluate(sa.AR(1), ["a", "b"] * 20, 2)
    assert "MarkovChain" in str(caught.value)
