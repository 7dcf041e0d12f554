"""For tests of your own: does a model keep the contract, and strategies of hypothesis for what may be put into it.

from stepahead import testing

def test_my_model():
    testing.check_forecaster(MyModel(lags=9))
"""

from . import strategies
from .capabilities import CAPABILITIES
from .contract import PROMISES, ContractError, Report, check_forecaster

__all__ = ["CAPABILITIES", "ContractError", "PROMISES", "Report", "check_forecaster", "strategies"]
