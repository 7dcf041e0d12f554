"""Every door: files, frames, panels, datasets, and the strategies behind them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
import subprocess
import sys
import wave
from importlib.resources import files

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

import stepahead as sa
from stepahead import datasets
from stepahead.datasets import simulators
from stepahead.report import figures

from .cases import note_module
from .counting import calls
from .data import path, sine
from .test_reading import BAD


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    list(datasets.write(folder))
    return folder


# the three examples of the note, by the command line alone


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            ["stock_price.csv", "--value", "adj_close", "--time", "date", "--models", "ar", "--lags", 8],
            ["78 % are 1 day", "1245 held-out"],
        ),
        (["speech.wav", "--models", "ar", "--lags", 16], ["AR(16)", "21057 held-out"]),
        (
            ["seattle_temperature.csv", "--value", "temp_max", "--time", "date"],
            ["AR(auto)", "Scaled(MLP(16))", "522 held-out"],
        ),
    ],
    ids=["stock prices", "speech", "temperature"],
)
def test_the_three_examples_of_the_note_run_from_a_file(run, shipped, typed, words):
    code, out, err = run("evaluate", shipped / typed[0], *typed[1:], "--horizon", 64)
    assert code == 0, err
    for word in [*words, "k=64", "Naive"]:
        assert word in out


def test_co2_has_gaps_and_every_model_is_scored_on_the_same_rows():
    series = datasets.co2()
    assert int(np.isnan(series.values).sum()) == 59
    result = sa.evaluate([sa.AR(24), sa.Scaled(sa.MLP(24))], series, 64)
    assert len({tuple(found.origins) for found in result.values()}) == 1
    n = result["AR(24)"].n()
    origins, x = result["AR(24)"].origins, series.values
    assert n.tolist() == [int(sum(not np.isnan(x[o + k - 1]) for o in origins)) for k in range(1, 65)]
    assert len(set(n.tolist())) > 1
    for found in result.values():
        assert np.isfinite(found.rmse()).all()
        windows = [x[o - 24 : o] for o in origins]
        assert not np.isnan(windows).any()
    row = 100
    errors = [found.predictions[row] - x[origins[row] : origins[row] + 64] for found in result.values()]
    assert np.isfinite(errors[0][~np.isnan(x[origins[row] : origins[row] + 64])]).all()
    with pytest.raises(sa.errors.InputError) as caught:
        sa.Series(series.values)
    assert caught.value.count == 59


def test_every_makes_the_gaps_of_trading_days_visible():
    prices = datasets.stock_price()
    with pytest.raises(sa.errors.InputError, match="times are missing"):
        sa.Series(prices.values, times=prices.times, every="1D")
    daily = sa.Series(prices.values, times=prices.times, every="1D", missing="skip")
    assert len(daily) == int((prices.times[-1] - prices.times[0]).astype(int)) + 1
    assert int((~np.isnan(daily.values)).sum()) == 3270


# datasets


@pytest.mark.parametrize("name", datasets.CATALOGUE)
def test_every_dataset_is_what_its_page_says_and_can_be_drawn(name, tmp_path):
    series = getattr(datasets, name)()
    entry = datasets.CATALOGUE[name]
    page = (files(datasets.__package__) / "data" / "README.md").read_text()
    assert f"`{entry.file}`" in page
    assert entry.licence.split(",")[0] in page
    lengths = {
        "seattle_temperature": 1461,
        "stock_price": 3270,
        "speech": 52800,
        "sunspots": 309,
        "el_nino": 732,
        "nile": 100,
        "co2": 2284,
    }
    assert len(series) == lengths[name]
    figures.save(figures.along(series.times, series.numbers, title=entry.what), tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 10_000
    assert getattr(datasets, name)().values.tobytes() == series.values.tobytes()


def test_the_shipped_data_are_those_of_their_sources():
    pairs = {
        "seattle_temperature": ("seattle_weather_daily.csv", "temp_max", "date"),
        "sunspots": ("sunspots_yearly.csv", "sunactivity", "year"),
        "el_nino": ("elnino_monthly.csv", "sst_c", "month"),
        "nile": ("nile_yearly.csv", "volume", "year"),
        "co2": ("co2_weekly.csv", "co2_ppm", "week_ending"),
    }
    for name, (file, value, when) in pairs.items():
        theirs = sa.read(path(file), value, when, missing="skip")
        ours = getattr(datasets, name)()
        np.testing.assert_array_equal(ours.values, theirs.values)
        assert (ours.times == theirs.times).all()
    prices = sa.read(path("stock_IBM_daily.csv"), "adj_close", "date")
    np.testing.assert_allclose(datasets.stock_price().values, prices.values, atol=5e-5)
    whole = sa.read(path("speech/cmu_arctic_a0007.wav"))
    np.testing.assert_array_equal(datasets.speech().values, whole.values[3200:56000])


def test_the_package_data_are_small_and_carry_their_notice():
    folder = files(datasets.__package__) / "data"
    assert sum(len(entry.read_bytes()) for entry in folder.iterdir()) < 300_000
    assert "Carnegie Mellon University" in (folder / "speech-COPYING.txt").read_text()


def test_simulators_know_their_limit_and_nobody_beats_it():
    series = datasets.ar_process([0.2, 0.6], length=6000, seed=1)
    result = sa.evaluate(sa.AR(2), series, 16, train=3000)
    limit = series.limit(16)
    assert limit[0] == 1.0
    psi = [1.0, 0.6]
    for _ in range(14):
        psi.append(0.6 * psi[-1] + 0.2 * psi[-2])
    np.testing.assert_allclose(limit, np.sqrt(np.cumsum(np.square(psi))))
    np.testing.assert_allclose(result["AR(2)"].rmse(), limit, rtol=0.06)
    assert "noise floor" in result.table()
    chain = datasets.markov(length=20_000, seed=2)
    scored = sa.evaluate(sa.MarkovChain(), chain, 4, train=10_000)
    np.testing.assert_allclose(scored["MarkovChain(1)"].log_loss(), chain.limit(4), rtol=0.03)
    assert "noise floor" in scored.table()
    x = datasets.logistic_map(length=500, seed=3)
    np.testing.assert_allclose(x.values[1:], 3.9 * x.values[:-1] * (1 - x.values[:-1]), atol=1e-12)
    assert x.limit(2).tolist() == [0.0, 0.0]
    walk = datasets.ar_process([1.0], length=50, seed=0)
    assert walk.values[0] != 0.0


def test_mackey_glass_is_that_of_the_theory():
    """theory.md 4b: last value .83, .76, 1.52 deviations at k = 1, 16, 64, on one trajectory (between them .00, .03,
    .13).
    """
    found = []
    for seed in range(6):
        x = datasets.mackey_glass(length=1000, seed=seed)
        result = sa.evaluate(sa.baselines.Naive(), x, 64, train=604, steps=[1, 16, 64])
        found.append(result["Naive"].rmse())
    assert (np.abs(np.mean(found, axis=0) - [0.83, 0.76, 1.52]) < [0.02, 0.08, 0.3]).all()


@pytest.mark.parametrize(
    "bad",
    [
        lambda: datasets.ar_process([1.2]),
        lambda: datasets.ar_process([]),
        lambda: datasets.ar_process([float("nan")]),
        lambda: datasets.noisy_sine(length=0),
        lambda: datasets.noisy_sine(seed=-1),
        lambda: datasets.noisy_sine(noise=-1.0),
        lambda: datasets.logistic_map(rate=5.0),
        lambda: datasets.markov([[0.5, 0.4], [0.5, 0.5]]),
        lambda: datasets.markov(states=["a"]),
        lambda: datasets.mackey_glass(delay=0),
    ],
)
def test_simulators_refuse_by_name(bad):
    with pytest.raises(sa.errors.ParameterError):
        bad()


def test_simulated_series_travel_between_processes():
    for make in (datasets.noisy_sine, datasets.ar_process, datasets.markov, datasets.logistic_map):
        series = make(length=20, seed=4)
        again = pickle.loads(pickle.dumps(series))  # noqa: S301
        assert again.values.tobytes() == series.values.tobytes()
        assert again.limit(3).tolist() == series.limit(3).tolist()
        assert make(length=20, seed=4).values.tobytes() == series.values.tobytes()
    assert simulators.Certain()(2).tolist() == [0.0, 0.0]


# the same bits from every kind of file and frame


def test_every_entry_point_gives_the_same_bits(tmp_path):
    x = sine(0, 200) * 7.3
    frame = pd.DataFrame({"t": np.arange(200), "x": x})
    frame.to_csv(tmp_path / "f.csv", index=False)
    pq.write_table(pa.table({"t": np.arange(200), "x": x}), tmp_path / "f.parquet")
    doors = {
        "csv": sa.read(tmp_path / "f.csv", "x", "t"),
        "parquet": sa.read(tmp_path / "f.parquet", "x", "t"),
        "pandas": sa.read(frame, "x", "t"),
        "polars": sa.read(pl.from_pandas(frame), "x", "t"),
        "lazy": sa.read(pl.from_pandas(frame).lazy(), "x", "t"),
        "pyarrow": sa.read(pa.Table.from_pandas(frame), "x", "t"),
        "numpy": sa.Series(x),
        "list": sa.Series(x.tolist()),
        "torch": sa.Series(torch.tensor(x)),
        "column": sa.Series(frame["x"]),
    }
    expected = sa.evaluate(sa.AR(4), x, 8)["AR(4)"].predictions.tobytes()
    for name, series in doors.items():
        assert series.values.tobytes() == x.tobytes(), name
        assert sa.evaluate(sa.AR(4), series, 8)["AR(4)"].predictions.tobytes() == expected, name
    assert isinstance(sa.evaluate(sa.AR(4), doors["polars"], 8).to_frame(), pl.DataFrame)
    assert isinstance(sa.evaluate(sa.AR(4), doors["pyarrow"], 8).to_frame(), pa.Table)


def sound(samples: np.ndarray, width: int, rate: int = 16000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        if width == 1:
            raw = (samples + 128).astype(np.uint8).tobytes()
        elif width == 3:
            raw = samples.astype("<i4").reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        else:
            raw = samples.astype(f"<i{width}").tobytes()
        file.writeframes(raw)
    return out.getvalue()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_every_width(tmp_path, width):
    top = 2 ** (8 * width - 1)
    samples = np.array([0, 1, -1, top - 1, -top, 5])
    (tmp_path / "a.wav").write_bytes(sound(samples, width))
    series = sa.read(tmp_path / "a.wav")
    assert series.values.tolist() == (samples / top).tolist()
    np.testing.assert_allclose(series.times, np.arange(6) / 16000)
    assert series.name == "a"


def test_wav_of_two_channels_and_what_is_none(tmp_path):
    both = np.array([[1, -1], [2, -2], [3, -3]])
    (tmp_path / "s.wav").write_bytes(sound(both, 2))
    assert sa.read(tmp_path / "s.wav", "2").values.tolist() == (both[:, 1] / 2**15).tolist()
    for bad in (None, "3", "left"):
        with pytest.raises(sa.errors.ParameterError, match="channel"):
            sa.read(tmp_path / "s.wav", bad)
    whole = sound(both, 2)
    for content in (whole[:20], whole[:-4], whole.replace(b"\x01\x00\x02\x00", b"\x03\x00\x02\x00", 1)):
        (tmp_path / "b.wav").write_bytes(content)
        with pytest.raises(sa.errors.InputError) as caught:
            sa.read(tmp_path / "b.wav", "1")
        assert caught.value.code == "wav"


def test_what_is_no_file_and_no_frame(tmp_path):
    for bad in (None, 3, np.arange(3.0), [1.0, 2.0]):
        with pytest.raises(sa.errors.DtypeError, match="cannot be read"):
            sa.read(bad)
    for bad in ("no\0name", tmp_path, tmp_path / "nothing"):
        with pytest.raises(sa.errors.InputError):
            sa.read(bad)
    (tmp_path / "f.parquet").write_bytes(b"PAR1" + b"x" * 50)
    with pytest.raises(sa.errors.InputError, match="not a Parquet file"):
        sa.read(tmp_path / "f.parquet", "x")
    with pytest.raises(sa.errors.InputError, match="did you mean 'load'"):
        sa.read(pd.DataFrame({"load": [1.0], "t": [1]}), "laod")


# panels


def long_table(bad: bool = False) -> pd.DataFrame:
    rows = [("b", t, v) for t, v in enumerate(sine(0, 80))] + [("a", t, 5 + v) for t, v in enumerate(sine(1, 60))]
    if bad:
        rows += (
            [("short", t, 1.0 * t) for t in range(4)]
            + [("holes", t, None) for t in range(60)]
            + [("../x\u202e", 0, 1.0)]
        )
    return pd.DataFrame(rows, columns=["unique_id", "ds", "y"])


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "csv", "parquet"])
def test_a_long_table_is_a_panel_whatever_holds_it(tmp_path, kind):
    frame = long_table()
    shuffled = frame.sample(frac=1.0, random_state=0)
    source = {
        "pandas": lambda: shuffled,
        "polars": lambda: pl.from_pandas(shuffled),
        "pyarrow": lambda: pa.Table.from_pandas(shuffled, preserve_index=False),
        "csv": lambda: shuffled.to_csv(tmp_path / "f.csv", index=False) or tmp_path / "f.csv",
        "parquet": lambda: shuffled.to_parquet(tmp_path / "f.parquet") or tmp_path / "f.parquet",
    }[kind]()
    panel = sa.read_panel(source)
    by_name = {series.name: series for series in panel}
    assert set(by_name) == {"a", "b"}
    assert by_name["b"].values.tobytes() == sine(0, 80).tobytes()
    assert by_name["a"].times.tolist() == list(range(60))
    renamed = frame.rename(columns={"unique_id": "shop", "ds": "day", "y": "sold"})
    assert [s.name for s in sa.read_panel(renamed, value="sold", time="day", id="shop")] == ["b", "a"]


def test_F5_one_bad_series_never_costs_the_others():
    panel = sa.read_panel(long_table(bad=True))
    assert list(panel.refused) == ["holes"]
    assert "missing" in panel.refused["holes"]
    result = sa.evaluate(sa.AR(4), panel, 6)
    assert result.status["a"] == result.status["b"] == "ok"
    assert "4 values" in result.status["short"]
    assert set(result.status) == {"a", "b", "short", "holes", "../x\u202e"}
    good = sa.evaluate(sa.AR(4), [s for s in panel if s.name in "ab"], 6)
    np.testing.assert_allclose(result["AR(4)"].rmse(), good["AR(4)"].rmse(), rtol=1e-9)
    assert any("3 of 5 series" in text for text in result.notes)
    with pytest.raises(sa.errors.InputError, match="none of 1 series"):
        sa.read_panel(pd.DataFrame({"unique_id": ["a"], "ds": [1], "y": [np.nan]}))


def test_F5_the_command_line_delivers_the_rest_and_ends_with_6(run, tmp_path):
    long_table(bad=True).to_csv(tmp_path / "p.csv", index=False)
    typed = [
        "evaluate",
        tmp_path / "p.csv",
        "--id",
        "unique_id",
        "--value",
        "y",
        "--time",
        "ds",
        "--horizon",
        6,
        "--models",
        "ar",
        "--lags",
        4,
    ]
    code, out, err = run(*typed, "--json")
    assert code == 6
    assert json.loads(out)["status"]["a"] == "ok"
    assert "3 of 5 series failed" in err
    assert "\u202e" not in err
    code, out, err = run(
        "forecast", tmp_path / "p.csv", "--id", "unique_id", "--value", "y", "--time", "ds", "--horizon", 2, "--lags", 4
    )
    assert code == 6
    rows = list(csv.DictReader(out.splitlines()))
    assert [(r["series"], r["k"]) for r in rows][:4] == [("b", "1"), ("b", "2"), ("a", "1"), ("a", "2")]
    long_table().to_csv(tmp_path / "good.csv", index=False)
    assert run("evaluate", tmp_path / "good.csv", *typed[2:])[0] == 0


def test_the_exit_code_is_that_of_the_process(tmp_path):
    frame = pd.concat([long_table(), pd.DataFrame({"unique_id": ["dup"] * 2, "ds": [1, 1], "y": [1.0, 2.0]})])
    frame.to_csv(tmp_path / "p.csv", index=False)
    reading = [
        str(tmp_path / "p.csv"),
        "--id",
        "unique_id",
        "--time",
        "ds",
        "--value",
        "y",
        "--horizon",
        "2",
        "--models",
        "naive",
    ]
    for command in ("forecast", "evaluate"):
        done = subprocess.run(
            [sys.executable, "-m", "stepahead", command, *reading, "--json"], capture_output=True, text=True
        )
        assert done.returncode == 6, done.stderr
        assert json.loads(done.stdout)["status"]["a"] == "ok"
        assert "stands at row" in json.loads(done.stdout)["status"]["dup"]
    one = pd.concat([long_table()[:80], frame[-2:]])
    one.to_csv(tmp_path / "p.csv", index=False)
    done = subprocess.run([sys.executable, "-m", "stepahead", "forecast", *reading], capture_output=True, text=True)
    assert done.returncode == 6
    assert done.stdout.splitlines()[0] == "series,k,time,Naive"
    for typed, code in ((["models"], 0), (["evaluate", "nothing.csv", "--horizon", "2"], 3), (["nonsense"], 2)):
        assert subprocess.run([sys.executable, "-m", "stepahead", *typed], capture_output=True).returncode == code


def test_series_of_one_name_are_told_apart():
    r = np.random.default_rng(0)
    parts = [sa.Series(r.normal(size=n), name=k) for n, k in ((100, None), (90, "0"), (6, "0"))]
    status = sa.evaluate(sa.AR(2), parts, 5).status
    assert list(status) == ["0", "0 #1", "0 #2"]
    assert [why == "ok" for why in status.values()] == [True, True, False]


def test_what_a_panel_cannot_be_read_from_is_said(tmp_path):
    for ids in (["a", None], [1, np.nan], ["a", float("nan")]):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.read_panel(pd.DataFrame({"unique_id": ids, "ds": [1, 2], "y": [1.0, 2.0]}))
        assert caught.value.code == "id-missing"
    assert [s.name for s in sa.read_panel(pd.DataFrame({"unique_id": [1.0, 2.0], "ds": [1, 2], "y": [1.0, 2.0]}))] == [
        "1",
        "2",
    ]
    (tmp_path / "p.csv").write_text("unique_id,ds,y\na,1,1\n a,2,2\nb,,5\nb,2,6\n")
    panel = sa.read_panel(tmp_path / "p.csv")
    assert [len(series) for series in panel] == [2]
    assert "time is missing" in panel.refused["b"]
    (tmp_path / "p.csv").write_text("unique_id,ds,y\na,1,1\n,2,2\n")
    with pytest.raises(sa.errors.InputError, match="line 3"):
        sa.read_panel(tmp_path / "p.csv")
    with pytest.raises(sa.errors.InputError, match="no rows"):
        sa.read_panel(pd.DataFrame({"unique_id": [], "ds": [], "y": []}))
    with pytest.raises(sa.errors.InputError):
        sa.read(pd.DataFrame(np.ones((3, 2)), columns=["a", "a"]), "a")
    assert sa.read(pd.DataFrame({0: [1.0, 2.0, 3.0]})).name == "0"
    far = pd.DataFrame({"unique_id": list("abab"), "ds": [1, 1, 2, 10**12], "y": [1.0, 2, 3, 4]})
    assert list(sa.read_panel(far, every=1, missing="skip").refused) == ["b"]
    (tmp_path / "t.csv").write_text("t,x\n1,1\n2,2\nx,3\n")
    with pytest.raises(sa.errors.InputError, match="line 4: 'x'"):
        sa.read(tmp_path / "t.csv", "x", "t")


def test_F6_ids_are_data_never_a_path(run, tmp_path):
    ids = ["", "x" * 10_000, "../x", "/etc/passwd", "\U0001f600", "\u05d0\u05d1", "Case", "case", "=cmd()", "a,b"]
    rows = [(name, t, float(t % 5)) for name in ids for t in range(40)]
    pd.DataFrame(rows, columns=["id", "t", "y"]).to_parquet(tmp_path / "p.parquet")
    panel = sa.read_panel(tmp_path / "p.parquet", value="y", time="t", id="id")
    assert [series.name for series in panel] == ids
    before = sorted(p.name for p in tmp_path.iterdir())
    code, out, err = run(
        "forecast",
        tmp_path / "p.parquet",
        "--id",
        "id",
        "--value",
        "y",
        "--time",
        "t",
        "--horizon",
        1,
        "--models",
        "naive",
    )
    assert code == 0, err
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    written = [row["series"] for row in csv.DictReader(out.splitlines())]
    assert "'=cmd()" in written
    assert "=cmd()" not in written
    assert len(set(written)) == len(ids)


def test_the_order_of_a_panel_changes_no_bit_of_a_chain_or_a_baseline():
    one, two = sa.Series(list("bcb" * 9)), sa.Series(list("aba" * 9))
    first, second = sa.MarkovChain().fit([one, two]), sa.MarkovChain().fit([two, one])
    assert first.states_ == second.states_ == ("a", "b", "c")
    assert first.transition_.tobytes() == second.transition_.tobytes()
    frame = sa.k_step(first, [one, two], 2, train=0).to_frame("predictions")
    assert set(frame["actual"][frame["series"] == "1"]) == {"a", "b"}
    with pytest.raises(sa.errors.DtypeError, match="found both"):
        sa.evaluate(sa.baselines.Naive(), [one, sa.Series(sine(0, 40))], 2)


def test_the_work_of_many_series_is_linear():
    def work(count: int) -> int:
        ids = np.repeat(np.arange(count), 30)
        frame = pd.DataFrame(
            {"unique_id": ids, "ds": np.tile(np.arange(30), count), "y": np.random.default_rng(0).normal(size=len(ids))}
        )
        return calls(lambda: sa.read_panel(frame))

    work(10)
    assert work(2000) < 1.1 * 8 * work(250)


def test_m4_weekly_by_one_pooled_ar():
    """Monash archive's pooled regression: mean MASE .4809 over the 359 series, 13 steps, 65 lags;
    a season of 52 weeks.
    """
    with gzip.open(path("M4_Weekly-train.csv.gz"), "rt") as file:
        train = [[float(v) for v in row[1:] if v] for row in list(csv.reader(file))[1:]]
    with path("M4_Weekly-test.csv").open() as file:
        test = [[float(v) for v in row[1:] if v] for row in list(csv.reader(file))[1:]]
    means = [np.mean(x) for x in train]
    scaled = [sa.Series(np.array(x) / m) for x, m in zip(train, means, strict=True)]
    model = sa.AR(65, intercept=False).fit(scaled)
    mase = []
    for x, y, m, series in zip(train, test, means, scaled, strict=True):
        ahead = model.forecast(series, 13) * m
        season = 52 if len(x) > 52 else 1
        mase.append(np.mean(np.abs(ahead - y)) / np.mean(np.abs(np.array(x[season:]) - x[:-season])))
    assert len(mase) == 359
    assert np.mean(mase) == pytest.approx(0.4809, abs=0.001)


# strategies


def test_etth1_through_scikit_learn_is_ar():
    x = sa.read(path("ETTh1.csv"), value="OT", time="date").values
    ours = sa.AR(24, chunk=96).fit(x[:8640])
    theirs = sa.Windowed(LinearRegression(), lags=24, chunk=96).fit(x[:8640])
    origins = range(11520, 11820)
    a, b = (sa.k_step(model, x[:14400], 96, origins=origins).predictions for model in (ours, theirs))
    np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("chunk", [1, 4, 12])
def test_per_step_is_direct(chunk):
    x = sine(0)
    direct = sa.AR(8, chunk=chunk).fit(x[:604])
    per_step = sa.Windowed(sa.wrappers.PerStep(LinearRegression()), lags=8, chunk=chunk).fit(x[:604])
    np.testing.assert_allclose(sa.k_step(direct, x, 12).predictions, sa.k_step(per_step, x, 12).predictions, atol=1e-9)
    knn = sa.Windowed(sa.wrappers.PerStep(KNeighborsRegressor(3)), lags=8, chunk=chunk).fit(x[:604])
    whole = sa.Windowed(KNeighborsRegressor(3), lags=8, chunk=chunk).fit(x[:604])
    np.testing.assert_allclose(knn.forecast(x, 12), whole.forecast(x, 12), atol=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rectified_takes_the_error_by_step_down(seed):
    x = sine(seed)
    result = sa.evaluate([sa.AR(64), sa.wrappers.Rectified(sa.AR(64))], x, 64, train=604, steps=[1, 16, 64])
    assert result["Rectified(AR(64))"].rmse()[2] <= result["AR(64)"].rmse()[2]
    assert result["Rectified(AR(64))"].rmse()[0] <= result["AR(64)"].rmse()[0] + 0.01


def test_rectified_beyond_its_horizon_is_the_model():
    x = sine(0)
    model = sa.wrappers.Rectified(sa.AR(16), horizon=5).fit(x[:604])
    np.testing.assert_array_equal(model.forecast(x, 20)[5:], model.model_.forecast(x, 20)[5:])
    assert (model.forecast(x, 20)[:5] != model.model_.forecast(x, 20)[:5]).all()


def test_differenced_follows_a_level_that_wanders_off():
    x = np.cumsum(sine(0, 400)) + 1e6
    result = sa.evaluate(sa.Differenced(sa.AR(4)), x, 8)
    plain = sa.k_step(sa.AR(4).fit(np.diff(x)[:239]), np.diff(x), 8).predictions
    run = result["Differenced(AR(4))"]
    np.testing.assert_allclose(run.predictions, x[run.origins - 1][:, None] + np.cumsum(plain, axis=1), rtol=1e-12)


def test_scaled_by_window_does_not_see_the_level():
    x = sine(0, 400)
    model = sa.Scaled(sa.AR(8), by="window").fit(x[:300])
    for level, factor in ((1e3, 1.0), (0.0, 50.0), (-7.0, 0.01)):
        np.testing.assert_allclose(
            model.forecast(x * factor + level, 10), model.forecast(x, 10) * factor + level, rtol=1e-6
        )
    for lags in (3, 4, 8):
        low = sa.Scaled(sa.AR(lags), by="window").fit(x[:300]).forecast(x, 20)
        for level in (1e3, 1e6):
            high = sa.Scaled(sa.AR(lags), by="window").fit(x[:300] + level).forecast(x + level, 20)
            np.testing.assert_allclose(high - level, low, atol=1e-6)
        assert np.abs(low).max() < 3
    with pytest.raises(sa.errors.ParameterError, match="window"):
        sa.Scaled(sa.AR("auto"), by="window").fit(x)
    with pytest.raises(sa.errors.ParameterError, match="at least 3"):
        sa.Scaled(sa.AR(2), by="window").fit(x)
    assert model.forecast(np.full(20, 4.0), 3) == pytest.approx(4.0, abs=0.2)
    with pytest.raises(sa.errors.ParameterError, match="window"):
        sa.Scaled(sa.baselines.Naive(), by="window").fit(x)
    with pytest.raises(sa.errors.ParameterError):
        sa.Scaled(sa.AR(2), by="sight").fit(x)


def test_scaled_keeps_the_distribution():
    x = 100.0 + 30.0 * sine(0)
    scaled, plain = sa.Scaled(sa.AR(4)).fit(x[:604]), sa.AR(4).fit(x[:604])
    np.testing.assert_allclose(sa.k_step(scaled, x, 6).crps(), sa.k_step(plain, x, 6).crps(), rtol=1e-8)
    with pytest.raises(sa.errors.InputError, match="no distribution"):
        sa.k_step(sa.Scaled(sa.MLP(4)).fit(x[:604]), x, 6).crps()


def test_select_takes_the_lowest_loss_and_fits_on_everything():
    x = sine(3)[:604]
    chosen = sa.select({"short": sa.AR(4), "long": sa.AR(64), "naive": sa.baselines.Naive()}, x, horizon=64)
    assert chosen.lags == 64
    assert min(chosen.selection_, key=chosen.selection_.get) == "long"
    assert chosen.trained_lengths_.tolist() == [604]
    assert chosen.forecast(x, 3).tolist() == sa.AR(64).fit(x).forecast(x, 3).tolist()
    auto = sa.AR("auto").fit(x).lags_
    assert sa.select([sa.AR(lags) for lags in (1, 2, 4, 8, 16, 32, 48, 64, 96, 128)], x, 64).lags == auto


def test_select_does_not_prefer_one_rounding_to_another():
    x = np.sin(2 * np.pi * np.arange(300) / 25)
    assert sa.AR("auto", intercept=False).fit(x).lags_ == 2


# from_torch, stacked nets


def as_module(model: sa.MLP) -> torch.nn.Sequential:
    """The note's module with the weights that `model` starts from."""
    first, second = model._start(0)
    net = note_module().double()
    with torch.no_grad():
        for layer, weights in ((net[0], first), (net[2], second)):
            layer.weight.copy_(torch.tensor(weights[:-1].T))
            layer.bias.copy_(torch.tensor(weights[-1]))
    return net


def test_the_notes_own_module_prints_the_notes_own_log():
    model = sa.from_torch(note_module(), lags=4).fit(sine(0)[:604])
    lines = model.log().splitlines()
    assert len(lines) == 5
    assert all(line.startswith(f"epoch {i + 1}, loss: 0.0") for i, line in enumerate(lines))
    assert model.name == "Sequential(4)"


def test_from_torch_has_the_losses_of_mlp_from_the_same_start():
    x = sine(0)
    ours = sa.MLP(4).fit(x[:604])
    theirs = sa.from_torch(as_module(ours), lags=4).fit(x[:604])
    np.testing.assert_allclose(theirs.losses_, ours.losses_, atol=1e-5)
    np.testing.assert_allclose(sa.k_step(theirs, x, 64).rmse(), sa.k_step(ours, x, 64).rmse(), rtol=1e-6)


def test_from_torch_is_a_model_like_any_other(tmp_path):
    x = sine(0, 300)
    module = note_module()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    model = sa.from_torch(module, lags=4, device="cpu", training=sa.Training(epochs=1)).fit(x[:200])
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items()), "trained in place"
    known = list(x[:250])
    for _ in range(6):
        with torch.no_grad():
            known.append(float(model.module_(torch.tensor([known[-4:]], dtype=torch.float32))))
    np.testing.assert_allclose(model.forecast(x, 6, origin=250), known[250:], rtol=1e-5)
    assert sa.audit(sa.from_torch(module, lags=4, training=sa.Training(epochs=1)), x[:120], horizon=4, train=80).causal
    again = sa.from_torch(module, lags=4, training=sa.Training(epochs=1)).fit(x[:200])
    assert again.forecast(x, 9).tobytes() == model.forecast(x, 9).tobytes()
    model.save(tmp_path / "m.safetensors")
    with pytest.raises(sa.errors.ModelFileError, match="module="):
        sa.load(tmp_path / "m.safetensors")
    loaded = sa.load(tmp_path / "m.safetensors", module=note_module(5))
    assert loaded.forecast(x, 9).tobytes() == model.forecast(x, 9).tobytes()
    with pytest.raises(sa.errors.ModelFileError, match="other weights"):
        sa.load(tmp_path / "m.safetensors", module=torch.nn.Linear(4, 1))
    assert sa.k_step(loaded, x, 5).train == (200,)
    wide = sa.from_torch(torch.nn.Linear(4, 3), lags=4, chunk=3).fit(x[:200])
    assert wide.forecast(x, 7).shape == (7,)
    scaled = sa.Scaled(sa.from_torch(module, lags=4, training=sa.Training(epochs=1)), by="window").fit(x[:200])
    assert np.isfinite(scaled.forecast(x, 5)).all()


def test_from_torch_with_layers_that_remember(tmp_path):
    def normed():
        return torch.nn.Sequential(
            torch.nn.Linear(4, 10), torch.nn.BatchNorm1d(10), torch.nn.Dropout(0.5), torch.nn.Linear(10, 1)
        )

    x = sine(0, 300)
    torch.manual_seed(0)
    model = sa.from_torch(normed(), lags=4, training=sa.Training(epochs=2)).fit(x[:200])
    assert int(model.module_[1].num_batches_tracked) == 2 * 13, "the loss pass is no training"
    model.save(tmp_path / "m.safetensors")
    assert (
        sa.load(tmp_path / "m.safetensors", module=normed()).forecast(x, 5).tobytes() == model.forecast(x, 5).tobytes()
    )
    for around in (sa.Scaled, sa.Differenced, lambda m: sa.wrappers.Rectified(sa.Scaled(m), horizon=3)):
        wrapped = around(sa.from_torch(note_module(), lags=4, training=sa.Training(epochs=1))).fit(x[:200])
        wrapped.save(tmp_path / "w.safetensors")
        assert (
            sa.load(tmp_path / "w.safetensors", module=note_module(9)).forecast(x, 5).tobytes()
            == wrapped.forecast(x, 5).tobytes()
        )


class Turned(torch.nn.Module):
    """Gives [chunk, rows]: as many numbers as wanted, in the wrong places."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(4, 3)

    def forward(self, z):
        return self.inner(z).T


def test_from_torch_refuses_what_does_not_fit():
    x = sine(0, 100)
    with pytest.raises(sa.errors.ParameterError, match="gives shape"):
        sa.from_torch(Turned(), lags=4, chunk=3).fit(x)
    with pytest.raises(sa.errors.ParameterError, match="refuses a batch"):
        sa.from_torch(note_module(), lags=5).fit(x)
    for bad in (torch.nn.Linear(4, 2), torch.nn.ReLU(), 3, torch.nn.Linear):
        with pytest.raises(sa.errors.ParameterError):
            sa.from_torch(bad, lags=4).fit(x)
    for keywords in (
        {"lags": 0},
        {"lags": 4, "training": 5},
        {"lags": 4, "training": False},
        {"lags": 4, "device": None},
    ):
        with pytest.raises(sa.errors.ParameterError):
            sa.from_torch(note_module(), **keywords).fit(x)
    with pytest.raises(sa.errors.FitError, match="diverged"):
        sa.from_torch(note_module(), lags=4).fit(x * 1e30)


def test_stacked_nets_are_the_loop_and_much_faster():
    panel = [sa.Series(sine(i, 604 if i % 7 else 500)) for i in range(60)]
    nets = sa.MLP(4, seed=3).fit_each(panel)
    for i in (0, 1, 7, 59):
        alone = sa.MLP(4, seed=3).fit(panel[i])
        np.testing.assert_allclose(nets[i].losses_, alone.losses_, atol=1e-5)
        np.testing.assert_allclose(nets[i].forecast(panel[i], 20), alone.forecast(panel[i], 20), atol=1e-5)
        assert nets[i].trained_lengths_.tolist() == alone.trained_lengths_.tolist()
    pair = sa.MLP(4, ensemble=2, training=sa.Training(epochs=1)).fit_each(panel[:3])
    np.testing.assert_allclose(
        pair[2].weights1_, sa.MLP(4, ensemble=2, training=sa.Training(epochs=1)).fit(panel[2]).weights1_, atol=1e-9
    )


def test_an_epoch_of_many_nets_is_as_many_calls_as_one_of_few():
    """How fast that is, benchmarks/spine.py measures: fifty times a loop of torch."""

    def epoch(nets: int) -> int:
        panel = [sa.Series(sine(i, 104)) for i in range(nets)]
        few, more = (
            calls(lambda epochs=epochs: sa.MLP(4, training=sa.Training(epochs=epochs)).fit_each(panel))
            for epochs in (2, 6)
        )
        return more - few

    epoch(2)
    assert 0 < epoch(40) <= 1.05 * epoch(4)


# the command line


def test_forecast_on_the_command_line(run, shipped, tmp_path):
    code, out, err = run(
        "forecast",
        shipped / "el_nino.csv",
        "--value",
        "sst_c",
        "--time",
        "month",
        "--horizon",
        3,
        "--lags",
        24,
        "--models",
        "ar,naive",
    )
    assert code == 0, err
    rows = list(csv.DictReader(out.splitlines()))
    series = datasets.el_nino()
    assert [r["time"] for r in rows] == ["2011-01", "2011-02", "2011-03"]
    assert [float(r["AR(24)"]) for r in rows] == sa.AR(24).fit(series).forecast(series, 3).tolist()
    assert {r["Naive"] for r in rows} == {"22.07"}
    sa.AR(5).fit(series[:500]).save(tmp_path / "m.safetensors")
    code, out, _ = run(
        "forecast",
        shipped / "el_nino.csv",
        "--value",
        "sst_c",
        "--horizon",
        2,
        "--model",
        tmp_path / "m.safetensors",
        "--json",
    )
    assert code == 0
    found = json.loads(out)
    assert [row["AR(5)"] for row in found["forecasts"]] == sa.AR(5).fit(series[:500]).forecast(series, 2).tolist()
    (tmp_path / "bad.safetensors").write_bytes(b"\x80\x04nonsense")
    assert (
        run(
            "forecast",
            shipped / "el_nino.csv",
            "--value",
            "sst_c",
            "--horizon",
            2,
            "--model",
            tmp_path / "bad.safetensors",
        )[0]
        == 4
    )
    assert (
        run(
            "forecast",
            shipped / "stock_price.csv",
            "--value",
            "adj_close",
            "--time",
            "date",
            "--horizon",
            1,
            "--lags",
            2,
        )[1]
        .splitlines()[1]
        .startswith("1,,")
    )


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2024-01-31", "2024-02-29", "2024-03-31"], ["2024-04-30", "2024-05-31"]),
        (["2024-01-01", "2024-02-01", "2024-03-01"], ["2024-04-01", "2024-05-01"]),
        (["2024-01-01", "2024-01-08", "2024-01-15"], ["2024-01-22", "2024-01-29"]),
        (["2023-12-31 22:00", "2023-12-31 23:00", "2024-01-01 00:00"], ["2024-01-01T01:00", "2024-01-01T02:00"]),
        (["1990", "1991", "1992"], ["1993", "1994"]),
        (["2024-01-01", "2024-01-02", "2024-01-09"], ["", ""]),
    ],
)
def test_the_times_ahead(run, tmp_path, times, expected):
    (tmp_path / "f.csv").write_text("t,x\n" + "".join(f"{t},{i}\n" for i, t in enumerate(times)))
    code, out, err = run(
        "forecast", tmp_path / "f.csv", "--value", "x", "--time", "t", "--horizon", 2, "--models", "naive"
    )
    assert code == 0, err
    assert [row["time"] for row in csv.DictReader(out.splitlines())] == expected


def test_saved_by_one_command_loaded_by_the_next(run, shipped, tmp_path):
    code, _, err = run(
        "evaluate",
        shipped / "nile.csv",
        "--value",
        "volume",
        "--horizon",
        5,
        "--lags",
        3,
        "--models",
        "ar,mlp",
        "--save",
        tmp_path,
    )
    assert code == 0, err
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "ar-3.safetensors",
        "drift.safetensors",
        "line.safetensors",
        "mean.safetensors",
        "naive.safetensors",
        "scaled-mlp-3.safetensors",
        "ses.safetensors",
    ]
    assert sa.load(tmp_path / "ar-3.safetensors").trained_lengths_.tolist() == [60]
    assert (
        run(
            "forecast",
            shipped / "nile.csv",
            "--value",
            "volume",
            "--horizon",
            5,
            "--model",
            tmp_path / "scaled-mlp-3.safetensors",
        )[0]
        == 0
    )


def test_datasets_and_models_are_listed(run, tmp_path):
    code, out, _ = run("datasets", "--out", tmp_path)
    assert code == 0
    assert all(name in out for name in datasets.CATALOGUE)
    assert (tmp_path / "speech-COPYING.txt").exists()
    code, out, _ = run("models")
    assert code == 0
    assert "the note's small network" in out


def test_every_of_whole_numbers_on_the_command_line(run, tmp_path):
    (tmp_path / "f.csv").write_text("t,x\n" + "".join(f"{t},{t % 5}\n" for t in range(60) if t != 30))
    typed = [
        "evaluate",
        tmp_path / "f.csv",
        "--value",
        "x",
        "--time",
        "t",
        "--horizon",
        2,
        "--models",
        "naive",
        "--every",
        1,
    ]
    code, _, err = run(*typed)
    assert code == 3
    assert "1 times are missing" in err
    assert run(*typed, "--missing", "skip")[0] == 0


@pytest.mark.parametrize(("content", "keywords", "code", "words"), BAD.values(), ids=BAD.keys())
def test_malformed_files_on_the_command_line(run, tmp_path, content, keywords, code, words):
    file = tmp_path / "f.csv"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = {"value": "x", **keywords}
    typed = [part for key, value in options.items() if value is not None for part in (f"--{key}", value)]
    exit_code, out, err = run("evaluate", file, *typed, "--horizon", 1)
    assert exit_code == 3, err
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


# rows T1 .. T4, O2, O3 beyond those of test_series and test_reading


def test_T1_a_clock_change_with_a_zone_is_even():
    for zone in ("Europe/Berlin", "America/New_York"):
        times = pd.date_range("2024-10-26", periods=72, freq="h", tz=zone)
        series = sa.Series(pd.Series(np.arange(72.0), index=times))
        assert series.notes == ()
        again = sa.Series(np.arange(72.0), times=times.to_pydatetime().tolist())
        assert (again.times == series.times).all()


def test_T4_dates_past_2262_are_never_wrapped(tmp_path):
    (tmp_path / "f.csv").write_text("t,x\n2024-01-01T00:00:00.000000001,1\n2300-01-01,2\n")
    with pytest.raises(sa.errors.InputError) as caught:
        sa.read(tmp_path / "f.csv", "x", "t")
    assert caught.value.code == "time-range"
    (tmp_path / "g.csv").write_text("t,x\n2024-0131,1\n2024-0201,2\n")
    with pytest.raises(sa.errors.InputError, match="not a time"):
        sa.read(tmp_path / "g.csv", "x", "t")


def test_V1_a_hole_in_a_file_of_one_column_is_a_hole(tmp_path):
    for content in ("v\n1\n\n3\n", 'v\n1\n""\n3\n', "v\n1\n \n3\n"):
        (tmp_path / "f.csv").write_text(content)
        with pytest.raises(sa.errors.InputError, match="1 of 3 values"):
            sa.read(tmp_path / "f.csv")
        assert np.isnan(sa.read(tmp_path / "f.csv", missing="skip").values[1])


def test_O3_names_on_a_terminal_are_escaped(run, tmp_path):
    (tmp_path / "f.csv").write_text("a\x1b[31m\u202eb,t\n" + "".join(f"{i % 3},{i}\n" for i in range(60)))
    _, out, err = run("evaluate", tmp_path / "f.csv", "--value", "a", "--horizon", 3)
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err
    _, out, err = run("evaluate", tmp_path / "f.csv", "--value", "a\x1b[31m\u202eb", "--horizon", 300)
    assert "\x1b" not in out + err
