"""Distributions of rows and steps, whatever their class: rows and steps taken, parts joined, the point forecast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from .distributions import Mixture, Normal, Samples
from .errors import InputError, ParameterError
from .protocols import Array, Index
from .quantiles import Quantiles, listed

Distribution: TypeAlias = Quantiles | Samples | Normal | Mixture
DISTRIBUTIONS = (Quantiles, Samples, Normal, Mixture)
"""What a forecast may come with."""
EVERY = slice(None)
NEAR_ONE = 1e-6
"""How far from 1 weights may sum, as those of a net in single precision do."""


def as_numbers(found: Any) -> Array | None:
    """An array of floats: of numpy, of lists, of torch; None where there are no numbers."""
    if callable(getattr(found, "detach", None)):
        found = found.detach().cpu()
    try:
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def as_arrays(distribution: Distribution) -> Distribution | None:
    """The same, of arrays where it was made of lists, numbers or tensors; None where these hold no numbers."""
    if isinstance(distribution, Quantiles):
        return distribution
    parts: dict[str, Any] = {name: as_numbers(part) for name, part in vars(distribution).items() if part is not None}
    return None if any(part is None for part in parts.values()) else replace(distribution, **parts)


def needs_of(distribution: Distribution) -> Iterator[tuple[str, bool]]:
    """What its parts have to be, and whether they are."""
    if isinstance(distribution, Quantiles):
        return
    try:
        taken(distribution)
    except ValueError:
        yield "parts that broadcast to its rows and steps", False
    if isinstance(distribution, Samples):
        yield "at least 2 draws", len(distribution.draws) > 1
    if isinstance(distribution, Mixture):
        weights = distribution.weights
        ones = np.allclose(weights.sum(axis=-1), 1.0, rtol=0.0, atol=NEAR_ONE)
        yield "weights of at least 0 that sum to 1", bool(ones and (weights >= 0.0).all())
    spread = distribution.spreads if isinstance(distribution, Mixture) else distribution.spread
    yield "spreads of at least 0", spread is None or bool((spread >= 0.0).all())


def shape_of(distribution: Distribution) -> tuple[int, ...]:
    """[rows, steps]."""
    if isinstance(distribution, Quantiles):
        return distribution.values.shape[:2]
    if isinstance(distribution, Samples):
        return distribution.draws.shape[1:]
    return distribution.center.shape if isinstance(distribution, Normal) else distribution.weights.shape[:-1]


def numbers_of(distribution: Distribution) -> list[Array]:
    """The arrays that it is made of, those that were given."""
    if isinstance(distribution, Quantiles):
        return [distribution.values, *([] if distribution.center is None else [distribution.center])]
    if isinstance(distribution, Samples):
        return [distribution.draws, *(part for part in (distribution.center, distribution.spread) if part is not None)]
    if isinstance(distribution, Normal):
        return [distribution.center, distribution.spread]
    return [distribution.weights, distribution.centers, distribution.spreads]


def point_of(distribution: Distribution) -> Array:
    """The point forecast, [rows, steps]: of quantiles the one at 0.5, else the mean beside them; of draws the center
    that came with them, else their median; else the mean.
    """
    if isinstance(distribution, Quantiles):
        if distribution.has(0.5):
            return distribution.quantile(0.5)
        if distribution.center is None:
            raise InputError(
                f"{distribution} has no point forecast: give the quantile at 0.5, or mean=",
                code="quantiles",
                found=len(distribution.levels),
            )
        return distribution.center
    if isinstance(distribution, Samples):
        return np.asarray(np.median(distribution.draws, axis=0)) if distribution.center is None else distribution.center
    return distribution.mean()


def taken(distribution: Distribution, rows: slice | Index = EVERY, columns: slice | Index = EVERY) -> Distribution:
    """The same of some of its rows and steps."""

    def some(part: Array, shape: tuple[int, ...] = shape_of(distribution)) -> Array:
        return np.broadcast_to(part, shape)[rows][:, columns]

    if isinstance(distribution, Quantiles):
        found = object.__new__(Quantiles)  # sorted and checked already
        found.levels, found.crossing = distribution.levels, distribution.crossing[rows][:, columns]
        found.values = distribution.values[rows][:, columns]
        found.center = None if distribution.center is None else some(distribution.center)
        return found
    if isinstance(distribution, Samples):
        sides = [None if part is None else some(part) for part in (distribution.center, distribution.spread)]
        return Samples(distribution.draws[:, rows][:, :, columns], *sides)
    if isinstance(distribution, Normal):
        return Normal(some(distribution.center), some(distribution.spread))
    return Mixture(
        *(
            some(part, distribution.weights.shape)
            for part in (distribution.weights, distribution.centers, distribution.spreads)
        )
    )


def joined(parts: Sequence[Distribution]) -> Distribution:
    """Parts of one class, one below the other."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if len(set(map(_kind, parts))) > 1:
        texts = sorted({text for text, _ in map(_kind, parts)})
        raise ParameterError(
            f"a distribution has to be of one kind at every origin; found {' and '.join(texts)}",
            code="contract",
            found=texts,
        )
    if isinstance(first, Quantiles):
        every = [part for part in parts if isinstance(part, Quantiles)]
        found = object.__new__(Quantiles)
        found.levels, found.crossing = first.levels, np.concatenate([part.crossing for part in every])
        found.values = np.concatenate([part.values for part in every])
        found.center = _rows_of([part.center for part in every])
        return found
    if isinstance(first, Samples):
        sides = [_rows_of([getattr(part, name) for part in parts]) for name in ("center", "spread")]
        return Samples(np.concatenate([part.draws for part in parts if isinstance(part, Samples)], axis=1), *sides)
    whole = [taken(part) for part in parts]
    names = ("center", "spread") if isinstance(first, Normal) else ("weights", "centers", "spreads")
    return type(first)(*(np.concatenate([getattr(part, name) for part in whole]) for name in names))


def _kind(distribution: Distribution) -> tuple[str, bytes]:
    """What parts have to have in common to be joined: in words, and the levels of quantiles to the bit."""
    if isinstance(distribution, Normal):
        return "normal distributions", b""
    if isinstance(distribution, Mixture):
        return f"mixtures of {distribution.weights.shape[-1]}", b""
    if isinstance(distribution, Quantiles):
        mean = "" if distribution.center is None else " and a mean"
        return (
            f"{len(distribution.levels)} quantiles, {listed(distribution.levels)}{mean}",
            distribution.levels.tobytes(),
        )
    sides = {" and a center": distribution.center, " and a spread": distribution.spread}
    return f"{len(distribution.draws)} draws" + "".join(name for name, part in sides.items() if part is not None), b""


def _rows_of(parts: Sequence[Array | None]) -> Array | None:
    return None if parts[0] is None else np.concatenate([part for part in parts if part is not None])


def ends_of(distribution: Any, level: float) -> tuple[Array, Array]:
    """(low, high), each [rows, steps]: the central interval; of quantiles those that were given, or an error."""
    if isinstance(distribution, Quantiles):
        return distribution.interval(level)
    return distribution.quantile(0.5 - level / 2.0), distribution.quantile(0.5 + level / 2.0)


def level_told(distribution: Distribution, wanted: float = 0.9) -> float | None:
    """The level at which its intervals are told: the one wanted, else of quantiles the widest pair; None where there is
    none.
    """
    if not isinstance(distribution, Quantiles) or distribution.has(0.5 - wanted / 2.0, 0.5 + wanted / 2.0):
        return wanted
    pairs = [float(u) for u in distribution.levels if u < 0.5 and distribution.has(1.0 - float(u))]
    return round(1.0 - 2.0 * pairs[0], 12) if pairs else None


def described(distribution: Distribution) -> tuple[str, int]:
    """What it is, and how many of them: ("quantiles", 9), ("draws", 200), ("normal", 1), ("mixture", 1)."""
    if isinstance(distribution, Quantiles):
        return "quantiles", len(distribution.levels)
    if isinstance(distribution, Samples):
        return "draws", len(distribution.draws)
    return ("normal" if isinstance(distribution, Normal) else "mixture"), 1


def columns_of(distribution: Distribution, name: str) -> dict[str, Array]:
    """Columns [rows, steps] beside the forecast of a model, named as Nixtla does: of quantiles all of them, of another
    distribution the ends of its interval at 90 %.
    """
    if not isinstance(distribution, Quantiles):
        low, high = ends_of(distribution, 0.9)
        return {f"{name}-lo-90": low, f"{name}-hi-90": high}
    found = {}
    for level in distribution.levels.tolist():
        held = f"{100.0 * abs(1.0 - 2.0 * level):.10g}"
        column = f"{name}_ql{level:.10g}"
        if level == 0.5:
            column = f"{name}-median"
        elif distribution.has(1.0 - level):
            column = f"{name}-lo-{held}" if level < 0.5 else f"{name}-hi-{held}"
        found[column] = distribution.quantile(level)
    return found
