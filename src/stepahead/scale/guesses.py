"""The skill over the simple guesses, from sums."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..models.baselines import Mean, Naive
from ..protocols import Array


def skill(models: Iterable[Any], squares: Array) -> Array:
    """1 - MSE / MSE of the better of the last value and the training mean; NaN where a guess makes no error.

    `squares` [series, models, steps]: the sums of squared errors of all models, the simple guesses among them.
    """
    kinds = [type(model) for model in models]
    with np.errstate(divide="ignore", invalid="ignore"):
        over = [
            np.where(guess > 0.0, 1.0 - squares / guess, -np.inf)
            for kind in (Naive, Mean)
            for guess in [squares[:, kinds.index(kind), None]]
        ]
        found = np.fmin(*over)
    return np.where(np.isfinite(found), found, np.nan)
