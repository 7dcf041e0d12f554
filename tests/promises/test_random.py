"""Random inputs against rule 1: an answer, an answer with a note, or an error that names the cause. Nothing else, ever.

Every day some two hundred inputs, at night 10^5: ``STEPAHEAD_RANDOM=100000 pytest tests/promises/test_random.py``.
"""

from __future__ import annotations

import dataclasses
import os
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import stepahead as sa
from stepahead import storage
from stepahead.cli import main
from stepahead.testing import strategies

from ..cases import CASES
from ..data import ends_ahead
from .endings import SilentError, ending
from .entry_points import FITTED, MODELS, X

INPUTS = int(os.environ.get("STEPAHEAD_RANDOM", "200"))
SHARES = {
    "series": 0.35,
    "hostile": 0.2,
    "arguments": 0.15,
    "times": 0.1,
    "files": 0.08,
    "stored": 0.05,
    "panels": 0.05,
    "typed": 0.02,
}
"""How the inputs are divided among the tests."""


def share(kind: str):
    """Settings for a share of the inputs: every day the same ones, at night new ones,
    and all that went wrong before.
    """
    night = INPUTS > 1000
    return settings(
        max_examples=max(3, int(SHARES[kind] * INPUTS)),
        deadline=None,
        derandomize=not night,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


MADE = {
    **MODELS,
    **{
        name: CASES[name].make
        for name in ("AR ridge", "AR anchored chunk", "AR yule-walker", "AR auto", "MLP", "SeasonalNaive", "Drift")
    },
    **{
        name: CASES[name].make
        for name in ("Scaled by window", "Recurrent", "MarkovChain", "HMM categorical", "MarkovSwitchingAR")
    },
}
FOREIGN = ("Windowed",)
"""Regressors of others raise and warn as they like; what is around them is ours."""
ENTRY_POINTS = {
    "fit, forecast": lambda make, data, horizon: make().fit(data).forecast(data, horizon),
    "evaluate": lambda make, data, horizon: sa.evaluate({"m": make()}, data, horizon),
    "k_step": lambda make, data, horizon: sa.k_step(make().fit(X), data, horizon, train=0),
    "fitted elsewhere": lambda make, data, horizon: sa.forecast(make().fit(X), data, horizon),
    "audit": lambda make, data, horizon: sa.audit(make(), data, horizon, cuts=[25, 29]),
    "skip": lambda make, data, horizon: sa.evaluate({"m": make()}, sa.Series(data, missing="skip"), horizon),
    "interval": lambda make, data, horizon: ends_ahead(make().fit(data), data, horizon),
}


def said_by_others(model: str) -> tuple[type[Warning], ...]:
    """The warnings of a regressor are its own: of a matrix that is ill-conditioned, say.
    Those of other models are ours.
    """
    return (Warning,) if model in FOREIGN else ()


@share("series")
@given(strategies.series(), st.sampled_from(sorted(MADE)), st.sampled_from(sorted(ENTRY_POINTS)), strategies.horizons())
def test_good_series_through_every_entry_point(data, model, door, horizon):
    ending(lambda: ENTRY_POINTS[door](MADE[model], data, horizon), foreign=said_by_others(model))


@share("hostile")
@given(strategies.invalid(), st.sampled_from(sorted(MADE)), st.sampled_from(sorted(ENTRY_POINTS)))
def test_invalid_data_through_every_entry_point(data, model, door):
    ending(lambda: ENTRY_POINTS[door](MADE[model], data, 2), foreign=said_by_others(model))
    ending(lambda: sa.Series(data))


@share("arguments")
@given(st.data(), st.sampled_from(sorted(CASES)))
def test_odd_arguments(tmp_path_factory, data, name):
    case = CASES[name]
    given_ = data.draw(strategies.arguments(type(case.make()), keep=("model", "regressor", "cell", "training")))
    told = data.draw(strategies.arguments(sa.Training, keep=("checkpoint", "epochs", "updates")))

    def tried():
        model = case.make().set_params(**given_)
        if isinstance(plain := model.get_params().get("training"), sa.Training):
            model.set_params(training=dataclasses.replace(plain, **told))
        return model.fit(case.series(60)).forecast(case.series(60), 3)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ending(tried, foreign=(RuntimeWarning,))


@share("times")
@given(
    strategies.times(40),
    st.sampled_from([None, None, 1, "1D", "1h", "1M", 0, "x", np.timedelta64(1, "D")]),
    st.sampled_from(["raise", "skip"]),
)
def test_times(times, every, missing):
    found = ending(lambda: sa.Series(X, times=times, every=every, missing=missing))
    if found.error is None and found.value.times is not None:
        series = found.value
        assert (series.times[1:] > series.times[:-1]).all()
        assert sorted(series.values[~np.isnan(series.values)].tolist()) == sorted(X.tolist())
        found = ending(lambda: sa.evaluate(sa.AR(2), series, 3))
        text = "" if found.error is not None else found.value.table()
        assert "nan" not in text.replace("finance", "")


@share("files")
@given(
    strategies.csv_bytes(),
    st.sampled_from([None, "t"]),
    st.sampled_from(["raise", "skip"]),
    st.sampled_from([".", ","]),
)
def test_files(tmp_path_factory, content, time, missing, decimal):
    path = tmp_path_factory.getbasetemp() / "random.csv"
    path.write_bytes(content)
    found = ending(lambda: sa.read(path, "x", time, missing=missing, decimal=decimal))
    if found.error is None:
        assert len(found.value)
        ending(lambda: sa.evaluate(sa.AR(1), found.value, 1))


CONTENT = {name: storage.dumps(model) for name, model in FITTED.items() if name not in FOREIGN}


@share("stored")
@given(st.data(), st.sampled_from(sorted(CONTENT)))
def test_damaged_model_files(data, name):
    content = data.draw(strategies.damaged(CONTENT[name]))
    found = ending(lambda: storage.loads(content))
    if found.error is None:
        assert found.value.forecast(X, 3).tolist() == FITTED[name].forecast(X, 3).tolist()
    else:
        assert isinstance(found.error, sa.errors.ModelFileError)


@share("panels")
@given(strategies.panels(), st.sampled_from(["AR", "Mean", "SSA", "Scaled MLP"]))
def test_panels(panel, model):
    ending(lambda: sa.evaluate({"m": MODELS[model]()}, panel, 2))
    ending(lambda: MODELS[model]().fit(panel))


WORDS = [
    "evaluate",
    "forecast",
    "audit",
    "models",
    "--horizon",
    "2",
    "0",
    "-1",
    "x",
    "--models",
    "ar",
    "ar,mean",
    "nothing",
    "--lags",
    "3",
    "auto",
    "--train",
    "0.5",
    "2.0",
    "--value",
    "t",
    "--time",
    "--json",
    "--missing",
    "skip",
    "--every",
    "1D",
    "--level",
    "0.9",
    "--help",
    "--",
    "",
]


@share("typed")
@given(st.lists(st.sampled_from(WORDS), max_size=9))
def test_command_lines(tmp_path_factory, typed):
    path = tmp_path_factory.getbasetemp() / "typed.csv"
    if not path.exists():
        path.write_text("t,x\n" + "".join(f"{i},{v}\n" for i, v in enumerate(X)))
    words = (
        [*typed[:1], str(path), *typed[1:]] if typed[:1] and typed[0] in ("evaluate", "forecast", "audit") else typed
    )
    assert main(words, leave=int) in (0, 2, 3, 4, 5, 6)


@settings(max_examples=30, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(strategies.values())
def test_good_values_are_good(x):
    assert np.isfinite(x).all()
    assert sa.Series(x).values.tobytes() == x.tobytes()


def test_the_rule_can_be_broken():
    """A model that lets NaN out, one that warns, one that raises barely, and one that says nothing useful:
    all are seen.
    """

    def warns():
        warnings.warn("careful", RuntimeWarning, stacklevel=1)

    for call in (
        lambda: np.array([1.0, np.nan]),
        lambda: float("inf"),
        warns,
        lambda: [][0],
        lambda: {"a": np.array([np.inf])},
    ):
        with pytest.raises(SilentError):
            ending(call)

    def nameless():
        raise sa.errors.InputError("something is wrong")

    with pytest.raises(SilentError):
        ending(nameless)
