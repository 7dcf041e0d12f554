"""stepahead: how many steps ahead can I trust my model?

A model encodes a series into one causal state per origin, then rolls the states out; one-step, multi-step and k-step
prediction are the same call with other arguments.

>>> import stepahead as sa
>>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
>>> result["AR(64)"].rmse().shape
(64,)
"""

from . import ctrl_c as ctrl_c  # before all that takes time
from . import datasets
from . import scale as scale
from . import showing as showing
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
from .evaluation.ahead import forecast_interval
from .evaluation.audit import Audit, audit
from .evaluation.compare import compare
from .evaluation.comparison import Comparison
from .evaluation.direction import Direction, direction
from .evaluation.evaluate import evaluate, k_step
from .evaluation.external.read import from_forecasts
from .evaluation.kstep import KStep
from .evaluation.paths import paths
from .evaluation.split import ErrorSplit
from .evaluation.strategies import strategies
from .evaluation.trust import Difference, Horizon
from .evaluation.why import seed_variance, split_error
from .models.ar import AR
from .models.baselines import Drift, Mean, Naive, SeasonalNaive
from .models.curves import Harmonic, Line, LinePhases, Phases
from .models.hmm import HMM
from .models.markov import MarkovChain
from .models.mlp import MLP
from .models.net import Training
from .models.neural import from_torch
from .models.recurrent import Recurrent
from .models.recurrent_nets import RecurrentNet
from .models.sampled import Sampled
from .models.selection import select
from .models.smoothing import SES
from .models.ssa import SSA
from .models.statespace import StateSpace
from .models.switching import MarkovSwitchingAR
from .models.torch_cells import GRU, LSTM, RNN
from .models.windowed import PerStep, Windowed
from .models.wrappers import Differenced, Rectified, Scaled
from .protocols import Cell, Distributional, Forecaster, Predictive, Regressor, Sampling
from .reading import read, read_panel
from .reading.pieces import pieces
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
    "Difference",
    "Differenced",
    "Direction",
    "Discrete",
    "Distributional",
    "Drift",
    "DtypeError",
    "ErrorSplit",
    "FitError",
    "Forecaster",
    "GRU",
    "HMM",
    "Harmonic",
    "Horizon",
    "InputError",
    "KStep",
    "LSTM",
    "Line",
    "LinePhases",
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
    "Phases",
    "Predictive",
    "RNN",
    "Rectified",
    "Recurrent",
    "RecurrentNet",
    "Regressor",
    "SES",
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
    "Training",
    "Windowed",
    "__version__",
    "audit",
    "compare",
    "datasets",
    "direction",
    "evaluate",
    "forecast",
    "forecast_interval",
    "from_forecasts",
    "from_torch",
    "k_step",
    "load",
    "pairs",
    "paths",
    "pieces",
    "read",
    "read_panel",
    "seed_variance",
    "select",
    "split_error",
    "strategies",
]
