"""The face of testing: what its own page shows can be typed."""

from __future__ import annotations

import stepahead as sa
from stepahead import testing


def test_every_name_is_there_and_the_example_runs():
    for name in testing.__all__:
        assert hasattr(testing, name)
    report = testing.check_forecaster(sa.AR(lags=9))
    assert report.kept == tuple(testing.PROMISES)
    assert set(report.declares) <= set(testing.CAPABILITIES)
