"""Whole possible futures: the future changes no bit of them, and their sums have a closed form."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.walk import take

from ..cases import CASES
from ..data import sine
from ..sampling import fitted, variance_of_sum

TRAIN = 60


def draws(name: str) -> bool:
    return callable(getattr(fitted(name)[0], "paths", None))


SAMPLING = [name for name in CASES if draws(name)]
every_name = pytest.mark.parametrize("name", CASES)

# Nets draw paths and know no distribution of single steps: Sampled makes one of the paths.
every_lawful = pytest.mark.parametrize("name", [name for name in SAMPLING if hasattr(fitted(name)[0], "predictive")])


def test_who_draws_paths_of_its_own():
    # Others may come; these must be there, and these have no joint distribution.
    assert {
        "AR",
        "AR burg",
        "Scaled",
        "Differenced",
        "MarkovChain",
        "MarkovChain bins",
        "MarkovChain bic",
        "MLP",
        "Sampled",
    } <= set(SAMPLING)
    assert not {"AR long chunk", "Scaled by window", "Scaled window MLP", "Mean", "Naive", "Recurrent"} & set(SAMPLING)
    for name in ("AR long chunk", "Scaled by window"):
        with pytest.raises(AttributeError):
            _ = fitted(name)[0].paths


@every_lawful
def test_paths_have_the_distribution_that_predictive_tells(name):
    model, series = fitted(name)
    state = take(model.encode(series), slice(30, 34))
    n = 4000
    paths, distribution = model.paths(state, 5, n, seed=2), model.predictive(state, 5)
    assert paths.shape == (n, 4, 5)
    if isinstance(distribution, sa.distributions.Discrete):
        for j in range(len(distribution.states)):
            p = distribution.probabilities[..., j]
            error = np.sqrt(p * (1 - p) / n)
            assert (np.abs((paths == j).mean(axis=0) - p) <= 5 * error + 1e-12).all()
        return
    # A distribution that is known by its own draws has an error of its own.
    known = len(distribution.draws) if isinstance(distribution, sa.distributions.Samples) else np.inf
    spread = distribution.std()
    assert (np.abs(paths.mean(axis=0) - distribution.mean()) <= 5 * spread * np.sqrt(1 / n + 1 / known)).all()
    assert (np.abs(paths.std(axis=0) / spread - 1.0) <= 5 * np.sqrt(1 / n + 1 / known)).all()


@every_name
def test_the_future_changes_no_bit_of_a_path(name):
    case = CASES[name]
    model, series = fitted(name)
    for origin in (TRAIN, 90):
        base = sa.paths(model, series, 4, n=7, seed=1, origin=origin)
        assert base.shape == (7, 4)
        poisoned = series.values.copy()
        poisoned[origin:] = 0 if case.symbols else 1e9
        assert sa.paths(model, series.with_values(poisoned), 4, n=7, seed=1, origin=origin).tolist() == base.tolist()
        assert sa.paths(model, series[:origin], 4, n=7, seed=1).tolist() == base.tolist()
        assert sa.paths(model, series, 4, n=7, seed=2, origin=origin).tolist() != base.tolist()


def test_an_origin_inside_the_training_part_is_not_told_what_comes_after_it():
    x = sine(0, 300)
    model = sa.baselines.Naive().fit(x[:200])
    base = sa.paths(model, x, 5, n=50, origin=100)
    poisoned = x.copy()
    poisoned[100:] = 1e9
    assert sa.paths(model, poisoned, 5, n=50, origin=100, train=200).tobytes() == base.tobytes()


def test_paths_from_an_origin_are_those_of_the_row_of_that_origin():
    model, series = fitted("AR")
    rows = model.paths(model.encode(series), 6, 11, seed=3)
    for origin in (model.context, 77, len(series)):
        assert (
            sa.paths(model, series, 6, n=11, seed=3, origin=origin).tobytes()
            == rows[:, origin - model.context].tobytes()
        )


def test_sums_over_the_steps_of_ar_paths_have_their_closed_form():
    rng = np.random.default_rng(0)
    x = np.zeros(2000)
    for t in range(1, 2000):
        x[t] = 0.9 * x[t - 1] + rng.normal()
    model = sa.AR(1).fit(x)
    horizon, n = 24, 20_000
    paths = sa.paths(model, x, horizon, n=n)
    closed = variance_of_sum(float(model.coefficients_[0]), model.variance_, horizon)
    assert paths.sum(axis=1).var() == pytest.approx(closed, rel=0.04)
    single = float((model.predictive(model.encode(x), horizon).std()[-1] ** 2).sum())
    assert closed > 5 * single, "the variances of single steps do not add up"


def test_other_models_draw_their_forecast_and_a_whole_error_trajectory():
    x = sine(0, 200)
    model = sa.baselines.Naive().fit(x[:150])
    drawn = sa.paths(model, x, 6, n=500, seed=1, origin=170) - x[169]
    whole = {tuple((x[o : o + 6] - x[o - 1]).round(9)) for o in range(1, 145)}
    found = {tuple(row.round(9)) for row in drawn}
    assert found <= whole
    assert len(found) > 100, "drawn from all of them"


def test_error_trajectories_keep_the_spread_of_sums():
    walk = np.cumsum(np.random.default_rng(2).normal(size=3000))
    drawn = sa.paths(sa.baselines.Naive().fit(walk), walk, 16, n=5000)
    theory = sum(j * j for j in range(1, 17))
    assert (drawn.sum(axis=1)).var() == pytest.approx(theory, rel=0.2)


def test_trajectories_that_touch_a_missing_value_are_left_out():
    x = sine(0, 200)
    x[[50, 120]] = np.nan
    series = sa.Series(x, missing="skip")
    drawn = sa.paths(sa.baselines.Naive().fit(series[:150]), series, 5, n=300, origin=180)
    assert np.isfinite(drawn).all()
    with pytest.raises(sa.errors.InputError, match="touches a missing value") as caught:
        sa.paths(sa.baselines.Mean().fit([1.0, 2.0]), sa.Series([1.0, np.nan, 2.0, np.nan], missing="skip"), 2, train=4)
    assert caught.value.code == "missing-values"


def test_somebody_elses_model_draws_too():
    class Half:
        context = 1

        def fit(self, series):
            return self

        def encode(self, values, after=None):
            return (sa.Series(values).numbers[:, None],)

        def rollout(self, state, horizon):
            return state[0] * 0.5 ** np.arange(1, horizon + 1)

    x = sine(0, 100)
    assert sa.paths(Half(), x, 3, n=5, train=80).shape == (5, 3)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.paths(Half(), x, 3)
    assert caught.value.code == "train-unknown"

    class Wrong(Half):
        def paths(self, state, horizon, n, seed=0, origins=None):
            return np.zeros((n, horizon))

    with pytest.raises(sa.errors.ParameterError, match=r"\[n, rows, horizon\] = \(5, 1, 3\)"):
        sa.paths(Wrong(), x, 3, n=5)

    class Wild(Half):
        def paths(self, state, horizon, n, seed=0, origins=None):
            return np.full((n, 1, horizon), np.inf)

    with pytest.raises(sa.errors.FitError):
        sa.paths(Wild(), x, 3, n=5)

    class Words(Half):
        states_ = ("a", "b")

    with pytest.raises(sa.errors.InputError) as caught:
        sa.paths(Words(), x, 3, train=50)
    assert caught.value.code == "no-paths"


def test_symbols_come_back_as_symbols():
    series = sa.Series(["dry", "wet", "dry", "dry"] * 20)
    chain = sa.MarkovChain().fit(series)
    drawn = sa.paths(chain, series, 3, n=40)
    assert drawn.shape == (40, 3)
    assert set(drawn.ravel()) == {"dry", "wet"}
    numbers = sa.MarkovChain().fit([3, 5, 5, 3, 3] * 9)
    assert set(sa.paths(numbers, [3, 5, 5], 4, n=20).ravel()) == {3.0, 5.0}


def test_what_leaves_the_range_is_an_error_and_no_warning():
    x = np.array([1.7e308, -1.7e308] * 30) * np.random.default_rng(0).uniform(0.5, 1.0, 60)
    with pytest.raises(sa.errors.FitError) as caught:
        sa.paths(sa.baselines.Naive().fit(x), x, 3)
    assert caught.value.code == "overflow"


def test_bad_arguments_are_named():
    x = sine(0, 100)
    model = sa.AR(2).fit(x[:60])
    with pytest.raises(sa.errors.ParameterError, match="one series"):
        sa.paths(model, [x, x], 3)
    given = (
        {"horizon": 0},
        {"n": 0},
        {"n": 2.5},
        {"seed": -1},
        {"seed": True},
        {"origin": 101},
        {"origin": 1},
        {"train": -1},
    )
    for bad in given:
        with pytest.raises(sa.errors.ParameterError) as caught:
            sa.paths(**{"model": model, "series": x, "horizon": 3, **bad})
        assert caught.value.name == next(iter(bad))
    with pytest.raises(sa.errors.NotFittedError):
        sa.paths(sa.AR(2), x, 3)
    with pytest.raises(sa.errors.BudgetError):
        sa.paths(model, x, 3, n=10**13)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.paths(sa.baselines.Naive().fit(x[:5]), x, 5)
    assert (caught.value.code, caught.value.needed, caught.value.found) == ("too-short", 6, 5)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.paths(sa.baselines.Naive().fit(x[:50]), x, 5, origin=4)
    assert (caught.value.code, caught.value.found) == ("too-short", 4)
