"""The classes of `stepahead.results` are those of what the calls give back."""

from __future__ import annotations

import pytest

import stepahead as sa

NILE = sa.datasets.nile()
CALLS = {
    "Comparison": lambda: sa.evaluate(sa.AR(2), NILE, 3),
    "KStep": lambda: sa.k_step(sa.AR(2).fit(NILE[:60]), NILE, 3),
    "Forecast": lambda: sa.forecast(sa.AR(2).fit(NILE), NILE, 3),
    "Forecasts": lambda: sa.forecast(sa.AR(2).fit([NILE, NILE]), [NILE, NILE], 3),
    "Scorer": lambda: sa.evaluate(sa.AR(2), NILE, 3).scorer,
    "Readings": lambda: sa.evaluate(sa.AR(2), NILE, 3).tests(),
    "Difference": lambda: sa.evaluate(sa.AR(2), NILE, 3).tests()["Naive"],
    "Answer": lambda: sa.evaluate(sa.AR(2), NILE, 3).answer,
    "Fits": lambda: sa.evaluate(sa.AR(2), NILE, 3)["AR(2)"].fits,
    "Verdict": lambda: sa.evaluate(sa.AR(2), NILE, 3).answer.verdicts["AR(2)"],
    "Audit": lambda: sa.audit(sa.AR(2), NILE),
    "Leak": lambda: sa.audit(lambda x: {o: [x[o]] for o in range(20, 40)}, NILE[:40], train=20).leaks[0],
    "ErrorSplit": lambda: sa.diagnostics.split_error(sa.AR(2), sa.datasets.ar_process, horizon=2, seeds=range(2)),
    "Direction": lambda: sa.diagnostics.direction(NILE, lags=2),
    "Evidence": lambda: sa.diagnostics.direction(NILE, lags=2).forward,
}


def test_the_list_names_every_class():
    assert sorted(CALLS) == sa.results.__all__


@pytest.mark.parametrize("name", CALLS)
def test_a_call_gives_what_is_named(name):
    assert type(CALLS[name]()) is getattr(sa.results, name)
