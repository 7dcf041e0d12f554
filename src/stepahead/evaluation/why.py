"""Where the error comes from: noise, too short a window, the fit, feedback;
and how much of it is the luck of a seed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, ParameterError
from ..memory import afford
from ..parameters import as_tuple, refuse, whole
from ..protocols import Array, Combination, Forecaster, Index, Seeded, UsesColumns, WindowReader, inside
from ..series import Series, as_series
from ..text import fill
from ..walk import check_forecaster, name_of, planned, walk
from ..windows import as_rows, chunked, kept_steps, lagged, require, train_length
from .evaluate import evaluate
from .split import ErrorSplit

NOISE, WINDOW, FIT, FEEDBACK, BOTH = "noise", "window", "fit", "feedback", "fit and feedback"
VARIANCE, REST = "model variance", "the rest"


def split_error(
    model: Forecaster,
    simulate: Callable[..., Series],
    horizon: int,
    train: float | int = 0.6,
    *,
    seeds: Iterable[int] = range(20),
    steps: Sequence[int] | None = None,
) -> ErrorSplit:
    """Split the error of a model by its causes, on a simulator that knows its mean: noise, window, fit and feedback.

    The model is fitted once for each seed, on a series of its own and with a seed of its own. Every refit forecasts the
    held-out part of every one of the series, and is scored against m, what was to be expected there: the mean squared
    error at k is the noise plus the mean of (forecast - m)^2. It is split, and the parts add up to it:

    * **noise**: the error that is left to whoever knows the series and all of its past.
    * **window**: the error of the best forecast that sees `lags` values and no more (Bayes), above the noise. No model
      that reads such a window can avoid it, however it is fitted.
    * **fit**: what the same model misses above these two where nothing is fed back: it is fitted once more for step k,
      to the values k steps ahead (with a chunk: to the chunk that k lies in). Too few data, too few epochs, the wrong
      kind of curve.
    * **feedback**: the error of the model as it is, less that of the direct one: what feeding forecasts back adds. It
      is zero up to the chunk, and below zero where recursion is the better way, since each direct fit pays for its own
      coefficients.

    A model that keeps a summary (StateSpace, GRU) has no window and no direct counterpart: its parts are noise and "fit
    and feedback"; those of a wrapper around a model with a window are noise, window and "fit and feedback". `variance`
    says how much of the error lies between refits; the rest above noise and window is bias (Ben Taieb & Atiya 2016).

    >>> import stepahead as sa
    >>> found = sa.diagnostics.split_error(sa.AR(4), sa.datasets.noisy_sine, horizon=64, train=604, seeds=range(3))
    >>> list(found.parts)
    ['noise', 'window', 'fit', 'feedback']
    >>> float(found.parts["window"][-1].round(3))  # at 64 steps: four values do not tell where the wave is going
    0.199
    >>> bool(found.parts["noise"][-1] + found.parts["window"][-1] > 0.9 * found.mse()[-1])  # it is at the limit
    True

    Parameters
    ----------
    model : any model of numbers. It is copied, never fitted in place. One with a `seed` (or a regressor's
        `random_state`) gets another for each refit; yours, where it has `reseeded`.
    simulate : called as ``simulate(seed=..)``, gives a Series that knows its mean: ``sa.datasets.noisy_sine``,
        ``ar_process`` or ``logistic_map``, with ``functools.partial`` for other arguments; or your own, with a `limit`
        that has `mean` (and `bayes`, for a model with a window).
    horizon : the largest step. train : the share, or number of values, of the training part.
    seeds : one for each refit, at least two. It takes refits x steps fits, and refits x refits roll-outs.
    steps : those to split, by default 1, 2, 4, .. and the horizon.

    Raises
    ------
    InputError : the series does not know its mean; too short.

    Source: Ben Taieb & Atiya, "A bias and variance analysis for multistep-ahead time series forecasting" (2016).
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    kept = kept_steps(_doubling(horizon) if steps is None else steps, horizon)
    chosen = _seeds(seeds)
    if not callable(simulate):
        raise refuse("simulate", simulate, "a function that makes a series of a seed, such as sa.datasets.noisy_sine")
    first: Any = as_series(simulate(seed=chosen[0]))
    limit = first.limit
    if isinstance(model, UsesColumns) and model.columns_on(first)[0]:
        raise ParameterError(
            f"{name_of(model)} uses other columns, and what a window of values can tell is known of the values alone: "
            "split the error of the model without them",
            code="parameter",
            name="model",
        )
    if not callable(getattr(limit, "mean", None)):
        raise InputError(
            "the series does not know its mean, so that its error cannot be split by cause: simulate with noisy_sine, "
            "ar_process or logistic_map; on any other series seed_variance tells what comes from the seed",
            code="limit-unknown",
        )
    length = train_length(len(first), train)
    require(len(first), length + horizon, f"train={length} and horizon={horizon}", first.name)
    worlds: list[Any] = [first, *(as_series(simulate(seed=seed)) for seed in chosen[1:])]
    if len({len(world) for world in worlds}) > 1:
        raise refuse("simulate", simulate, "a simulator whose series are all of one length")
    origins = np.arange(length, len(first) - horizon + 1)
    afford(
        len(worlds) * len(origins),
        8 * len(kept),
        f"the forecasts of {len(worlds)} refits",
        "Split fewer steps=, or fewer seeds",
    )
    expected = np.vstack([world.limit.mean(world.numbers, origins, kept) for world in worlds])
    noise = np.asarray(limit(horizon))[kept - 1] ** 2
    each: dict[str, list[Array]] = {}
    spread, limits = _Spread(), dict[int, Array]()
    for seed, world in zip(chosen, worlds, strict=True):
        head = world[:length]
        fitted: Any = reseeded(model, seed).fit(head)
        ahead = np.vstack([_forecasts(fitted, part, origins, kept) for part in worlds])
        spread.add(ahead)
        found = noise + ((ahead - expected) ** 2).mean(axis=0)
        parts = {NOISE: noise}
        lags = window_of(fitted)
        if lags is not None:
            if not callable(getattr(limit, "bayes", None)):
                raise InputError(
                    f"the series knows its mean, and not what a window of {lags} values can tell "
                    "of it: split the error of a "
                    "model that keeps a summary, such as StateSpace(), or simulate with noisy_sine or ar_process",
                    code="limit-unknown",
                )
            if lags not in limits:
                limits[lags] = limit.bayes(lags, horizon, origins)[kept - 1] ** 2 - noise
            parts[WINDOW] = limits[lags]
        known = np.sum(list(parts.values()), axis=0)
        context = int(fitted.context)
        if isinstance(fitted, WindowReader):
            afford(len(ahead), 2 * context, f"the windows of {name_of(model)}", "Take fewer lags, or fewer seeds")
            windows = np.vstack([lagged(part.numbers, context)[as_rows(origins, context)] for part in worlds])
            direct = noise + ((_direct(fitted, head, windows, ahead, kept) - expected) ** 2).mean(axis=0)
            parts |= {FIT: direct - known, FEEDBACK: found - direct}
        else:
            parts[BOTH] = found - known
        for name, values in parts.items():
            each.setdefault(name, []).append(values)
    by_refit = {name: np.array(rows) for name, rows in each.items()}
    return ErrorSplit(
        steps=kept,
        parts={name: rows.mean(axis=0) for name, rows in by_refit.items()},
        variance=spread.variance(),
        says=(
            f"Squared error of {name_of(model)} by number of steps ahead\n{len(chosen)} refits, "
            "each on a series of its own, "
            + fill("all scored at {n:held-out origin}, ", n=len(origins))
            + " to ".join(str(end) for end in dict.fromkeys([origins[0], origins[-1]]))
            + f", of all {len(chosen)} series"
        ),
        by_refit=by_refit,
    )


def _doubling(horizon: int) -> list[int]:
    return [*(int(k) for k in 2 ** np.arange(31) if k < horizon), horizon]


def _seeds(seeds: Iterable[int]) -> tuple[int, ...]:
    chosen = tuple(whole("seeds", seed, 0) for seed in as_tuple("seeds", seeds))
    if len(chosen) < 2 or len(set(chosen)) < len(chosen):
        raise refuse("seeds", list(chosen), "at least two numbers that differ")
    return chosen


class _Spread:
    """Mean and squared deviation of arrays that come one after the other, without keeping them."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, np.zeros(1), np.zeros(1)

    def add(self, values: Array) -> None:
        self.count += 1
        off = values - self.mean
        self.mean = self.mean + off / self.count
        self.squares = self.squares + off * (values - self.mean)

    def variance(self) -> Array:
        """[steps]: over what was added, averaged over the rows."""
        return _average(self.squares / self.count)


def _average(values: Array) -> Array:
    """[steps]: the mean over the rows, those that are not there left out; NaN where none is."""
    seen = ~np.isnan(values)
    count = seen.sum(axis=0)
    return np.where(count > 0, np.where(seen, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def reseeded(model: Any, seed: int) -> Any:
    """A copy of the model with another seed; the same where it has none."""
    made = model.reseeded(seed) if isinstance(model, Seeded) else None
    return copy.deepcopy(model) if made is None else made


def window_of(fitted: Any) -> int | None:
    """How many values a fitted model sees, wrappers and all; None for a model that keeps a summary of all of them, and
    for a combination.
    """
    *around, innermost = inside(fitted)
    read = isinstance(innermost, WindowReader) and not any(isinstance(part, Combination) for part in around)
    return int(fitted.context) if read else None


def _forecasts(fitted: Any, series: Series, origins: Index, kept: Index) -> Array:
    """[origins, steps kept]."""
    found = walk(fitted, series, last=int(origins[-1]), horizon=int(kept[-1])).at(origins)
    if len(found.origins) < len(origins):
        lacking = int(np.setdiff1d(origins, found.origins)[0])
        raise InputError(
            f"{name_of(fitted)} has no forecast at the held-out origin {lacking}: take a longer "
            "training part (its context is "
            f"{fitted.context})",
            code="too-short",
            found=int(origins[0]),
            needed=int(fitted.context),
        )
    return found.table(int(kept[-1]), kept)


def _direct(fitted: Any, head: Series, windows: Array, ahead: Array, kept: Index) -> Array:
    """[rows, steps]: the same model without feedback: for each block of steps fitted to the targets that lie there.

    The first block is the model as it is.
    """
    out, chunk, lags = ahead.copy(), int(fitted.chunk), int(fitted.context)
    blocks = (kept - 1) // chunk
    require(
        len(head),
        lags + int(blocks[-1] + 1) * chunk,
        f"a direct fit of {name_of(fitted)} at {int(kept[-1])} steps",
        head.name,
    )
    for block in np.unique(blocks[blocks > 0]):
        X, Y = chunked(head.numbers, lags, int(block + 1) * chunk)
        alone = fitted.for_pairs().fit_pairs(X, Y[:, int(block) * chunk :])
        here = blocks == block
        out[:, here] = planned(alone, chunk)((windows,), None)[:, (kept[here] - 1) % chunk]
    return out


def seed_variance(
    model: Forecaster,
    series: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    seeds: Iterable[int] = range(10),
    steps: Sequence[int] | None = None,
) -> ErrorSplit:
    """How much of a net's error is the luck of its seed: the model is fitted to the same data once for each seed.

    At each step the mean squared error of the refits is the squared error of their mean forecast, plus the variance of
    their forecasts: "model variance", which is what averaging many of them would take away (``ensemble=``). The other
    part is all else: noise, too short a window, bias. On real data these cannot be told apart, and no part of it is
    called noise.

    >>> import stepahead as sa
    >>> net = sa.Scaled(sa.MLP(lags=8))
    >>> found = sa.diagnostics.seed_variance(net, sa.datasets.sunspots(), horizon=10, seeds=range(3))
    >>> share = found.share("model variance")
    >>> share.shape, bool((share > 0).all() and (share < 1).all())
    ((10,), True)

    Parameters
    ----------
    model : a model with a `seed` (or a regressor with a `random_state`), also inside wrappers; yours, with `reseeded`.
    series : one series, or a list of them. horizon, train, steps : as for ``evaluate``.
    seeds : at least two.

    Raises
    ------
    ParameterError : the model has no seed: nothing about it is luck.
    """
    check_forecaster(model)
    if not (isinstance(model, Seeded) and model.reseeded(0) is not None):
        raise ParameterError(
            f"{name_of(model)} has no seed: it comes out the same every time, and nothing of its error is luck",
            code="parameter",
            name="model",
        )
    chosen = _seeds(seeds)
    result = evaluate({f"seed {seed}": reseeded(model, seed) for seed in chosen}, series, horizon, train, steps=steps)
    refits = [result[f"seed {seed}"] for seed in chosen]
    rows, columns = refits[0].predictions.shape
    afford(rows, 6 * columns, f"the spread of {len(refits)} refits")
    actuals, spread = refits[0].actuals, _Spread()
    for refit in refits:
        spread.add(np.where(np.isnan(actuals), np.nan, refit.predictions))
    variance = spread.variance()
    return ErrorSplit(
        steps=refits[0].steps,
        parts={REST: _average((spread.mean - actuals) ** 2), VARIANCE: variance},
        variance=variance,
        says=(
            f"Squared error of {name_of(model)} by number of steps ahead, {len(chosen)} seeds on the same data\n"
            f"{refits[0]._caption()}"
        ),
    )
