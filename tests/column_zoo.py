"""The leak zoo of columns: pipelines that read a column, or the values beside it, too early, and some that do not.

Each leak is there twice: as a function, of which the audit sees forecasts alone, and as a model whose fit it makes
again. A model is never handed a series at the roll-out: it leaks through the state, which it makes of the whole series,
or through the memory behind the array that it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import stepahead as sa
from stepahead.protocols import Column

LENGTH, TRAIN, H = 120, 80, 4
PROMO, SHELF, WARMTH = Column("promo", "known"), Column("shelf", "known"), Column("warmth", "past")
HOLES = (30, 57, 91, 104)

Forecasts = Mapping[int, Any]
Columns = Mapping[str, np.ndarray]


def shelves(holes: bool = False, seed: int = 0) -> sa.Series:
    """Sales beside promotions and places on the shelf, known H days past the end, and the warmth of the day."""
    rng = np.random.default_rng(seed)
    promo, shelf = (rng.random(LENGTH + H) < 0.3) * 1.0, rng.integers(0, 3, LENGTH + H) * 1.0
    warmth = np.cumsum(rng.normal(0.0, 0.3, LENGTH))
    values = 10.0 + 5.0 * promo[:LENGTH] + shelf[:LENGTH] + 2.0 * warmth + rng.normal(0.0, 1.0, LENGTH)
    if holes:
        warmth[list(HOLES)] = np.nan
    return sa.Series(
        values,
        known={"promo": promo, "shelf": shelf},
        past={"warmth": warmth},
        missing="skip" if holes else "raise",
    )


def direct(x: np.ndarray, seen: np.ndarray, fit_until: int = TRAIN) -> Forecasts:
    """A regression for each step on what is seen at the origin, [origins, columns] from origin 1 on."""
    rows = np.column_stack([x, seen[: len(x)], np.ones(len(x))])  # row o - 1 belongs to origin o
    out = np.empty((len(x), H))
    for k in range(H):
        known = rows[: fit_until - k - 1]
        out[:, k] = rows @ np.linalg.lstsq(known, x[1 + k : fit_until], rcond=None)[0]
    return dict(enumerate(out, start=1))


def recursive(x: np.ndarray, column: np.ndarray, fit_until: int = TRAIN) -> Forecasts:
    """One step on the last value and the column at the target, fed back: the column is read H steps ahead."""
    rows = np.column_stack([x[: fit_until - 1], column[1:fit_until], np.ones(fit_until - 1)])
    if np.isnan(x[:fit_until]).any():
        raise ValueError("a value is missing")
    phi, beta, level = np.linalg.lstsq(rows, x[1:fit_until], rcond=None)[0]
    out = {}
    for o in range(1, min(len(x), len(column) - H) + 1):
        y, out[o] = x[o - 1], []
        for k in range(H):
            y = phi * y + beta * column[o + k] + level
            out[o].append(y)
    return out


def filled(column: np.ndarray, backwards: bool) -> np.ndarray:
    """Each hole as the next value, or the last."""
    order = slice(None, None, -1) if backwards else slice(None)
    turned = column[order]
    there = np.maximum.accumulate(np.where(np.isnan(turned), 0, np.arange(len(turned))))
    return turned[there][order]


def mean_of_three(column: np.ndarray) -> np.ndarray:
    """Of the value, the one before and the one after."""
    return np.convolve(np.concatenate([column[:1], column, column[-1:]]), np.ones(3) / 3.0, mode="valid")


# -- leaks, as functions


def past_column_read_at_the_origin(x: np.ndarray, past: Columns) -> Forecasts:
    return direct(x[:-1], past["warmth"][1:])


def recursion_reads_the_past_column_ahead(x: np.ndarray, past: Columns) -> Forecasts:
    return recursive(x, past["warmth"])


def holes_filled_from_behind(x: np.ndarray, past: Columns) -> Forecasts:
    return direct(x, np.nan_to_num(filled(past["warmth"], backwards=True)))


def column_scaled_over_everything(x: np.ndarray, past: Columns) -> Forecasts:
    return {o: ahead + past["warmth"][o - 1] / past["warmth"].std() for o, ahead in direct(x, past["warmth"]).items()}


def centred_mean_of_a_past_column(x: np.ndarray, past: Columns) -> Forecasts:
    return direct(x, mean_of_three(past["warmth"]))


def sum_of_all_promotions_to_come(x: np.ndarray, known: Columns) -> Forecasts:
    return direct(x, known["promo"][1:][::-1].cumsum()[::-1])


def step_reads_the_whole_horizon(x: np.ndarray, known: Columns) -> Forecasts:
    share = np.lib.stride_tricks.sliding_window_view(known["promo"], H).mean(axis=1)
    return direct(x, share[1:])


def measured_in_place_of_known(x: np.ndarray, past: Columns) -> Forecasts:
    slope, level = np.polyfit(past["warmth"][:TRAIN], x[:TRAIN], 1)
    return {o: slope * past["warmth"][o : o + H] + level for o in range(1, len(x) - H + 1)}


def mean_by_category_over_everything(x: np.ndarray, known: Columns) -> Forecasts:
    shelf = known["shelf"]
    means = {place: x[shelf[: len(x)] == place].mean() for place in np.unique(shelf[: len(x)])}
    return {o: [means.get(place, 0.0) for place in shelf[o : o + H]] for o in range(1, len(shelf) - H + 1)}


def fitted_past_the_training_part(x: np.ndarray, known: Columns) -> Forecasts:
    return recursive(x, known["promo"], fit_until=len(x))


# -- clean, as functions


def recursive_with_known(x: np.ndarray, known: Columns) -> Forecasts:
    return recursive(x, known["promo"])


def direct_with_past(x: np.ndarray, past: Columns) -> Forecasts:
    return direct(x, past["warmth"])


def direct_with_both(x: np.ndarray, past: Columns, known: Columns) -> Forecasts:
    return direct(x, np.column_stack([past["warmth"], known["promo"][1 : len(x) + 1]]))


def holes_filled_from_before(x: np.ndarray, past: Columns) -> Forecasts:
    return direct(x, filled(past["warmth"], backwards=False))


def mean_by_category_of_the_training_part(x: np.ndarray, known: Columns) -> Forecasts:
    shelf = known["shelf"]
    means = {place: x[:TRAIN][shelf[:TRAIN] == place].mean() for place in np.unique(shelf[:TRAIN])}
    return {o: [means[place] for place in shelf[o : o + H]] for o in range(1, len(x) + 1)}


def without_columns(x: np.ndarray) -> Forecasts:
    return direct(x, np.zeros(len(x)))


LEAKS: Mapping[Callable[..., Forecasts], str] = {
    past_column_read_at_the_origin: "H",
    recursion_reads_the_past_column_ahead: "H",
    holes_filled_from_behind: "H",
    column_scaled_over_everything: "H",
    centred_mean_of_a_past_column: "H",
    sum_of_all_promotions_to_come: "K",
    step_reads_the_whole_horizon: "K",
    measured_in_place_of_known: "H",
    mean_by_category_over_everything: "H",
    fitted_past_the_training_part: "H",
}
CLEAN = (
    recursive_with_known,
    direct_with_past,
    direct_with_both,
    holes_filled_from_before,
    mean_by_category_of_the_training_part,
    without_columns,
)
WITH_HOLES = (holes_filled_from_behind, holes_filled_from_before)


# -- the same as models


@dataclass
class Plain:
    """A regression a step on the last value and what a subclass sees at the origin; what is known ahead it adds."""

    columns_: tuple[Column, ...] = (WARMTH,)
    leads: int = 0
    context: int = field(default=1, init=False)
    name = property(lambda self: type(self).__name__)

    def columns_on(self, series: sa.Series) -> Any:
        return self.columns_, None

    def seen(self, series: sa.Series) -> np.ndarray:
        """[time, ..]: row o - 1 belongs to origin o."""
        return column(series, "warmth")

    def fit(self, given: Any) -> Plain:
        series = given[0] if isinstance(given, list) else given
        x = series.numbers
        rows = np.column_stack([x, np.nan_to_num(self.seen(series)), np.ones(len(x))])
        self.weights = np.array([np.linalg.lstsq(rows[: -k - 1], x[1 + k :], rcond=None)[0] for k in range(H)])
        return self

    def encode(self, series: sa.Series, after: Any = None) -> tuple[np.ndarray, ...]:
        return (np.column_stack([series.numbers, self.seen(series), np.ones(len(series))]),)

    def rollout(self, state: tuple[np.ndarray, ...], horizon: int, *ahead: np.ndarray) -> np.ndarray:
        # One weight at a time: the bits of a row depend on nothing else.
        steps = sum(part[:, None] * weight for part, weight in zip(state[0].T, self.weights[:horizon].T, strict=True))
        return steps if not ahead else self.with_known(np.asarray(steps), ahead[0])

    def with_known(self, steps: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        return steps


def column(series: sa.Series, name: str) -> np.ndarray:
    """A column up to the end of the values."""
    part = series.past if name in series.past.names else series.known
    return part.values[: len(series), part.names.index(name)]


def shifted(values: np.ndarray, steps: int) -> np.ndarray:
    """Each value so many steps on; past the end the last one."""
    return values[np.minimum(np.arange(len(values)) + steps, len(values) - 1)]


class AtTheOrigin(Plain):
    def seen(self, series):
        return shifted(column(series, "warmth"), 1)


class Recursion(Plain):
    def seen(self, series):
        return np.column_stack([shifted(column(series, "warmth"), k) for k in range(1, H + 1)])


class FilledFromBehind(Plain):
    def seen(self, series):
        return np.nan_to_num(filled(column(series, "warmth"), backwards=True))


class ScaledOverEverything(Plain):
    def seen(self, series):
        return column(series, "warmth") / column(series, "warmth").std()


class CentredMean(Plain):
    def seen(self, series):
        return mean_of_three(column(series, "warmth"))


class PromotionsToCome(Plain):
    def seen(self, series):
        return shifted(column(series, "promo"), 1)[::-1].cumsum()[::-1]


class WholeHorizon(Plain):
    def with_known(self, steps, ahead):
        return steps + ahead.mean(axis=(1, 2))[:, None]


class Measured(Plain):
    def seen(self, series):
        return np.column_stack([shifted(column(series, "warmth"), k) for k in range(1, H + 1)])

    def rollout(self, state, horizon, *ahead):
        return 10.0 + 2.0 * state[0][:, 1 : 1 + horizon]


class MeanByCategory(Plain):
    def seen(self, series):
        shelf = column(series, "shelf")
        return np.tile([series.numbers[shelf == place].mean() for place in range(3)], (len(series), 1))

    def rollout(self, state, horizon, *ahead):
        places = ahead[0][:, :horizon, 0].astype(int).clip(0, 2)
        return np.take_along_axis(state[0][:, 1:4], places, axis=1)


class PastTheTrainingPart(Plain):
    """A slice of an array has the whole of it behind it."""

    def fit(self, series):
        whole = series.values
        while whole.base is not None:
            whole = whole.base
        return super().fit(sa.Series(whole[:LENGTH]))

    def seen(self, series):
        return np.zeros(len(series))


class OneStepBehind(Plain):
    """Reads the step after the one that it forecasts, and says so."""

    def with_known(self, steps, ahead):
        return steps + ahead[:, 1 : 1 + steps.shape[1], 0]


class Aside(Plain):
    """Uses a column, it says."""

    def seen(self, series):
        return np.zeros(len(series))


LEAKY: tuple[tuple[Plain, str], ...] = (
    (AtTheOrigin(), "H"),
    (Recursion(), "H"),
    (FilledFromBehind(), "H"),
    (ScaledOverEverything(), "H"),
    (CentredMean(), "H"),
    (PromotionsToCome((PROMO,)), "K"),
    (WholeHorizon((PROMO, WARMTH)), "K"),
    (Measured(), "H"),
    (MeanByCategory((SHELF,)), "H"),
    (PastTheTrainingPart((PROMO,)), "H"),
)


def honest() -> dict[str, Any]:
    """Models that no audit may accuse."""
    return {
        "known": sa.AR(3, using=["promo", "shelf"]),
        "past": sa.AR(3, using="warmth", chunk=H),
        "both": sa.AR(3, using="all", chunk=H),
        "regressed": sa.Regressed(sa.AR(2), on="promo", weights="level"),
        "leads": OneStepBehind((PROMO,), leads=1),
        "none": sa.AR(3),
        "plain": Plain(),
    }


def by_hand(pipeline: Callable[..., Forecasts], series: sa.Series) -> dict[str, int]:
    """How many forecasts move that must not, by a literal loop over the cuts, with numbers of its own: "H" with values
    and past columns other from the cut on, "K" with known ones, at steps whose target lies before it.
    """
    takes = pipeline.__code__.co_varnames[: pipeline.__code__.co_argcount]
    columns = {"past": series.past, "known": series.known}

    def run(values, past, known):
        given = {"past": past, "known": known}
        handed = {
            kind: {name: given[kind][:, place].copy() for place, name in enumerate(columns[kind].names)}
            for kind in takes[1:]
        }
        return pipeline(values.copy(), **handed)

    base = run(series.values, series.past.values, series.known.values)
    moved = {"H": 0, "K": 0}
    for cut in range(TRAIN, LENGTH - H):
        values, past, known = (part.copy() for part in (series.values, series.past.values, series.known.values))
        values[cut:] = 50.0 - values[cut:]
        past[cut:] = 3.0 - 2.0 * np.nan_to_num(past[cut:])
        known[cut:, 0] = 1.0 - known[cut:, 0]
        known[cut:, 1] = (known[cut:, 1] + 1.0) % 3.0
        got = run(values, past, series.known.values)
        moved["H"] += sum(np.array(base[o]).tobytes() != np.array(got[o]).tobytes() for o in base if o <= cut)
        got = run(series.values, series.past.values, known)
        for o in base:
            kept = max(cut - o, 0)
            moved["K"] += np.array(base[o])[:kept].tobytes() != np.array(got[o])[:kept].tobytes()
    return moved
