"""Less common wrappers around a model: `BoxCox`, `Logged`, `PerStep`, `Rectified`, `Sampled`.

The common ones, `Scaled` and `Differenced`, are in ``stepahead`` itself.

>>> import stepahead as sa
>>> sa.wrappers.Rectified(sa.AR(lags=2), horizon=4)
Rectified(model=AR(lags=2), horizon=4)
"""

from .models.sampled import Sampled
from .models.transformed import BoxCox, Logged
from .models.windowed import PerStep
from .models.wrappers import Rectified

__all__ = ["BoxCox", "Logged", "PerStep", "Rectified", "Sampled"]
