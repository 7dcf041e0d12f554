"""Tools for your own tests: `check_forecaster` for the contract of a model, and hypothesis strategies for input data.

from stepahead import testing

def test_my_model():
    testing.check_forecaster(MyModel(lags=9))
"""

from . import strategies
from .capabilities import CAPABILITIES
from .contract import PROMISES, ContractError, Report, check_forecaster

__all__ = ["CAPABILITIES", "ContractError", "PROMISES", "Report", "check_forecaster", "strategies"]
