"""The classes of all results, for type hints and ``isinstance``. Functions return them; users do not make them.

* `Comparison`, `KStep`: of ``evaluate``, ``compare``, ``k_step``, ``from_forecasts``. `Scorer`: the errors behind them,
  `Fits`: what is known of the fit.
* `Answer`: of ``Comparison.answer``, a `Verdict` for each model.
* `Forecast`, of a panel `Forecasts`: of ``forecast``.
* `Readings`: of ``Comparison.tests``, a `Difference` for each model.
* `Audit`, `Leak`: of ``audit``.
* `ErrorSplit`, `Direction`, `Evidence`: of ``stepahead.diagnostics``.

>>> import stepahead as sa
>>> isinstance(sa.evaluate(sa.AR(lags=2), sa.datasets.nile(), horizon=4), sa.results.Comparison)
True
"""

from .evaluation.answers import Answer
from .evaluation.audit import Audit, Leak
from .evaluation.comparison import Comparison
from .evaluation.direction import Direction, Evidence
from .evaluation.fits import Fits
from .evaluation.forecasts import Forecast, Forecasts
from .evaluation.judgement import Verdict
from .evaluation.kstep import KStep
from .evaluation.readings import Readings
from .evaluation.scorer import Scorer
from .evaluation.split import ErrorSplit
from .evaluation.trust import Difference

__all__ = [
    "Answer",
    "Audit",
    "Comparison",
    "Difference",
    "Direction",
    "ErrorSplit",
    "Evidence",
    "Fits",
    "Forecast",
    "Forecasts",
    "KStep",
    "Leak",
    "Readings",
    "Scorer",
    "Verdict",
]
