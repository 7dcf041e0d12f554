"""Stacks of small nets, and of models that see the series in another scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BudgetError, FitError, InputError
from ..models.mlp import MLP
from ..numerics import perceptron
from ..protocols import Array, Index
from ..series import Series
from .stacks import Batch, Stack, history


@dataclass(frozen=True)
class Nets:
    """Nets of one shape side by side, each as wide as its ensemble: the arrays of `perceptron.widened`, a series a row."""

    rows: Index
    first: Array
    bias1: Array
    second: Array
    bias2: Array
    horizon: int
    kept: Index

    @property
    def width(self) -> int:
        """The window and every step, whether it is kept or not; or the hidden layer, where that is wider."""
        return max(int(self.first.shape[2]) + self.horizon, int(self.first.shape[1]))

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]: predict a chunk, append it, slide on."""
        wide1, bias1 = self.first[part], self.bias1[part, :, None]
        wide2, bias2 = self.second[part], self.bias2[part, :, None]
        lags, chunk = wide1.shape[2], wide2.shape[1]
        known = np.empty((len(values), lags + -(-self.horizon // chunk) * chunk, count))
        known[:, :lags] = history(values, lags, first, count)
        inner = np.empty((len(values), wide1.shape[1], count))
        with np.errstate(over="ignore", invalid="ignore"):
            for at in range(0, self.horizon, chunk):
                np.matmul(wide1, known[:, at : at + lags], out=inner)
                inner += bias1
                np.maximum(inner, 0.0, out=inner)
                ahead = known[:, lags + at : lags + at + chunk]
                np.matmul(wide2, inner, out=ahead)
                ahead += bias2
        out = known[:, lags : lags + self.horizon]
        broken = ~np.isfinite(out).all(axis=(1, 2))
        out = out[:, self.kept - 1]
        out[broken] = np.nan
        return out


def mlp(model: MLP, batch: Batch) -> list[Stack]:
    """All nets trained side by side."""
    rows, nets = _trained(model, batch.heads, batch.all)
    if not nets:
        return []
    parts = zip(*(perceptron.widened(net.weights1_, net.weights2_) for net in nets), strict=True)
    first, bias1, second, bias2 = (np.stack(part) for part in parts)
    return [Nets(rows, first, bias1, second, bias2, batch.horizon, batch.kept)]


def _trained(model: MLP, heads: Array, rows: Index) -> tuple[Index, list[MLP]]:
    """The nets of those of `rows` that can be trained: each half is tried again where one diverges, or all are too large."""
    try:
        return rows, model.fit_each([Series(head) for head in heads])
    except (InputError, FitError, BudgetError):
        if len(rows) == 1:
            return rows[:0], []
    half = len(rows) // 2
    left, right = _trained(model, heads[:half], rows[:half]), _trained(model, heads[half:], rows[half:])
    return np.concatenate([left[0], right[0]]), left[1] + right[1]


@dataclass(frozen=True)
class Rescaled:
    """A stack that sees each series less a mean, in units of a deviation."""

    inner: Stack
    mean: Array
    std: Array

    @property
    def rows(self) -> Index:
        """Those of the stack inside."""
        return self.inner.rows

    @property
    def width(self) -> int:
        """That of the stack inside."""
        return self.inner.width

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins], in the unit of the series."""
        mean, std = self.mean[part, None], self.std[part, None]
        out = self.inner.ahead(part, (values - mean) / std, first, count) * std[:, :, None]
        out += mean[:, :, None]
        return np.asarray(out)
