"""stepahead: how many steps ahead can I trust my model?

A model encodes a series into one causal state per origin, then rolls the states out; one-step, multi-step and k-step
prediction are the same call with other arguments.

>>> import stepahead as sa
>>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
>>> result["AR(64)"].rmse().shape
(64,)
"""

from . import datasets
from .distributions import Discrete, Mixture, Normal, Samples
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
from .evaluation.paths import paths
from .models.ar import AR
from .models.baselines import Drift, Mean, Naive, SeasonalNaive
from .models.hmm import HMM
from .models.markov import MarkovChain
from .models.mlp import MLP
from .models.neural import from_torch
from .models.recurrent import Recurrent
from .models.recurrent_nets import GRU, LSTM, RNN, RecurrentNet
from .models.sampled import Sampled
from .models.selection import select
from .models.ssa import SSA
from .models.statespace import StateSpace
from .models.switching import MarkovSwitchingAR
from .models.windowed import PerStep, Windowed
from .models.wrappers import Differenced, Rectified, Scaled
from .protocols import Cell, Distributional, Forecaster, Predictive, Regressor, Sampling
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
    "Cell",
    "Comparison",
    "Differenced",
    "Discrete",
    "Distributional",
    "Drift",
    "DtypeError",
    "FitError",
    "Forecaster",
    "GRU",
    "HMM",
    "InputError",
    "KStep",
    "LSTM",
    "MLP",
    "MarkovChain",
    "MarkovSwitchingAR",
    "Mean",
    "MissingExtraError",
    "Mixture",
    "ModelFileError",
    "Naive",
    "Normal",
    "NotFittedError",
    "OutputError",
    "Panel",
    "ParameterError",
    "PerStep",
    "Predictive",
    "RNN",
    "Rectified",
    "Recurrent",
    "RecurrentNet",
    "Regressor",
    "SSA",
    "Sampled",
    "Samples",
    "Sampling",
    "Scaled",
    "SeasonalNaive",
    "Series",
    "StateSpace",
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
    "paths",
    "read",
    "read_panel",
    "select",
]
