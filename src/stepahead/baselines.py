"""The simple forecasts that a model has to beat: `Mean`, `Naive`, `SeasonalNaive`, `Drift`.

>>> import stepahead as sa
>>> sa.baselines.Drift().fit([1.0, 2.0, 3.0]).forecast([1.0, 2.0, 3.0], horizon=2)
array([4., 5.])
"""

from .models.baselines import Drift, Mean, Naive, SeasonalNaive

__all__ = ["Drift", "Mean", "Naive", "SeasonalNaive"]
