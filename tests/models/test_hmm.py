"""Hidden chains against enumeration of every path, and what they promise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit import parameter_bits
from stepahead.numerics import emissions, regimes

from ..hidden import MODELS, letters, levels, made, switching

STAY = np.array([[0.9, 0.1], [0.2, 0.8]])
THREE = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.02, 0.18, 0.8]])


GAUSSIAN = sa.HMM(2).with_parameters([0.3, 0.7], STAY, means=[0.0, 2.5], std=[0.7, 1.0])
LETTERS = sa.HMM(2).with_parameters([0.3, 0.7], STAY, emission=[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], states=list("abc"))


every_model = pytest.mark.parametrize("name", MODELS)


def test_forecasts_of_a_chain_are_the_sum_over_all_paths_of_the_states():
    values = [1.0, 2.0, 0.3]
    distribution = GAUSSIAN.start_
    for value in values:
        distribution = (
            distribution * np.exp(-0.5 * ((value - GAUSSIAN.means_) / GAUSSIAN.std_) ** 2) / GAUSSIAN.std_ @ STAY
        )
    distribution = distribution / distribution.sum()
    first, second = np.zeros(5), np.zeros(5)
    for path in itertools.product(range(2), repeat=5):
        weight = distribution[path[0]] * np.prod([STAY[a, b] for a, b in itertools.pairwise(path)])
        first += weight * GAUSSIAN.means_[list(path)]
        second += weight * (GAUSSIAN.means_**2 + GAUSSIAN.std_**2)[list(path)]
    state = tuple(array[-1:] for array in GAUSSIAN.encode(values))
    ahead = GAUSSIAN.predictive(state, 5)
    np.testing.assert_allclose(GAUSSIAN.forecast(values, 5), first, atol=1e-13)
    np.testing.assert_allclose(ahead.mean()[0], first, atol=1e-13)
    np.testing.assert_allclose(ahead.std()[0], np.sqrt(second - first**2), atol=1e-12)


def never_down(improve, now, rounds=60):
    values = []
    for _ in range(rounds):
        now, value = improve(now)
        values.append(value)
    assert (np.diff(values, axis=0) > -1e-9).all()
    assert (values[-1] > values[0]).all()


def test_no_step_of_a_fit_goes_down():
    gappy = levels(5, 150)
    gappy[[10, 11, 60]] = np.nan
    seen = gappy[~np.isnan(gappy)]
    lengths = np.array([70, 80])
    never_down(lambda now: emissions.gaussian_step(now, gappy, lengths, 1e-3), emissions.gaussian_starts(seen, 3, 4, 0))
    codes = np.array(["abc".index(s) for s in letters(5, 150)], dtype=float)
    never_down(
        lambda now: emissions.categorical_step(now, codes, lengths), emissions.categorical_starts(codes, 3, 3, 4, 0)
    )
    for size, lags, variance in ((2, 0, True), (2, 2, False), (3, 1, True)):
        steps = regimes.Steps.of([gappy[:70], gappy[70:]], lags, size, variance, 1e-3)
        never_down(steps.improve, regimes.starting(steps, seen, 4, 0))


def test_more_starts_and_more_steps_are_never_less_likely():
    values = levels(6, 200, means=(0.0, 1.5, 4.0), std=(0.5, 0.5, 0.5), transition=THREE)
    for make in (lambda **how: sa.HMM(3, **how), lambda **how: sa.MarkovSwitchingAR(3, 1, **how)):
        reached = [make(starts=1, iterations=n).fit(values).log_likelihood_ for n in (1, 3, 10, 40)]
        assert reached == sorted(reached)


def test_what_was_simulated_is_found():
    model = sa.HMM(2).fit(levels(7, 3000))
    np.testing.assert_allclose(model.means_, [0.0, 2.5], atol=0.15)
    np.testing.assert_allclose(model.std_, [0.7, 1.0], atol=0.12)
    np.testing.assert_allclose(model.transition_, STAY, atol=0.05)
    symbols = sa.HMM(2, starts=3).fit(letters(7, 3000))
    assert symbols.states_ == ("a", "b", "c")
    np.testing.assert_allclose(symbols.emission_, [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], atol=0.1)
    regime = sa.MarkovSwitchingAR(2, 2, switching_variance=True).fit(switching(7, 2000, (0.5, -0.2), std=(0.6, 1.2)))
    np.testing.assert_allclose(regime.means_, [0.0, 3.0], atol=0.2)
    np.testing.assert_allclose(regime.coefficients_, [-0.2, 0.5], atol=0.06)
    np.testing.assert_allclose(np.sqrt(regime.variance_), [0.6, 1.2], atol=0.1)
    np.testing.assert_allclose(regime.transition_, STAY, atol=0.06)


def test_same_seed_same_bits_and_the_unit_does_not_matter():
    values = np.round(levels(8, 120), 6)
    for make in (lambda: sa.HMM(3, seed=4), lambda: sa.MarkovSwitchingAR(2, 1, seed=4)):
        one, two = make().fit(values), make().fit(values)
        assert parameter_bits(one) == parameter_bits(two)
        for power in (-300, 700):
            other = make().fit(np.ldexp(values, power)) if power < 0 or isinstance(one, sa.HMM) else one
            factor = power if other is not one else 0
            expected = np.ldexp(one.forecast(values, 5), factor)
            np.testing.assert_allclose(other.forecast(np.ldexp(values, factor), 5), expected, rtol=1e-9)


@every_model
def test_the_belief_at_an_origin_does_not_move_when_the_future_does(name):
    model, simulate = MODELS[name]
    values = simulate(9, 120)
    base = model.encode(values)
    changed = {"other": values[::-1] * 50.0, "huge": np.full(120, 1e300), "gaps": np.full(120, np.nan)}
    for cut in (model.context, 7, 60, 119):
        row = cut - model.context
        for future in changed.values():
            moved = model.encode(sa.Series(np.zeros(120)).with_values(np.concatenate([values[:cut], future[cut:]])))
            for one, two in zip(base, moved, strict=True):
                assert one[: row + 1].tobytes() == two[: row + 1].tobytes()
        for one, two in zip(base, model.encode(values[:cut]), strict=True):
            assert one[: row + 1].tobytes() == two.tobytes()
        last = tuple(array[row : row + 1] for array in base)
        for one, two in zip(base, model.encode(values[cut:], after=last), strict=True):
            assert one[row + 1 :].tobytes() == two.tobytes()


@every_model
def test_filtered_knows_the_past_and_smoothed_the_future(name):
    model, simulate = MODELS[name]
    values = simulate(10, 80)
    other = np.concatenate([values[:50], values[50:] + 4.0])
    assert model.filtered(values)[:50].tobytes() == model.filtered(other)[:50].tobytes()
    one, two = model.smoothed(values).probabilities, model.smoothed(other).probabilities
    assert one.shape == (80, len(model.means_))
    assert not np.allclose(one[45:50], two[45:50], atol=1e-6)
    np.testing.assert_allclose(one[-1], model.filtered(values)[-1], atol=1e-12)
    np.testing.assert_allclose(one.sum(axis=1), 1.0, atol=1e-12)


def test_a_smoothed_path_is_no_series():
    smooth = GAUSSIAN.smoothed(levels(0, 30))
    calls = (
        lambda: sa.evaluate(sa.AR(1), smooth, 2),
        lambda: sa.HMM(2).fit(smooth),
        lambda: sa.AR(1).fit([smooth, smooth]),
        lambda: GAUSSIAN.forecast(smooth, 2),
        lambda: sa.audit(sa.AR(1), smooth),
    )
    for call in calls:
        with pytest.raises(sa.errors.InputError) as caught:
            call()
        assert caught.value.code == "smoothed"
        assert "future" in str(caught.value)
        assert "filtered" in str(caught.value)
    assert not hasattr(smooth, "__array__")


def test_missing_values_are_stepped_over_exactly():
    values = levels(11, 30)
    values[[10, 11]] = np.nan
    series = sa.Series(values, missing="skip")
    rows = GAUSSIAN.encode(series)[0]
    np.testing.assert_allclose(rows[12], rows[10] @ STAY @ STAY, rtol=1e-15)
    grid = np.linspace(-12.0, 16.0, 4001)
    width = grid[1] - grid[0]
    one_hole = values[:12].copy()
    one_hole[11] = 1.0
    filled = [GAUSSIAN.loglikelihood(np.concatenate([one_hole[:10], [x, 1.0]])) for x in grid[::8]]
    summed = np.log(np.exp(filled).sum() * width * 8)
    assert GAUSSIAN.loglikelihood(sa.Series(one_hole, missing="skip")) == pytest.approx(summed, abs=1e-6)
    assert np.isfinite(sa.HMM(2).fit(series).log_likelihood_)
    model = made(2, 2)
    state = model.encode(series)
    assert np.flatnonzero(np.isnan(state[1]).any(axis=1)).tolist() == [9, 10, 11]
    assert not np.isnan(state[0]).any()
    with pytest.raises(sa.errors.InputError) as caught:
        model.forecast(series, 2, origin=12)
    assert caught.value.code == "missing-values"
    assert np.isfinite(sa.MarkovSwitchingAR(2, 2).fit(series).log_likelihood_)


@every_model
def test_paths_have_the_distribution_that_predictive_says(name):
    model, simulate = MODELS[name]
    state = tuple(array[-3:] for array in model.encode(simulate(13, 60)))
    paths = model.paths(state, 5, 4000)
    ahead = model.predictive(state, 5)
    assert paths.shape == (4000, 3, 5)
    np.testing.assert_allclose(paths.mean(axis=0), ahead.mean(), atol=5.0 * float(ahead.std().max()) / np.sqrt(4000))
    np.testing.assert_allclose(paths.std(axis=0), ahead.std(), rtol=0.08)
    origins = np.arange(3) + model.context
    assert model.paths(state, 5, 4000, origins=origins).tobytes() == paths.tobytes()
    alone = model.paths(tuple(array[1:2] for array in state), 5, 4000, origins=origins[1:2])
    assert alone.tobytes() == paths[:, 1:2].tobytes()
    assert model.paths(state, 5, 4000, seed=1).tobytes() != paths.tobytes()


def test_symbols_have_distributions_losses_and_paths():
    symbols = letters(14, 3000)
    state = LETTERS.encode(symbols)
    distribution = LETTERS.predictive(tuple(array[:-1] for array in state), 1)
    np.testing.assert_allclose(distribution.probabilities.sum(axis=-1), 1.0, atol=1e-12)
    places = np.array([["abc".index(s)] for s in symbols], dtype=float)
    shares = np.bincount(places[:, 0].astype(int)) / len(places)
    assert distribution.log_loss(places).sum() == pytest.approx(-LETTERS.loglikelihood(symbols), abs=1e-8)
    assert distribution.log_loss(places).mean() < -(shares * np.log(shares)).sum()
    few = tuple(array[-2:] for array in state)
    paths = LETTERS.paths(few, 4, 4000)
    expected = LETTERS.predictive(few, 4).probabilities
    for place in range(3):
        np.testing.assert_allclose((paths == place).mean(axis=0), expected[..., place], atol=0.04)
    table = np.argmax(expected, axis=-1)
    np.testing.assert_array_equal(LETTERS.rollout(few, 4), table)
    assert LETTERS.forecast(symbols, 4).tolist() == ["abc"[place] for place in table[-1]]


def test_whole_numbers_are_symbols_when_asked():
    throws = np.array(["abc".index(s) for s in letters(15, 300)]) * 2
    assert sa.HMM(2).fit(throws).states_ is None
    model = sa.HMM(2, emissions="categorical").fit(throws)
    assert model.states_ == (0, 2, 4)
    assert set(model.forecast(throws, 3)) <= {0.0, 2.0, 4.0}
    assert set(np.unique(sa.evaluate(model, throws, 4)[model.name].predictions)) <= {0.0, 2.0, 4.0}
    with pytest.raises(sa.errors.DtypeError):
        model.fit([0.5, 1.0, 2.0, 1.0])
    with pytest.raises(sa.errors.DtypeError):
        sa.HMM(2, emissions="gaussian").fit(letters(0, 30))
    with pytest.raises(sa.errors.DtypeError):
        GAUSSIAN.forecast(letters(0, 30), 3)


def test_a_symbol_never_seen_is_said_and_stepped_over():
    known = ["a", "b", "z", "a"]
    assert np.isnan(LETTERS.encode(known)[1]).tolist() == [False, False, False, True, False]
    with pytest.raises(sa.errors.InputError) as caught:
        LETTERS.forecast(known, 2, origin=3)
    assert caught.value.code == "unseen-state"
    assert (
        LETTERS.forecast(known, 2).tolist()
        == LETTERS.forecast(sa.Series(["a", "b", None, "a"], missing="skip"), 2).tolist()
    )
    strict = sa.HMM(2).with_parameters([1.0, 0.0], np.eye(2), emission=np.eye(2), states=["a", "b"])
    with pytest.raises(sa.errors.InputError) as caught:
        strict.forecast(["a", "b"], 2)
    assert caught.value.code == "impossible"
    assert strict.loglikelihood(["a", "b"]) == -np.inf
    assert strict.forecast(["a", "b", "a"], 2).tolist() == ["a", "a"]
    with pytest.raises(sa.errors.DtypeError):
        LETTERS.forecast([1.0, 2.0], 2)


@every_model
def test_far_outliers_leave_a_distribution(name):
    model, simulate = MODELS[name]
    for far in (50.0, 1e6, -1e20, 1e200, -1.7e308):
        values = simulate(16, 40)
        values[20] = far
        for array in (model.encode(values)[0], model.filtered(values), model.smoothed(values).probabilities):
            np.testing.assert_allclose(array.sum(axis=-1), 1.0, atol=1e-12)
    # Of three states the nearest is the likeliest, although none is likely and the distribution left only two of them
    # possible.
    wall = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    model = sa.HMM(3).with_parameters([0.5, 0.5, 0.0], wall, means=[0.0, 10.0, 1000.0], std=[1.0, 1.0, 1.0])
    np.testing.assert_array_equal(model.filtered([1000.0])[0], [0.0, 1.0, 0.0])


def test_values_at_the_end_of_the_range():
    wild = levels(17, 60) * 2e307
    model = sa.HMM(2).fit(wild)
    assert np.isfinite(model.forecast(wild, 3)).all()
    with pytest.raises(sa.errors.FitError) as caught:
        sa.MarkovSwitchingAR(2, 1).fit(wild)
    assert caught.value.code == "overflow"
    tall = sa.HMM(2).fit(levels(17, 200) + 1e10)
    np.testing.assert_allclose(tall.means_ - 1e10, sa.HMM(2).fit(levels(17, 200)).means_, atol=1e-4)


ORDINARY = {
    "a line": np.arange(200.0),
    "two constants": [np.full(60, 1.0), np.full(50, 2.0)],
    "a sine": np.sin(0.1 * np.arange(300)),
    "another": np.sin(0.5 * np.arange(100)),
    "two in turn": (-1.0) ** np.arange(100),
    "a jump": np.repeat([0.0, 1.0], 50),
    "heavy tails": np.random.default_rng(0).standard_cauchy(200) ** 3,
}


@pytest.mark.parametrize("name", ORDINARY)
def test_no_warning_of_numpy_comes_out_of_a_fit(name):
    values = ORDINARY[name]
    one = values[0] if isinstance(values, list) else values
    for model in (
        sa.MarkovSwitchingAR(starts=2),
        sa.MarkovSwitchingAR(3, starts=2),
        sa.MarkovSwitchingAR(2, 2, starts=2),
        sa.MarkovSwitchingAR(2, 0, starts=2),
        sa.HMM(starts=2),
    ):
        assert np.isfinite(model.fit(values).forecast(one, 10)).all()


def test_gaussian_emissions_of_text_name_the_other_kind():
    with pytest.raises(sa.errors.DtypeError, match='emissions="categorical"'):
        sa.HMM(emissions="gaussian").fit(["a", "b"] * 10)


def test_what_cannot_be_fitted_is_refused():
    for values, code in (([1.0] * 30, "few-values"), ([1.0, 2.0] * 20, "few-values"), ([1.0, 2.0], "too-short")):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.HMM(3).fit(values)
        assert caught.value.code == code
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovSwitchingAR(2, 1).fit([1.0] * 30)
    assert caught.value.code == "few-values"
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovSwitchingAR(2, 3).fit([1.0, 2.0, 3.0])
    assert caught.value.code == "too-short"
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.MarkovSwitchingAR(3, 8).fit(levels(0, 100))
    assert caught.value.name == "lags"
    two = sa.HMM(2).fit([1.0, 5.0] * 20)
    assert any("standard deviation" in text for text in two.notes_)
    np.testing.assert_allclose(two.forecast([1.0, 5.0] * 20, 4), [1.0, 5.0, 1.0, 5.0], atol=1e-6)
    assert sa.HMM(2).fit(["a"] * 20).forecast(["a"], 2).tolist() == ["a", "a"]
    assert any("converged" in text for text in sa.HMM(3, iterations=1).fit(levels(0, 100)).notes_)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: sa.HMM(0).fit([1.0, 2.0]), "states"),
        (lambda: sa.HMM(2, emissions="poisson").fit([1.0, 2.0]), "emissions"),
        (lambda: sa.HMM(2, starts=0).fit([1.0, 2.0]), "starts"),
        (lambda: sa.HMM(2, iterations=0).fit([1.0, 2.0]), "iterations"),
        (lambda: sa.HMM(2, seed=-1).fit([1.0, 2.0]), "seed"),
        (lambda: sa.MarkovSwitchingAR(1).fit([1.0, 2.0]), "states"),
        (lambda: sa.MarkovSwitchingAR(2, -1).fit([1.0, 2.0]), "lags"),
        (lambda: sa.MarkovSwitchingAR(2, 1, switching_variance=1).fit([1.0, 2.0]), "switching_variance"),
        (lambda: sa.HMM(2).with_parameters([0.5, 0.4], STAY, means=[0, 1], std=[1, 1]), "start"),
        (lambda: sa.HMM(2).with_parameters([0.5, 0.5], -STAY, means=[0, 1], std=[1, 1]), "transition"),
        (lambda: sa.HMM(2).with_parameters([0.5, 0.5], STAY, means=[0, 1, 2], std=[1, 1]), "means"),
        (lambda: sa.HMM(2).with_parameters([0.5, 0.5], STAY, means=[0, 1], std=[1, 0]), "std"),
        (lambda: sa.HMM(2).with_parameters([0.5, 0.5], STAY, means=[0, 1]), "means"),
        (lambda: sa.HMM(2).with_parameters([0.5, 0.5], STAY, emission=STAY, states=["a", "a"]), "states"),
        (
            lambda: sa.HMM(2, "gaussian").with_parameters([0.5, 0.5], STAY, emission=STAY, states=["a", "b"]),
            "emissions",
        ),
        (lambda: sa.MarkovSwitchingAR(2, 1).with_parameters(STAY, [0.0, 1.0], [], 1.0), "coefficients"),
        (lambda: sa.MarkovSwitchingAR(2, 1).with_parameters(STAY, [0.0, 1.0], [0.5], 0.0), "variance"),
        (lambda: sa.MarkovSwitchingAR(2, 1, True).with_parameters(STAY, [0.0, 1.0], [0.5], 1.0), "variance"),
    ],
)
def test_arguments_that_are_not_allowed_are_named(make, name):
    with pytest.raises(sa.errors.ParameterError) as caught:
        make()
    assert caught.value.name == name


@pytest.mark.parametrize("model", [GAUSSIAN, LETTERS, made(2, 2), made(2, 1, True), made(3, 0)], ids=repr)
def test_given_parameters_are_saved_like_learned_ones(model, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = sa.load(path)
    assert loaded.log_likelihood_ is None
    values = letters(18, 50) if model is LETTERS else levels(18, 50)
    assert loaded.forecast(values, 8).tolist() == model.forecast(values, 8).tolist()
    assert sa.k_step(loaded, values, 5, train=0).start == (0,)
