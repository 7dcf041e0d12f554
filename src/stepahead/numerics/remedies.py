"""Remedies for recursive error that any net on a window can take: steps in the loss, noise and augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..protocols import Array

LEAST_LOSS = 0.25
"""Added to a^2 in the divisor of the loss of a pair multiplied by a, which bounds the weight of a small a.
"""
KEPT = 2048
"""Residuals kept for sampled paths, thinned evenly where there are more."""


def curriculum(chunk: int, unroll: int, epochs: int) -> list[int]:
    """[epochs] how many steps each epoch unrolls: one chunk, twice as many, .. up to `unroll`, in equal shares of the
    epochs.

    >>> curriculum(1, 16, 10)
    [1, 1, 2, 2, 4, 4, 8, 8, 16, 16]

    Fewer epochs than stages leave out early ones: the last epoch always sees all steps.
    """
    stages = [chunk]
    while stages[-1] < unroll:
        stages.append(min(2 * stages[-1], unroll))
    return [stages[-(-(epoch + 1) * len(stages) // epochs) - 1] for epoch in range(epochs)]


class Variation:
    """Noise and augmentation of the training pairs, drawn anew for each epoch.

    Parameters
    ----------
    seed : and the number of each net, `numbers` [nets]: its draws depend on these two alone.
    augment : "sign" multiplies a centred window with its targets by -1 or 1, "amplitude" by a ~ N(0, 1) with the loss
        divided by a^2 + 0.25; None leaves them.
    noise : standard deviation of what is added to the windows, in units of `spread`.
    location, spread : [nets] mean and standard deviation of what the net is trained on.
    lags : how many numbers of a window are values; columns after them are left alone. All where None.
    """

    def __init__(
        self,
        seed: int,
        numbers: Sequence[int],
        augment: str | None,
        noise: float,
        location: Array,
        spread: Array,
        lags: int | None = None,
    ) -> None:
        self.augment, self.noise, self.lags = augment, noise, lags
        self.location, self.spread = location[:, None, None], spread
        # The streams 0 and 1 of a net are its start and the order of its batches.
        self._generators = [np.random.default_rng([seed, net, 2]) for net in numbers]

    def __call__(self, X: Array, Y: Array) -> Array | None:
        """Change windows [nets, rows, lags] and targets [nets, rows, steps] in place; the weights of the rows,
        or None.
        """
        weights, X = None, X[:, :, : self.lags]
        if self.augment is not None:
            drawn = np.stack([generator.standard_normal(X.shape[1]) for generator in self._generators])
            if self.augment == "sign":
                drawn = np.copysign(1.0, drawn)
            else:
                weights = 1.0 / (drawn * drawn + LEAST_LOSS)
            for values in (X, Y):
                values -= self.location
                values *= drawn[:, :, None]
                values += self.location
        if self.noise > 0.0:
            for values, generator, spread in zip(X, self._generators, self.spread, strict=True):
                values += self.noise * spread * generator.standard_normal(values.shape)
        return weights


def varied(
    seed: int,
    numbers: Sequence[int],
    augment: str | None,
    noise: float,
    pairs: Sequence[tuple[Array, Array]],
    lags: int | None = None,
) -> Variation | None:
    """The variation of the nets with these numbers, as many on each of the pairs; None where nothing is varied."""
    if augment is None and not noise > 0.0:
        return None
    scales = np.repeat([_scale(X[:, :lags], Y) for X, Y in pairs], len(numbers) // len(pairs), axis=0)
    return Variation(seed, numbers, augment, noise, scales[:, 0], scales[:, 1], lags)


def _scale(X: Array, Y: Array) -> tuple[float, float]:
    """Mean and standard deviation of the windows and targets of the training part."""
    count = X.size + Y.size
    location = float(X.sum() + Y.sum()) / count
    return location, float(np.sqrt((((X - location) ** 2).sum() + ((Y - location) ** 2).sum()) / count))


@dataclass(frozen=True)
class Unit:
    """What a net on windows is trained in: values less `level`, divided by `size`, a power of two.

    Attributes
    ----------
    level : 0, or the mean of the values where it is more than twice their standard deviation.
    size : the power of two nearest to their standard deviation, by ratio; 0 of a constant.
    """

    level: float
    size: float

    def inside(self, X: Array, Y: Array, lags: int | None = None) -> tuple[Array, Array]:
        """Windows and targets in this unit; columns after the `lags` values of a window stay as they are."""
        if self.level == 0.0 and self.size == 1.0:
            return X, Y
        size = self.size or 1.0
        own = (X[:, :lags] - self.level) / size
        return own if own.shape == X.shape else np.hstack([own, X[:, lags:]]), (Y - self.level) / size

    def outside(self, w1: Array, w2: Array, lags: int = -1) -> tuple[Array, Array]:
        """Weights [nets, inputs, outputs] that were learned in this unit, for the values as they are; biases last."""
        if self.level == 0.0 and self.size == 1.0:
            return w1, w2
        size = self.size or 1.0
        w1[:, -1] -= self.level / size * w1[:, :lags].sum(axis=1)
        w1[:, :lags] /= size
        w2 *= self.size  # a constant is what the net adds nothing to
        w2[:, -1] += self.level
        return w1, w2


def unit_of(X: Array, Y: Array) -> Unit:
    """The unit of the windows and targets of a training part."""
    first = float(X[0, 0])
    if bool(np.all(first == X)) and bool(np.all(first == Y)):
        return Unit(first, 0.0)
    location, spread = _scale(X, Y)
    if not 0.0 < spread < np.inf or not np.isfinite(location):
        return Unit(0.0, 1.0)  # values that cannot be squared are no values of a fit
    fraction, exponent = np.frexp(spread)
    size = np.ldexp(1.0, int(exponent) - (fraction < np.sqrt(0.5)))  # the nearest power of two
    return Unit(location if abs(location) > 2.0 * spread else 0.0, float(size))


def kept(rows: int) -> slice:
    """Which of so many residuals are kept: at most KEPT, evenly over all of them."""
    return slice(None, None, max(1, -(-rows // KEPT)))
