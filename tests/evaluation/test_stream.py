"""A series in pieces has the scores of the whole."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation import stream
from stepahead.reading.pieces import pieces

from ..data import sine, streamed
from ..fleets import assert_stream, benchmark, peak_of, waves


def test_a_stream_tells_how_far_it_is():
    told: list[tuple[str, int, int]] = []
    pieces = sa.pieces(sine(0, 500), size=100)
    streamed(sa.AR(2), pieces, 3, train=200, progress=lambda *given: told.append(given))
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
    assert (told[-1], told[0][0]) == (("values", 500, 500), "values")


def test_what_can_be_read_but_once_cannot_be_fitted_on():
    with pytest.raises(sa.errors.InputError, match="an iterator can be read only once") as caught:
        sa.AR(2).fit(sa.pieces(iter([sine(0, 100)])))
    assert caught.value.code == "read-twice"


@pytest.mark.parametrize("size", [50, 100, 70])
def test_an_iterator_is_scored_as_what_it_gives(size):
    x = sine(0, 400)
    parts = (x[start : start + size] for start in range(0, 400, size))
    found = streamed(sa.AR(2), parts, 3, train=100).scorer.by_series("rmse")
    np.testing.assert_allclose(found, streamed(sa.AR(2), x, 3, train=100).scorer.by_series("rmse"), rtol=1e-12)


def test_a_context_longer_than_the_training_part_is_refused():
    with pytest.raises(sa.errors.InputError, match="a forecast by SeasonalNaive"):
        stream.Follower(sa.baselines.SeasonalNaive(30).fit(sine(0, 40)), [sine(0, 10), sine(0, 10)], 3)
    with pytest.raises(sa.errors.InputError, match="model of symbols"):
        stream.Follower(sa.MarkovChain().fit([1, 2, 1, 2]), lambda: iter([sine(0, 10)]), 3)


class Gaps:
    """The last value; nothing after one above 1.3."""

    context = 1

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        numbers = np.asarray(values.numbers)
        return (np.where(numbers > 1.3, np.nan, numbers)[:, None],)

    def rollout(self, state, horizon):
        return np.repeat(state[0], horizon, axis=1)


def test_origins_without_a_forecast_count_for_nobody():
    x = sine(0, 400)
    assert (x > 1.3).any()
    found = streamed({"gaps": Gaps(), "ar": sa.AR(2)}, sa.pieces(x, size=64), 3, train=100)
    whole = sa.evaluate({"gaps": Gaps(), "ar": sa.AR(2)}, x, 3, train=100)
    assert found.scorer.n.tolist() == [whole["gaps"].n().tolist()]
    for place, name in enumerate(found.scorer.models):
        np.testing.assert_allclose(found.scorer.by_series("rmse")[0, place], whole[name].rmse(), rtol=1e-10)


@pytest.mark.parametrize("way", ["pieces", "panel"])
def test_what_can_be_read_but_once_has_scores_alone(way):
    source = sa.pieces(iter([sine(0, 100)])) if way == "pieces" else (sine(seed, 100) for seed in range(2))
    scores = sa.evaluate([sa.AR(2)], source, 4, 60, keep="scores", **({} if way == "pieces" else {"fit": "each"}))
    assert "AR(2)" in scores.table()
    drawn = [np.asarray(line.get_ydata()) for line in scores.plot().axes[0].get_lines()]
    error = scores.by_step("rmse")["AR(2)"]
    assert any(len(y) == len(error) and np.allclose(y, error) for y in drawn), "the chart is made of errors alone"
    np.testing.assert_array_equal(scores.skill()["AR(2)"], scores.by_step("skill")["AR(2)"])
    for ask in (
        lambda: scores.answer,
        scores.tests,
        lambda: scores["AR(2)"],
        lambda: scores.training,
    ):
        with pytest.raises(sa.errors.InputError, match='keep="forecasts"') as caught:
            ask()
        assert caught.value.code == "no-rows"


def test_pieces_of_unknown_length_take_any_whole_number_as_train():
    values = sine(0, 200)
    by_number = {
        kind: sa.evaluate(sa.AR(2), sa.pieces(iter([values])), 4, kind(120), keep="scores") for kind in (int, np.int64)
    }
    assert by_number[int].table() == by_number[np.int64].table()
    with pytest.raises(sa.errors.ParameterError, match="a number of values"):
        sa.evaluate(sa.AR(2), sa.pieces(iter([values])), 4, train=np.float64(0.5), keep="scores")


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_a_stream_has_the_scores_of_the_whole(size):
    x = waves(1, 400 if size > 1 else 120)[0]
    models = {
        "a": sa.AR(5),
        "b": sa.AR(3, chunk=4, ridge=0.5),
        "c": sa.AR(4, anchor="last"),
        "d": sa.AR(2, intercept=False),
        "drift": sa.baselines.Drift(),
    }
    assert_stream(models, x, 8, 0.5, size)
    assert_stream(models, x, 8, 60, size, steps=[1, 6], season=11)


@pytest.mark.parametrize(
    ("model", "rtol"),
    [
        (lambda: sa.AR("auto", horizon=8), 1e-9),
        (lambda: sa.AR(3, method="burg"), 1e-9),
        (lambda: sa.SSA(2, window=20), 1e-9),
        (lambda: sa.Scaled(sa.MLP(4, training=sa.Training(epochs=1))), 1e-9),
        (lambda: sa.Differenced(sa.AR(2)), 1e-9),
        (lambda: sa.HMM(2), 1e-7),
        pytest.param(lambda: sa.GRU(4, training=sa.Training(updates=2)), 1e-4, marks=pytest.mark.slow),
    ],
)
def test_models_that_follow_a_series_follow_it_in_pieces(model, rtol):
    made = model()
    if isinstance(made, sa.RecurrentNet):
        pytest.importorskip("torch")
    assert_stream([made], waves(1, 300)[0], 6, 150, 64, rtol)


@pytest.mark.parametrize(
    "model", [sa.AR(5), sa.baselines.Mean(), sa.baselines.SeasonalNaive(80), sa.AR(2, chunk=3), sa.SSA(2)], ids=repr
)
def test_a_streamed_fit_is_a_fit(model, tmp_path):
    x = waves(1, 600)[0]
    fitted, whole = model.clone().fit(pieces(x[:400], size=50)), model.fit(x[:400])
    np.testing.assert_array_equal(fitted.trained_fingerprints_, whole.trained_fingerprints_)
    np.testing.assert_allclose(fitted.forecast(x, 7), whole.forecast(x, 7), rtol=1e-10)
    assert sa.k_step(fitted, x, 5).start == (400,)
    if isinstance(model, sa.AR):
        np.testing.assert_allclose(fitted.variance_, whole.variance_, rtol=1e-10)
    fitted.save(tmp_path / "model.safetensors")
    assert sa.load(tmp_path / "model.safetensors").forecast(x, 7).tolist() == fitted.forecast(x, 7).tolist()


class Endless:
    """A series that is never whole in memory."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __iter__(self):
        for at in range(0, self.length, 4096):
            n = min(4096, self.length - at)
            yield np.sin(0.01 * np.arange(at, at + n)) + np.random.default_rng(at).normal(0.0, 0.2, n)


def test_memory_does_not_depend_on_the_length():
    def job(length: int):
        return lambda: streamed([sa.AR(8)], Endless(length), 8, length // 2)

    job(10_000)()
    assert peak_of(job(160_000)) < 1.2 * peak_of(job(40_000)) < 20e6


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_series_of_twenty_million_values_takes_a_few_megabytes(tmp_path):
    path, length = tmp_path / "long.npy", 20_000_000
    values = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(length,))
    rng = np.random.default_rng(0)
    for begin in range(0, length, 1 << 20):
        here = values[begin : begin + (1 << 20)]
        here[:] = np.sin(0.01 * np.arange(begin, begin + len(here))) + rng.normal(0.0, 0.2, len(here))
    fitted = sa.AR(16).fit(pieces(path).head(1_000_000))
    whole = sa.AR(16).fit(np.array(values[:1_000_000]))
    np.testing.assert_allclose(fitted.coefficients_, whole.coefficients_, rtol=0.0, atol=1e-10)
    assert benchmark("stream", path, length // 2)[1] < 400


@pytest.mark.slow
def test_a_net_in_pieces_is_the_net_in_one():
    pytest.importorskip("torch")
    x = np.sin(0.01 * np.arange(100_000)) + np.random.default_rng(0).normal(0.0, 0.2, 100_000)
    assert_stream([sa.GRU(8, training=sa.Training(updates=50))], x, 8, 2000, 10_007, rtol=1e-6)


@pytest.mark.parametrize("model", [sa.AR(2, using="promo"), sa.Regressed(sa.AR(2))])
def test_a_model_that_uses_other_columns_is_refused_before_any_value_is_read(model):
    def values():
        raise AssertionError("read")
        yield

    with pytest.raises(sa.errors.InputError, match="a series in pieces, holds values alone"):
        streamed(model, sa.pieces(values()), 3, train=200)
