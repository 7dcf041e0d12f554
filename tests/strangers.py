"""Models that inherit nothing, or guard nothing."""

from __future__ import annotations

import numpy as np
import torch

import stepahead as sa
from stepahead import windows
from stepahead.models.model import Model
from stepahead.windows import joined_windows

from .cases import PRINTED


class Steady:
    """The last value of a window, for ever."""

    lags = 3

    def fit(self, series):
        self.context = self.lags
        return self

    def encode(self, values, after=None):
        return (windows.joined_windows(sa.Series(values).numbers, self.lags, after).copy(),)

    def rollout(self, state, horizon):
        return np.repeat(state[0][:, -1:], horizon, axis=1)


MAKERS = {
    "Halfway": lambda: PRINTED.Halfway(),
    "SimpleTheta": lambda: PRINTED.SimpleTheta(),
    "Scaled": lambda: sa.Scaled(PRINTED.SimpleTheta()),
    "Differenced": lambda: sa.Differenced(PRINTED.SimpleTheta()),
    "Rectified": lambda: sa.wrappers.Rectified(PRINTED.Halfway(), horizon=4),
    "Moment": lambda: Moment(),
}


class Moment(Model):
    """A stranger's model with squares in its fit, a distribution, and paths; it guards nothing."""

    _learned = ("variance_",)

    def _fit(self, segments):
        every = np.concatenate(segments)
        self.variance_ = float((every * every).mean() - every.mean() ** 2)
        return 2

    def _encode(self, values, after):
        return (joined_windows(values, 2, after),)

    def _rollout(self, state, horizon):
        return np.repeat(state[0].sum(axis=1, keepdims=True) / 2.0, horizon, axis=1)

    def _predictive(self, state, horizon):
        return sa.distributions.Normal(
            self._rollout(state, horizon), np.full((len(state[0]), horizon), self.variance_**0.5)
        )

    def _paths(self, state, horizon, n, seed, origins):
        signs = np.where((np.arange(n)[:, None] + origins + seed) % 2, 1.0, -1.0)[..., None]
        return self._rollout(state, horizon) + signs * self.variance_**0.5


class Stranger:
    """A model that inherits nothing, and does what a test tells it."""

    def __init__(self, encode=None, rollout=None):
        self._encode, self._rollout = encode, rollout

    def fit(self, series):
        self.context = 1
        return self

    def encode(self, values, after=None):
        x = np.asarray(getattr(values, "numbers", values))
        return self._encode(x) if self._encode else (x[:, None],)

    def rollout(self, state, horizon):
        return self._rollout(state, horizon) if self._rollout else np.repeat(state[0], horizon, axis=1)


class Silent:
    """A stranger's model: the last value but one; it knows nothing of capabilities."""

    context = 2

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        numbers = np.asarray(values.numbers)
        if after is not None:
            numbers = np.concatenate([after[0][:, 1], numbers])
        return (np.stack([numbers[:-1], numbers[1:]], axis=1),)

    def rollout(self, state, horizon):
        return np.repeat(state[0][:, :1], horizon, axis=1)


class Last(torch.nn.Module):
    """The last value again: a module without a weight."""

    def forward(self, z):
        return z[:, -1:]
