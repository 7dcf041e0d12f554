"""What comes back: the classes of all results. Calls make them; they are named here for type hints and ``isinstance``.

* `Comparison`, `KStep`: of ``evaluate``, ``compare``, ``k_step``, ``from_forecasts``. `Scorer`: the errors behind them.
* `Forecast`: of ``forecast``.
* `Readings`: of ``Comparison.trusted_horizon`` and ``Comparison.tests``, a `Horizon` or a `Difference` for each model.
* `Audit`, `Leak`: of ``audit``.
* `ErrorSplit`, `Direction`, `Evidence`: of ``stepahead.diagnostics``.

>>> import stepahead as sa
>>> isinstance(sa.evaluate(sa.AR(lags=2), sa.datasets.nile(), horizon=4), sa.results.Comparison)
True
"""

from .evaluation.audit import Audit, Leak
from .evaluation.comparison import Comparison
from .evaluation.direction import Direction, Evidence
from .evaluation.forecasts import Forecast
from .evaluation.kstep import KStep
from .evaluation.readings import Readings
from .evaluation.scorer import Scorer
from .evaluation.split import ErrorSplit
from .evaluation.trust import Difference, Horizon

__all__ = [
    "Audit",
    "Comparison",
    "Difference",
    "Direction",
    "ErrorSplit",
    "Evidence",
    "Forecast",
    "Horizon",
    "KStep",
    "Leak",
    "Readings",
    "Scorer",
]
