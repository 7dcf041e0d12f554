"""Diagnostics: why a model fails, and what a series shows.

* `strategies`: one regressor recursive, direct and one-shot, at the same origins.
* `split_error`: the error by step as noise, window, fit and feedback. `seed_variance`: the share of a seed.
* `direction`: which direction of time a series is consistent with.
* `coverage_band`, `interval_width`, `pinball`: of the prediction intervals of a result, beside ``KStep.coverage``.

>>> import stepahead as sa
>>> sa.diagnostics.direction(sa.datasets.noisy_sine(seed=0), lags=8).verdict
'no verdict'
"""

from .evaluation.direction import direction
from .evaluation.forecast_strategies import strategies
from .evaluation.held import coverage_band, interval_width, pinball
from .evaluation.why import seed_variance, split_error

__all__ = ["coverage_band", "direction", "interval_width", "pinball", "seed_variance", "split_error", "strategies"]
