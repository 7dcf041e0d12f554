"""stepahead: how many steps ahead can I trust my model?

A model encodes a series into one causal state per origin, then rolls the states out; one-step, multi-step and k-step
prediction are the same call with other arguments.

>>> import stepahead as sa
>>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
>>> result["AR(64)"].rmse().shape
(64,)
"""

from . import ctrl_c as ctrl_c  # before all that takes time

# isort: split
from . import baselines, datasets, diagnostics, distributions, errors, protocols, results, scale, wrappers
from . import showing as showing
from .evaluation.ahead import forecast
from .evaluation.audit import audit
from .evaluation.compare import compare
from .evaluation.evaluate import evaluate, k_step
from .evaluation.external.read import from_forecasts
from .evaluation.paths import paths
from .models.ar import AR
from .models.auto import Auto
from .models.averaged import Averaged
from .models.averaged_ar import AveragedAR
from .models.exponential_smoothing import ExponentialSmoothing
from .models.functions import from_function
from .models.hmm import HMM
from .models.markov import MarkovChain
from .models.mlp import MLP
from .models.net import Training
from .models.neural import from_torch
from .models.recurrent import Recurrent
from .models.recurrent_nets import RecurrentNet
from .models.regressed import Regressed
from .models.selection import select
from .models.ssa import SSA
from .models.statespace import StateSpace
from .models.switching import MarkovSwitchingAR
from .models.theta import Theta
from .models.torch_cells import GRU, LSTM, RNN
from .models.windowed import Windowed
from .models.wrappers import Differenced, Scaled
from .quantiles import Quantiles
from .reading import read, read_panel
from .reading.pieces import pieces
from .series import Panel, Series
from .storage import load
from .version import __version__
from .windows import pairs

__all__ = [
    "AR",
    "Auto",
    "Averaged",
    "AveragedAR",
    "Differenced",
    "ExponentialSmoothing",
    "GRU",
    "HMM",
    "LSTM",
    "MLP",
    "MarkovChain",
    "MarkovSwitchingAR",
    "Panel",
    "Quantiles",
    "RNN",
    "Recurrent",
    "RecurrentNet",
    "Regressed",
    "SSA",
    "Scaled",
    "Series",
    "StateSpace",
    "Theta",
    "Training",
    "Windowed",
    "__version__",
    "audit",
    "baselines",
    "compare",
    "datasets",
    "diagnostics",
    "distributions",
    "errors",
    "evaluate",
    "forecast",
    "from_forecasts",
    "from_function",
    "from_torch",
    "k_step",
    "load",
    "pairs",
    "paths",
    "pieces",
    "protocols",
    "read",
    "read_panel",
    "results",
    "scale",
    "select",
    "wrappers",
]


def __dir__() -> list[str]:
    """The public names alone, for whoever presses the tab key."""
    return __all__
