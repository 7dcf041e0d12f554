"""Baselines: simple forecasts that a model has to beat. The seasonal ones take the season in steps.

`Mean`, `Naive` (the last value), `SES` (a recent average), `Drift`, `Line`; `SeasonalNaive`, `Phases`, `LinePhases`,
`Harmonic`.
Of symbols: `Frequencies` (of each calendar month).

>>> import stepahead as sa
>>> sa.baselines.Drift().fit([1.0, 2.0, 3.0]).forecast([1.0, 2.0, 3.0], horizon=2)
array([4., 5.])
"""

from .models.baselines import Drift, Mean, Naive, SeasonalNaive
from .models.curves import Harmonic, Line, LinePhases, Phases
from .models.frequencies import Frequencies
from .models.smoothing import SES

__all__ = ["Drift", "Frequencies", "Harmonic", "Line", "LinePhases", "Mean", "Naive", "Phases", "SES", "SeasonalNaive"]
