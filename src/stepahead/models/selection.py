"""Model selection by the k-step loss inside the training part: what ``lags="auto"`` does, and ``select`` for any
models.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from ..errors import FitError, InputError, StepaheadWarning, shown
from ..numerics import linear
from ..parameters import whole
from ..protocols import Array, Batch, FittedBatch, Forecaster, Index, Mask
from ..series import Series, as_panel
from ..walk import blocks, name_models, walk
from ..windows import runs, shared, targets, targets_of_batch

CUTS = (0.5, 0.6, 2.0 / 3.0, 0.75, 0.85)
STEPS = (1, 2, 4, 8, 16, 32, 64)
MARGIN = 0.02
FEWEST = 20
MOST_ORIGINS, MOST_TARGETS = 8192, 1 << 21
"""Most origins and targets that are scored at one cut; more are thinned evenly."""
SMALLEST = 1e-24
"""Smallest mean squared error, in units of the variance: anything less is rounding, and no reason to prefer a model."""
NEAR = 1e-9
"""Least difference of two losses: below it rounding could change the choice, and the series is fitted by itself."""
PLAIN = 300
"""Largest exponent of two of a scale in a batch: other series are fitted one by one, where errors are rescaled before
squaring.
"""


def select(models: Any, series: Any, horizon: int, progress: Callable[[str, int, int], None] | None = None) -> Any:
    """The model with the lowest loss over `horizon` steps inside the training part, fitted on all of it.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> chosen = select([sa.AR(4), sa.AR(16), sa.AR(64)], series[:604], horizon=64)
    >>> chosen.name, sorted(chosen.selection_)
    ('AR(64)', ['AR(16)', 'AR(4)', 'AR(64)'])

    Each model is fitted before each of five cuts and rolled out from every origin after it; the loss is the mean over
    k = 1, 2, 4 .. of the log of the mean squared error. The first one within 0.02 of the lowest loss is chosen: list
    them from simple to complex. It is what ``lags="auto"`` does.

    It costs five fits of each model on parts of the series, one more of the chosen model on all of it, and a roll-out
    from every origin after each cut: three models are 16 fits, where `evaluate` makes three. `progress` says the number
    before the first of them.

    Parameters
    ----------
    models : a list, or a dict {name: model}, of Forecasters of numbers. They are copied.
    series : the training part, one series or a list: nothing that is to be scored later may be in it.
    horizon : the largest step in the loss, at most a quarter of the series.
    progress : called with ("fits", done, in all): first with 0, then after each cut, last when all is done.

    Returns
    -------
    The chosen model, fitted on all of `series`; its ``selection_`` has the loss of each, {name: loss}, lower being
    better.

    Raises
    ------
    InputError : no model can be fitted on half of the series.
    """
    horizon = whole("horizon", horizon)
    named, panel = name_models(models, horizon), as_panel(series)
    fits = len(CUTS) * len(named) + 1

    def done(cuts: int) -> None:
        if progress is not None:
            progress("fits", cuts * len(named), fits)

    done(0)
    place, losses = choose(list(named.values()), panel, horizon, done)
    chosen: Any = copy.deepcopy(list(named.values())[place]).fit(list(panel) if len(panel) > 1 else panel[0])
    if progress is not None:
        progress("fits", fits, fits)
    chosen.selection_ = dict(zip(named, losses, strict=True))
    return chosen


def choose(
    candidates: Sequence[Forecaster],
    panel: tuple[Series, ...],
    horizon: int,
    done: Callable[[int], None] = lambda cuts: None,
) -> tuple[int, list[float]]:
    """The index of the chosen candidate, and the loss of each. Candidates come from simple to complex.

    A step of pure noise weighs no more than the first, as the loss is a mean of logs. Of all within 0.02 of the best
    the simplest is chosen, since so small a difference may be luck. One that cannot be fitted at the first
    cut drops out with an infinite loss. `done` is told how many cuts are behind.
    """
    horizon = max(1, min(horizon, max(len(part) for part in panel) // 4))
    tried = [candidate for candidate in candidates if isinstance(candidate, Candidate)]
    if len(panel) == 1 and panel[0].complete and len(tried) == len(candidates):
        head = panel[0].numbers[None]
        places, losses, sure = choose_batch(tried, Batch(head, np.abs(head).max(axis=1), 1, np.array([1])), horizon)
        if sure[0]:
            done(len(CUTS))
            return int(places[0]), losses[0].tolist()
    found = rolling_losses(candidates, panel, horizon, done)
    if not np.isfinite(found).any():
        raise _none_left(candidates, panel, horizon)
    return int(simplest(found[None])[0][0]), found.tolist()


def simplest(losses: Array) -> tuple[Index, Mask]:
    """[series] the first candidate whose loss is within the margin of the best,
    and whether no loss is too near to tell.
    """
    best = losses.min(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        apart = np.abs(losses - best - MARGIN)
    return np.argmax(losses <= best + MARGIN, axis=1), ~(apart < NEAR).any(axis=1) & np.isfinite(best[:, 0])


def best_first(losses: Array, chosen: Index) -> Index:
    """[series, candidates] the chosen one, and the others by their loss."""
    ranked = losses.copy()
    ranked[np.arange(len(losses)), chosen] = -np.inf
    return np.argsort(ranked, axis=1, kind="stable")


def losses_of(squares: Array, count: Array, dropped: Mask) -> Array:
    """[series, candidates] the loss of each: the mean over the steps 1, 2, 4 .. of the log of the mean squared error.

    `squares` [series, candidates, steps] are summed over `count` [steps] targets; steps that have too few do not count.
    """
    used = count >= FEWEST
    used[0] |= not used.any()
    if not count[used].all():
        return np.full(dropped.shape, np.inf)
    losses = np.log(np.maximum(squares[:, :, used] / count[used], SMALLEST)).mean(axis=2)
    return np.where(dropped, np.inf, losses)


def looked_at(length: int, horizon: int) -> Index:
    """The steps in the loss of a choice: up to a quarter of the series."""
    return np.array([k for k in STEPS if k <= max(1, min(horizon, length // 4))], dtype=np.intp)


def _none_left(candidates: Sequence[Forecaster], panel: tuple[Series, ...], horizon: int) -> InputError:
    """Why no candidate has a loss: what the simplest of them says of the values before the first cut."""
    longest, why, code = max(len(part) for part in panel), "no forecast behind a cut could be scored", "no-loss"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StepaheadWarning)
            copy.deepcopy(candidates[0]).fit([part[: int(CUTS[0] * len(part))] for part in panel])
    except (InputError, FitError) as error:
        why, code = str(error), error.code
    return InputError(
        f"none of the candidates has a loss over {horizon} steps inside the training part of "
        f"{longest} values ({shown(why)}); "
        'name the number instead of "auto"',
        code=code,
        found=longest,
    )


def rolling_losses(
    candidates: Sequence[Forecaster],
    panel: tuple[Series, ...],
    horizon: int,
    done: Callable[[int], None] = lambda cuts: None,
) -> Array:
    """[candidates] the loss of each over the five cuts, all of them at the same origins; a panel is pooled, each series
    in units of its spread.
    """
    longest = max(len(part) for part in panel)
    horizon, steps = max(1, min(horizon, longest // 4)), looked_at(longest, horizon)
    count, totals = np.zeros(len(steps)), np.zeros((1, len(candidates), len(steps)))
    dropped = np.zeros((1, len(candidates)), dtype=bool)
    scales = [_scale(part) for part in panel]
    with warnings.catch_warnings():
        # Candidates that are not chosen give no notes.
        warnings.simplefilter("ignore", StepaheadWarning)
        for cut, share in enumerate(CUTS):
            done(cut)
            heads = [part[: int(share * len(part))] for part in panel]
            fitted = {place: _fitted(candidates[place], heads) for place in np.flatnonzero(~dropped[0]).tolist()}
            # A candidate drops out if it cannot be fitted before the cut, or needs more values than any series has.
            models = {place: model for place, model in fitted.items() if model is not None and model.context < longest}
            for part, head, (exponent, variance) in zip(panel, heads, scales, strict=True):
                found, seen = _squares(models, part, len(head), horizon, exponent)
                dropped[0, [place for place in fitted if place not in found]] = True
                count += seen[steps - 1]
                for place, squares in found.items():
                    totals[0, place] += squares[steps - 1] / variance
    done(len(CUTS))
    losses: Array = losses_of(totals, count, dropped)[0]
    return losses


def _fitted(model: Forecaster, heads: list[Series]) -> Any:
    """A copy fitted on what lies before a cut; None where it cannot be."""
    if heads[0].beside is not None:
        heads = [head.closed() for head in heads]
    try:
        return copy.deepcopy(model).fit(heads if len(heads) > 1 else heads[0])
    except (InputError, FitError):
        return None


def _squares(
    models: dict[int, Any], series: Series, cut: int, horizon: int, exponent: int
) -> tuple[dict[int, Array], Array]:
    """Sums of squared errors by step behind the cut, {place: [horizon]}, and how many targets there were, [horizon].

    Errors are divided by 2 ** `exponent` before they are squared.

    All models are scored at the origins at which each of them has a forecast, thinned evenly where they are many.
    """
    if not models or len(series) <= max(cut, *(model.context for model in models.values())):
        return {place: np.zeros(horizon) for place in models}, np.zeros(horizon)
    walks = {place: walk(model, series, cut, len(series) - 1, horizon) for place, model in models.items()}
    origins = shared([one.origins for one in walks.values()])
    origins = origins[:: max(1, -(-len(origins) // most_origins(horizon)))]
    known = ~np.isnan(targets(series.numbers, origins, np.arange(1, horizon + 1)))
    found = {}
    for place, one in walks.items():
        total = np.zeros(horizon)
        try:
            for _, error in one.at(origins).errors(horizon, unit=exponent):
                error[np.isnan(error)] = 0.0  # there is no target
                # an overflow is an infinite loss
                with np.errstate(over="ignore", invalid="ignore"):
                    total += np.einsum("ij,ij->j", error, error)
        except FitError:
            continue  # it overflowed: no longer a candidate
        found[place] = total
    return found, known.sum(axis=0).astype(np.float64)


def most_origins(horizon: int) -> int:
    """How many origins of one cut are scored; of many steps fewer,
    since their errors overlap and their table is large.
    """
    return min(MOST_ORIGINS, max(MOST_TARGETS // horizon, 2 * FEWEST))


def _scale(series: Series) -> tuple[int, float]:
    """A power of two that scales the series to near 1, and its variance in that unit; 1 for a constant."""
    known = runs(series.numbers)
    if not known:
        return 0, 1.0
    variance, exponent = linear.spread(known, linear.mean_of(known))
    return int(exponent), float(variance) if variance > 0.0 else 1.0


REACH = 64
"""Default horizon of a choice, where neither its user nor an evaluation gives one."""

AUGMENTATIONS = (None, "sign", "amplitude")
HEAD = 0.8


def choose_augment(model: Any, panel: tuple[Series, ...], horizon: int) -> str | None:
    """Augmentation with the lowest k-step error inside the training part: None, "sign" or "amplitude".

    A copy is fitted each way on the first 80 % of the training part, and rolled out over the rest; the lowest mean
    squared error over the steps 1 .. `horizon` wins. On ``datasets.noisy_sine`` that is "sign" by far (0.075 against
    0.535 without), on Mackey-Glass nothing (0.26 against 0.35).
    """
    longest = max(len(part) for part in panel)
    horizon = max(1, min(horizon, longest // 8))
    heads = [part[: int(HEAD * len(part))] for part in panel]
    totals, count = [np.zeros(horizon) for _ in AUGMENTATIONS], np.zeros(horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepaheadWarning)
        device = model.training.place
        trainings = [replace(model.training, augment=how, checkpoint=None).on(device) for how in AUGMENTATIONS]
        tried = {place: _fitted(model.clone().set_params(training=one), heads) for place, one in enumerate(trainings)}
        models = {place: found for place, found in tried.items() if found is not None}
        for part, head in zip(panel, heads, strict=True):
            exponent, variance = _scale(part)
            found, seen = _squares(models, part, len(head), horizon, exponent)
            count += seen
            for place in models:
                totals[place] += found[place] / variance if place in found else np.inf
    if not count.all():
        return None
    losses = [float((total / count).mean()) if place in models else np.inf for place, total in enumerate(totals)]
    return AUGMENTATIONS[int(np.argmin(losses))]


# ---------------------------------------------------------------------------------------------------------------
# Many series at once


class Tried(NamedTuple):
    """A candidate fitted before a cut: batches of those series that it fits, and those for which it drops out."""

    batches: Sequence[FittedBatch]
    dropped: Mask


@runtime_checkable
class Candidate(Protocol):
    """A model that is tried on many series at once."""

    def try_batch(self, batch: Batch) -> Tried | None:
        """Fitted before a cut; None where the heads are too short for it.
        A series that is not named is fitted alone.
        """


def choose_batch(candidates: Sequence[Candidate], batch: Batch, horizon: int) -> tuple[Index, Array, Mask]:
    """The index of the chosen candidate for each training part, [series]; the losses, [series, candidates]; which are
    certain.

    A choice that is not certain, for rounding or for a fit outside of the batch, is left to `rolling_losses`.
    """
    heads, (series, length) = batch.heads, batch.heads.shape
    horizon, steps = max(1, min(horizon, length // 4)), looked_at(length, horizon)
    dropped = np.zeros((series, len(candidates)), dtype=bool)
    if length // 2 > most_origins(horizon):  # the loop thins the origins
        return np.zeros(series, dtype=np.intp), np.full(dropped.shape, np.inf), dropped[:, 0]
    variance, exponents = linear.spread([heads], linear.mean_of([heads]))
    certain = np.abs(exponents) < PLAIN
    unit = np.ldexp(np.where(variance > 0.0, np.sqrt(variance), 1.0), np.where(certain, exponents, 0))
    totals, count = np.zeros((series, len(candidates), len(steps))), np.zeros(len(steps))
    for share in CUTS:
        cut = int(share * length)
        here = length - cut
        padded = np.concatenate([heads[:, cut:], np.zeros((series, horizon))], axis=1)
        wanted = targets_of_batch(padded, 0, here, steps)
        seen = np.maximum(here - steps + 1, 0)
        count += seen
        unseen = np.arange(here) >= seen[:, None]
        before = Batch(heads[:, :cut], batch.peaks, horizon, steps)
        for place, candidate in enumerate(candidates):
            tried = None if dropped[:, place].all() else candidate.try_batch(before)
            if tried is None:
                dropped[:, place] = True
                continue
            dropped[:, place] |= tried.dropped
            covered = dropped[:, place].copy()
            for fitted in tried.batches:
                covered[fitted.rows] = True
                for part in blocks(len(fitted.rows), here * len(steps)):
                    rows = fitted.rows[part]
                    # An overflow is an infinite loss.
                    with np.errstate(over="ignore", invalid="ignore"):
                        error = fitted.ahead(part, heads[rows], cut, here) - wanted[rows]
                        error /= unit[rows, None, None]
                        error[:, unseen] = 0.0
                        totals[rows, place] += np.einsum("skn,skn->sk", error, error)
            certain &= covered
    losses = losses_of(totals, count, dropped)
    places, sure = simplest(losses)
    return places, losses, certain & sure & ~np.isnan(losses).any(axis=1)
