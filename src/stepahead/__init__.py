"""stepahead: how many steps ahead can I trust my model?

A model encodes a series into one causal state per origin, then rolls the states out; one-step, multi-step and k-step
prediction are the same call with other arguments.

>>> import stepahead as sa
>>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
>>> result["AR(64)"].rmse().shape
(64,)
"""

from . import datasets
from .distributions import Discrete, Normal
from .errors import (
    BudgetError,
    DtypeError,
    FitError,
    InputError,
    MissingExtraError,
    ModelFileError,
    NotFittedError,
    OutputError,
    ParameterError,
    StepaheadError,
    StepaheadWarning,
)
from .evaluation.audit import Audit, audit
from .evaluation.comparison import Comparison
from .evaluation.evaluate import evaluate, k_step
from .evaluation.kstep import KStep
from .models.ar import AR
from .models.baselines import Drift, Mean, Naive, SeasonalNaive
from .models.markov import MarkovChain
from .models.mlp import MLP
from .models.neural import from_torch
from .models.selection import select
from .models.ssa import SSA
from .models.windowed import PerStep, Windowed
from .models.wrappers import Differenced, Rectified, Scaled
from .protocols import Distributional, Forecaster, Predictive, Regressor
from .reading import read, read_panel
from .series import Panel, Series
from .storage import load
from .version import __version__
from .walk import forecast
from .windows import pairs

__all__ = [
    "AR",
    "Audit",
    "BudgetError",
    "Comparison",
    "Differenced",
    "Discrete",
    "Distributional",
    "Drift",
    "DtypeError",
    "FitError",
    "Forecaster",
    "InputError",
    "KStep",
    "MLP",
    "MarkovChain",
    "Mean",
    "MissingExtraError",
    "ModelFileError",
    "Naive",
    "Normal",
    "NotFittedError",
    "OutputError",
    "Panel",
    "ParameterError",
    "PerStep",
    "Predictive",
    "Rectified",
    "Regressor",
    "SSA",
    "Scaled",
    "SeasonalNaive",
    "Series",
    "StepaheadError",
    "StepaheadWarning",
    "Windowed",
    "__version__",
    "audit",
    "datasets",
    "evaluate",
    "forecast",
    "from_torch",
    "k_step",
    "load",
    "pairs",
    "read",
    "read_panel",
    "select",
]
