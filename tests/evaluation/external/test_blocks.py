"""Forecasts in blocks, one an origin: matrices, draws, objects of other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import stepahead as sa

from ...data import sine
from ...elsewhere import DartsLike, by_hand, guess

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


BLOCKS = {o: [guess(o, k) for k in range(1, H + 1)] for o in ORIGINS}


def test_a_matrix_with_its_origins():
    matrix = np.array(list(BLOCKS.values()))
    result = sa.from_forecasts(matrix, X, TRAIN, origins=ORIGINS)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    assert result.model.name == "forecasts"
    assert "forecasts" in repr(result)
    for bad in (matrix[:3], matrix[:, 0], "text", matrix[:, :0]):
        with pytest.raises(sa.errors.ParameterError, match=r"\[rows, steps\]"):
            sa.from_forecasts(bad, X, TRAIN, origins=ORIGINS)


class DrawnLike(DartsLike):
    """What Darts gives of a probabilistic model: `values()` is the first draw alone."""

    def __init__(self, origin: int, draws: np.ndarray) -> None:
        super().__init__(origin, draws[:, 0].tolist())
        self._draws = draws[:, None, :]

    def all_values(self) -> np.ndarray:
        return self._draws


def drawn(origin: int, count: int) -> np.ndarray:
    """[steps, draws] around the forecasts, skewed, so that mean, median and first draw differ."""
    noise = np.random.default_rng(origin).exponential(3.0, (H, count))
    return np.array(BLOCKS[origin])[:, None] + noise


def middle(values: list[float]) -> float:
    ranked, half = sorted(values), len(values) // 2
    return ranked[half] if len(values) % 2 else (ranked[half - 1] + ranked[half]) / 2


@pytest.mark.parametrize("count", [2, 7, 200])
@pytest.mark.parametrize(
    "shape",
    [
        lambda count: [DrawnLike(o, drawn(o, count)) for o in ORIGINS],
        lambda count: [(o, drawn(o, count)[:, None, :]) for o in ORIGINS],
        lambda count: [(o, drawn(o, count)[:, None, :].tolist()) for o in ORIGINS],
        lambda count: {o: drawn(o, count)[:, None, :].astype(np.float64) for o in ORIGINS},
    ],
    ids=["Darts", "pairs", "pairs of lists", "a dict"],
)
def test_draws_are_read_by_their_median(shape, count):
    result = sa.from_forecasts(shape(count), SERIES, TRAIN, "theirs")
    for row, o in enumerate(result.origins.tolist()):
        assert result.predictions[row].tolist() == [middle(draws) for draws in drawn(o, count).tolist()]
    assert f"theirs: each forecast is the median of {count} draws" in result.notes


def test_draws_beside_a_few_and_none():
    blocks = [DrawnLike(o, drawn(o, 5 if o % 2 else 9)) for o in ORIGINS]
    assert "forecasts: each forecast is the median of 5 to 9 draws" in sa.from_forecasts(blocks, SERIES, TRAIN).notes
    single = sa.from_forecasts([DrawnLike(o, drawn(o, 1)) for o in ORIGINS], SERIES, TRAIN)
    assert single.predictions[0].tolist() == drawn(TRAIN, 1)[:, 0].tolist()
    assert not any("median" in text for text in single.notes)
    many = sa.from_forecasts([{o: drawn(o, 3)[:, None] for o in ORIGINS}] * 2, [SERIES, SERIES], TRAIN)
    assert "forecasts: each forecast is the median of 3 draws" in many.notes


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((H, 9)),
        np.zeros((9, H)),
        np.zeros((9, H, 1)),
        np.zeros((1, 9, H)),
        np.zeros((H, 2, 9)),
        np.zeros((H, 1, 0)),
    ],
    ids=str,
)
def test_draws_whose_axes_nobody_can_tell_are_refused_with_their_shape(values):
    with pytest.raises(
        sa.errors.InputError, match=r"block 0 must hold numbers.*found numbers in the shape.*numpy.median"
    ) as caught:
        sa.from_forecasts([(40, values)], SERIES, TRAIN)
    assert str(values.shape) in str(caught.value)
    with pytest.raises(sa.errors.ParameterError, match=r"\[rows, steps\].*numpy.median"):
        sa.from_forecasts(np.zeros((len(ORIGINS), H, 9)), X, TRAIN, origins=ORIGINS)


def test_a_block_with_as_many_times_as_values():
    block = DrawnLike(40, drawn(40, 3))
    block.time_index = block.time_index[:-1]
    with pytest.raises(sa.errors.InputError, match="block 0 has 3 times and 4 values"):
        sa.from_forecasts([block], SERIES, TRAIN)


# -- distributions ----------------------------------------------------------------------------------------------------


def test_draws_are_the_distribution_that_is_read():
    result = sa.from_forecasts([DrawnLike(o, drawn(o, 40)) for o in ORIGINS], SERIES, TRAIN, "theirs")
    draws = np.stack([drawn(o, 40) for o in ORIGINS if o >= TRAIN])
    low, high = np.quantile(draws, 0.1, axis=2), np.quantile(draws, 0.9, axis=2)
    inside = (low <= result.actuals) & (result.actuals <= high)
    np.testing.assert_allclose(result.coverage(0.8), inside.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(sa.diagnostics.interval_width(result, 0.8), (high - low).mean(axis=0), rtol=1e-12)
    far = np.abs(draws - result.actuals[..., None]).mean(axis=2)
    apart = np.abs(draws[..., :, None] - draws[..., None, :]).sum(axis=(2, 3)) / (40 * 39)
    np.testing.assert_allclose(result.crps(), (far - apart / 2).mean(axis=0), rtol=1e-10)
    missed = np.median(draws, axis=2) - result.actuals
    np.testing.assert_allclose(result.rmse(), np.sqrt((missed**2).mean(axis=0)), rtol=1e-12)
    mixed = sa.from_forecasts([DrawnLike(o, drawn(o, 5 if o % 2 else 9)) for o in ORIGINS], SERIES, TRAIN)
    assert mixed._distribution is None
    assert any("kept without its distribution" in text for text in mixed.notes)


class ComponentsLike(DartsLike):
    """What Darts gives of a model of quantiles: a component for each."""

    def __init__(self, origin: int, values: np.ndarray, levels: list[float]) -> None:
        super().__init__(origin, values[:, 0].tolist())
        self._every, self.components = values[..., None], pd.Index([f"wave_q{u:.3f}" for u in levels])

    def all_values(self) -> np.ndarray:
        return self._every


def around(o: int, levels: list[float]) -> np.ndarray:
    """[steps, m] quantiles around the forecasts from one origin."""
    return np.array([[guess(o, k) + (u - 0.5) * 0.1 * k for u in levels] for k in range(1, H + 1)])


SPREADS = {
    "components": lambda u: [ComponentsLike(o, around(o, u), u) for o in ORIGINS],
    "components in another order": lambda u: [ComponentsLike(o, around(o, u[::-1]), u[::-1]) for o in ORIGINS],
    "pairs": lambda u: [(o, sa.Quantiles(u, around(o, u))) for o in ORIGINS],
    "a dict": lambda u: {o: sa.Quantiles(u, around(o, u)[None]) for o in ORIGINS},
}


@pytest.mark.parametrize("kind", [*SPREADS, "a matrix"])
def test_quantiles_of_blocks_are_read_as_such(kind):
    levels = [0.05, 0.5, 0.95]
    if kind == "a matrix":
        every = sa.Quantiles(levels, np.stack([around(o, levels) for o in ORIGINS]))
        result = sa.from_forecasts(every, SERIES, TRAIN, origins=ORIGINS)
    else:
        result = sa.from_forecasts(SPREADS[kind](levels), SERIES, TRAIN)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    wanted = np.stack([around(o, levels) for o in ORIGINS if o >= TRAIN])
    np.testing.assert_allclose(result._distribution.values, wanted, rtol=1e-12)
    np.testing.assert_allclose(sa.diagnostics.interval_width(result, 0.9), 0.09 * np.arange(1, H + 1), rtol=1e-10)


def test_draws_of_a_matrix_and_what_does_not_fit():
    every = sa.distributions.Samples(np.stack([drawn(o, 9).T for o in ORIGINS], axis=1))
    result = sa.from_forecasts(every, SERIES, TRAIN, origins=ORIGINS)
    assert result.predictions[0].tolist() == np.median(drawn(TRAIN, 9), axis=1).tolist()
    with pytest.raises(sa.errors.ParameterError, match="a distribution of as many rows"):
        sa.from_forecasts(every, SERIES, TRAIN, origins=list(ORIGINS)[:-1])
    with pytest.raises(sa.errors.InputError, match="must be a distribution of one row; found shape"):
        sa.from_forecasts({30: every}, SERIES, TRAIN)
    with pytest.raises(sa.errors.ParameterError, match="interval"):
        sa.from_forecasts({30: [0.0]}, SERIES, TRAIN, interval=0.9)


def test_crossed_quantiles_of_blocks_are_counted_and_a_center_is_no_median():
    def crossing(origin):
        values = np.tile([0.0, 1.0, 2.0], (H, 1))
        values[0] = [2.0, 1.0, 0.0] if origin % 2 else values[0]
        return sa.Quantiles([0.1, 0.5, 0.9], values)

    every = {o: crossing(o) for o in ORIGINS}
    told = f"forecasts: the quantiles of {sum(o % 2 for o in ORIGINS)} of {len(ORIGINS) * H} forecasts crossed, "
    for shape in (every, list(every.items())):
        assert told + "and were sorted" in sa.from_forecasts(shape, SERIES, TRAIN).notes
    whole = sa.Quantiles([0.1, 0.5, 0.9], np.stack([crossing(o).values[0, :, ::-1] for o in ORIGINS]))
    assert any("crossed" in text for text in sa.from_forecasts(whole, SERIES, TRAIN, origins=ORIGINS).notes)
    draws = {o: sa.distributions.Samples(drawn(o, 9).T[:, None], np.full((1, H), 7.0)) for o in ORIGINS}
    result = sa.from_forecasts(draws, SERIES, TRAIN)
    assert (result.predictions == 7.0).all()
    assert not any("median" in text for text in result.notes)
    low = np.array([np.quantile(drawn(o, 9), 0.05, axis=1) for o in result.origins])
    np.testing.assert_allclose(result.prediction_intervals(0.9)[0], low)
    listed = sa.distributions.Samples(drawn(30, 9).T[:, None].tolist())
    found = sa.from_forecasts({30: listed}, SERIES, TRAIN)
    assert found.predictions[0].tolist() == np.median(drawn(30, 9), axis=1).tolist()
    for wrong in (drawn(30, 1).T[:, None], drawn(30, 1).T[:, None].tolist()):
        with pytest.raises(sa.errors.InputError, match="block 0 must be a Samples with at least 2 draws"):
            sa.from_forecasts({30: sa.distributions.Samples(wrong)}, SERIES, TRAIN)
    with pytest.raises(sa.errors.InputError, match="block 0 must hold numbers; found a Samples of others"):
        sa.from_forecasts({30: sa.distributions.Samples("none")}, SERIES, TRAIN)
    with pytest.raises(sa.errors.InputError, match="origins= must hold numbers; found a Samples of others"):
        sa.from_forecasts(sa.distributions.Samples("none"), SERIES, TRAIN, origins=[30])
