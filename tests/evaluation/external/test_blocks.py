"""Forecasts in blocks, one an origin: matrices, draws, objects of other libraries."""

from __future__ import annotations

import numpy as np
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
