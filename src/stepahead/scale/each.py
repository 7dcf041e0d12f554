"""`evaluate_each`: many series, each with models of its own, scored as stacked arrays."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DtypeError, StepaheadError, StepaheadWarning
from ..evaluation.evaluate import evaluate
from ..evaluation.guesses import NO_SEASON, lacks_season, with_guesses
from ..parameters import whole
from ..protocols import Array, Index
from ..series import Series, as_series
from ..walk import name_models
from ..windows import kept_steps, train_length
from .panels import Named, alike, blocks_of
from .scores import NUMERIC, SYMBOLIC, Scores, require_some


def evaluate_each(
    models: Any,
    panel: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    steps: Sequence[int] | None = None,
    period: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Scores:
    """Evaluate many series, each with a fit of its own: the numbers of ``evaluate`` on each alone, many times as fast.

    >>> import stepahead as sa
    >>> panel = [sa.datasets.noisy_sine(seed=seed) for seed in range(20)]
    >>> scores = sa.evaluate_each([sa.AR(lags=4)], panel, horizon=64, train=604, steps=[1, 16, 64])
    >>> print(scores)
    Skill over the better simple guess by number of steps ahead, the median over 20 series
              k=1    k=16    k=64
    AR(4)   0.366   0.244   0.105
    Mean   -5.391  -4.466  -0.782
    Naive   0.000   0.000   0.000
    note: no seasonal baseline was tried: period=N adds one
    >>> scores.readings["rmse"].shape, len(scores)
    ((20, 3, 3), 180)

    Series of one length are fitted and rolled out together, as arrays with the series in front: AR (least squares), SSA, MLP,
    MarkovChain, the simple guesses, and Scaled around any of them. What has no such way, or is not certain to give the
    same numbers (ill-conditioned windows, missing values, an explosion), goes through ``evaluate``, one series at a time.

    Parameters
    ----------
    models : one, a list, or a dict {name: model}, as for ``evaluate``. `Mean` and `Naive` are always among them.
    panel : many series: a list or a ``Panel``; an array [series, time], also a memory map; or anything that can be iterated,
        which is read in blocks, so that memory holds one block and the scores.
    horizon : the largest step, at least 1.
    train : a share of each series, or a number of values.
    steps : keep these steps alone, by default all of 1 .. horizon.
    period : length of a season in steps; adds ``SeasonalNaive(period)``.
    progress : called with ("series", series done, series in all or 0 where that is not known).

    Returns
    -------
    Scores : n, rmse, mae, bias and skill of each (series, model, step), and a status for each series. One that cannot be
        scored has no rows, and its status says why.

    Raises
    ------
    InputError : none of the series can be scored.
    ParameterError : an argument is not allowed; two models have the same name.
    """
    parts, done = [], 0
    of = len(panel) if hasattr(panel, "__len__") else 0
    for part in score_blocks(models, panel, horizon, train, steps=steps, period=period):
        parts.append(part)
        done += len(part.status)
        if progress is not None:
            progress("series", done, of)
    return require_some(parts)


def score_blocks(
    models: Any,
    panel: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    steps: Sequence[int] | None = None,
    period: int | None = None,
) -> Iterator[Scores]:
    """The same a block at a time: `Scores` of some thousand series, so that not even the scores have to fit in memory.

    >>> import stepahead as sa
    >>> endless = (sa.datasets.noisy_sine(seed=seed) for seed in range(3))
    >>> [part.series for part in score_blocks(sa.AR(lags=4), endless, horizon=8)]
    [('noisy sine', 'noisy sine #1', 'noisy sine #2')]
    """
    horizon = whole("horizon", horizon)
    train_length(1, train)
    named, kept = name_models(models), kept_steps(steps, horizon)
    for model in named.values():
        getattr(model, "_check", lambda: None)()
    job: Job | None = None
    for block in blocks_of(panel, len(NUMERIC) * (len(named) + 2) * len(kept)):
        if job is None:
            symbols = next((item for _, item in block if isinstance(item, Series) and item.categories is not None), None)
            job = Job(
                with_guesses(named, (symbols or Series([0.0]),), period), horizon, train, kept, period, symbols is not None
            )
        yield job.score(block)


class Job:
    """What is asked of every series."""

    def __init__(
        self, named: dict[str, Any], horizon: int, train: float | int, kept: Index, period: int | None, symbolic: bool
    ) -> None:
        self.named, self.horizon, self.train, self.kept = named, horizon, train, kept
        self.period, self.symbolic = period, symbolic

    def score(self, block: Sequence[Named]) -> Scores:
        """The scores of a block: whatever stacks is stacked, and the rest goes one by one."""
        shape = (len(block), len(self.named), len(self.kept))
        readings = {key: np.full(shape, np.nan) for key in (SYMBOLIC if self.symbolic else NUMERIC)}
        n = np.zeros((len(block), len(self.kept)), dtype=np.intp)
        done, status, notes = np.zeros(len(block), dtype=bool), dict[str, str](), dict[str, int]()
        for places in alike(block):
            items = [block[place].item for place in places]
            good, found = self._side_by_side(items)
            done[places] = good
            n[places[good]] = len(items[0]) - train_length(len(items[0]), self.train) - self.horizon + 1
            for key, values in found.items() if good.any() else ():
                readings[key][places[good]] = values[good]
        for place, (name, item) in enumerate(block):
            status[name], said = "ok", getattr(item, "notes", ())
            if not done[place]:
                status[name], said = self._alone(item, {key: found[place] for key, found in readings.items()}, n[place])
                done[place] = status[name] == "ok"
            for text in said:
                if text == NO_SEASON:
                    continue  # counted once for all
                notes[text] = notes.get(text, 0) + 1
        if done.any() and not self.symbolic and lacks_season(self.named.values()):
            notes[NO_SEASON] = int(done.sum())
        scored = tuple(name for name, why in status.items() if why == "ok")
        kept = {key: found[done] for key, found in readings.items()}
        return Scores(scored, tuple(self.named), self.kept, n[done], kept, status, notes)

    def _side_by_side(self, items: Sequence[Any]) -> tuple[npt.NDArray[np.bool_], dict[str, Array]]:
        """Which of some series of one kind and length can be scored as stacked arrays, and their scores."""
        from .scoring import score_numbers, score_symbols  # with all it stands on: not for everyone who imports stepahead

        cut = train_length(len(items[0]), self.train)
        is_symbolic = isinstance(items[0], Series) and items[0].categories is not None
        if is_symbolic != self.symbolic:
            return np.zeros(len(items), dtype=bool), {}
        values = np.stack([item.values if isinstance(item, Series) else item for item in items])
        score = score_symbols if is_symbolic else score_numbers
        return score(self.named, values, cut, self.horizon, self.kept)

    def _alone(self, item: Any, readings: dict[str, Array], n: Index) -> tuple[str, Sequence[str]]:
        """``evaluate`` of one series into its rows, {name: [models, steps]} and n [steps]: the status, and the notes."""
        if isinstance(item, str):
            return item, ()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", StepaheadWarning)
                series = as_series(item)
                if (series.categories is not None) != self.symbolic:
                    raise DtypeError("a panel is all numbers or all text; this series is of the other kind", code="dtype")
                result = evaluate(self.named, series, self.horizon, self.train, steps=self.kept.tolist(), period=self.period)
                for index, found in enumerate(result.values()):
                    known = found.readings()
                    for key in readings.keys() & known.keys():
                        readings[key][index] = known[key]
                n[:] = next(iter(result.values())).n()
        except (StepaheadError, ValueError, ArithmeticError) as error:
            return str(error) or type(error).__name__, ()
        return "ok", result.notes
