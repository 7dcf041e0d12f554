"""Logarithms and Box-Cox transforms around a model: means in the unit of the series, exact quantiles, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from statsmodels.base.transform import BoxCox as Theirs

import stepahead as sa
from stepahead.walk import take

from ..data import sine


def positive(seed: int = 0, length: int = 400, spread: float = 0.4) -> np.ndarray:
    """Exp of an autoregression: lognormal, with a long tail."""
    rng, x = np.random.default_rng(seed), np.zeros(length)
    for t in range(1, length):
        x[t] = 0.8 * x[t - 1] + rng.normal(0.0, spread)
    return np.exp(1.0 + x)


def last(model, x: np.ndarray) -> tuple[np.ndarray, ...]:
    return take(model.encode(x), slice(-1, None))


def test_the_forecast_of_logs_is_the_lognormal_mean():
    x = positive()
    model, inner = sa.wrappers.Logged(sa.AR(3)).fit(x[:300]), sa.AR(3).fit(np.log(x[:300]))
    normal = inner.predictive(last(inner, np.log(x)), 12)
    centre, spread = normal.mean()[0], normal.std()[0]
    np.testing.assert_allclose(model.forecast(x, 12), np.exp(centre + spread**2 / 2), rtol=1e-12)
    found = model.predictive(last(model, x), 12)
    theirs = scipy.stats.lognorm(spread, scale=np.exp(centre))
    np.testing.assert_allclose(found.mean()[0], theirs.mean(), rtol=1e-12)
    np.testing.assert_allclose(found.std()[0], theirs.std(), rtol=1e-12)
    for level in (0.05, 0.5, 0.9):
        np.testing.assert_allclose(found.quantile(level)[0], theirs.ppf(level), rtol=1e-9)


def test_the_mean_is_put_right_and_the_median_lies_below_it():
    """Over many origins of a series that is lognormal: the forecast of the mean is unbiased, exp of the inner forecast
    is not, by the factor that theory gives.
    """
    x = positive(1, 40_000)
    model = sa.wrappers.Logged(sa.AR(1)).fit(x[:20_000])
    inner = model.model_
    run = sa.k_step(model, x, 8, steps=[8])
    plain = np.exp(sa.k_step(inner, np.log(x), 8, steps=[8], train=20_000).predictions)
    actual = x[run.origins + 7]
    assert run.predictions.mean() == pytest.approx(actual.mean(), rel=0.02)
    variance = float(inner.predictive(inner.encode(np.log(x[:50])), 8).std()[0, -1] ** 2)
    assert plain.mean() == pytest.approx(actual.mean() * np.exp(-variance / 2), rel=0.02)
    np.testing.assert_allclose(run.coverage(0.9), 0.9, atol=0.02)


@pytest.mark.parametrize("power", [0.0, 0.2, 0.5, 1.0])
def test_a_box_cox_transform_is_that_of_scipy_and_its_mean_that_of_draws(power):
    x = positive(2)
    model = sa.wrappers.BoxCox(sa.AR(2), power=power).fit(x[:300])
    inner = sa.AR(2).fit(scipy.stats.boxcox(x[:300], power))
    assert model.model_.coefficients_ == pytest.approx(inner.coefficients_, rel=1e-9)
    normal = inner.predictive(last(inner, scipy.stats.boxcox(x, power)), 5)
    found = model.predictive(last(model, x), 5)
    np.testing.assert_array_equal(model.forecast(x, 5), found.mean()[0])
    for level in (0.1, 0.5, 0.99):
        there = normal.quantile(level)
        np.testing.assert_allclose(found.quantile(level), scipy.special.inv_boxcox(there, power), rtol=1e-9)
    draws = normal.mean() + normal.std() * np.random.default_rng(0).normal(size=(400_000, 1, 1))
    drawn = scipy.special.inv_boxcox(draws, power) if power == 0.0 else np.maximum(power * draws + 1, 0) ** (1 / power)
    np.testing.assert_allclose(found.mean(), drawn.mean(axis=0), rtol=0.01)
    np.testing.assert_allclose(found.std(), drawn.std(axis=0), rtol=0.03)


def test_power_zero_is_logged_and_power_one_is_the_model_itself():
    x = positive(3)
    logs, box = (make(sa.AR(3)).fit(x[:300]) for make in (sa.wrappers.Logged, lambda m: sa.wrappers.BoxCox(m, 0)))
    np.testing.assert_array_equal(box.forecast(x, 9), logs.forecast(x, 9))
    high = 50.0 + sine(0, 400)
    box, plain = sa.wrappers.BoxCox(sa.AR(3), power=1.0).fit(high[:300]), sa.AR(3).fit(high[:300])
    np.testing.assert_allclose(box.forecast(high, 9), plain.forecast(high, 9), rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("power", [0.0, 0.35, 1.0])
def test_the_power_is_guerreros(seed, power):
    """Against statsmodels, and a loop as the method is told; the spread of such a series depends on the level in the
    way that `power` takes back.
    """
    rng = np.random.default_rng(seed)
    level = np.linspace(20.0, 400.0, 403)
    share = 0.1 * 20.0**power
    x = np.maximum(level + share * level ** (1.0 - power) * rng.normal(size=403), 0.1)
    # Of years, so that no season is looked for.
    found = sa.wrappers.BoxCox(sa.AR(2)).fit(sa.Series(x, times=np.arange(1600, 2003))).power_
    best = None
    for candidate in np.arange(101) / 100.0:
        ratios = []
        for group in range(100):
            values = x[3 + 4 * group : 7 + 4 * group]
            ratios.append(np.std(values, ddof=1) / np.mean(values) ** (1.0 - candidate))
        variation = np.std(ratios, ddof=1) / np.mean(ratios)
        if best is None or variation <= best[0]:
            best = (variation, candidate)
    assert found == best[1]
    theirs = Theirs()._est_lambda(x[3:], bounds=(0, 1), method="guerrero", window_length=4, scale="sd")
    assert found == pytest.approx(theirs, abs=0.006)
    assert found == pytest.approx(power, abs=0.3)


def test_the_groups_of_a_seasonal_series_are_its_seasons():
    t = np.arange(240)
    x = np.exp(0.01 * t + 0.5 * np.sin(2 * np.pi * t / 12) + np.random.default_rng(0).normal(0.0, 0.02, 240))
    model = sa.wrappers.BoxCox(sa.AR(3)).fit(x)
    groups = x.reshape(20, 12)
    relative = [groups.std(axis=1, ddof=1) / groups.mean(axis=1) ** (1 - p) for p in np.arange(101) / 100]
    assert model.power_ == np.argmin([r.std(ddof=1) / r.mean() for r in relative]) / 100
    assert model.power_ <= 0.1


@pytest.mark.parametrize("exponent", [-880, -60, -25, 25, 60, 1000])
@pytest.mark.parametrize("power", [0.0, 0.35, 1.0, "auto"])
def test_tiny_and_huge_values_lose_no_digits(exponent, power, tmp_path):
    """x**power - 1 is -1 for any tiny x: once a forecast of 0."""
    x = positive(5)
    plain, other = (
        sa.wrappers.BoxCox(sa.AR(2), power=power).fit(values[:300]) for values in (x, np.ldexp(x, exponent))
    )
    assert other.power_ == plain.power_
    found = other.predictive(last(other, np.ldexp(x, exponent)), 4).scaled(2.0**-exponent, 0.0)
    wanted = plain.predictive(last(plain, x), 4)
    for name in ("mean", "std"):
        np.testing.assert_allclose(getattr(found, name)(), getattr(wanted, name)(), rtol=1e-7)
    np.testing.assert_allclose(found.quantile(0.1), wanted.quantile(0.1), rtol=1e-9)
    np.testing.assert_allclose(found.crps(np.full((1, 4), 3.0)), wanted.crps(np.full((1, 4), 3.0)), rtol=1e-7)
    ahead = other.forecast(np.ldexp(x, exponent), 4)
    np.testing.assert_allclose(np.ldexp(ahead, -exponent), plain.forecast(x, 4), rtol=1e-7)
    other.save(tmp_path / "m.safetensors")
    again = sa.load(tmp_path / "m.safetensors")
    assert again.forecast(np.ldexp(x, exponent), 4).tobytes() == ahead.tobytes()


def test_constants_and_gaps_have_a_power():
    assert sa.wrappers.BoxCox(sa.baselines.Mean()).fit(np.full(40, 7.0)).power_ == 1.0
    x = positive(4, 200)
    x[[5, 50, 51, 120]] = np.nan
    series = sa.Series(x, missing="skip")
    model = sa.wrappers.BoxCox(sa.StateSpace(0, "walk")).fit(series)
    assert np.isfinite(model.forecast(series, 4)).all()
    x[::3] = np.nan
    with pytest.raises(sa.errors.InputError, match="name the power"):
        sa.wrappers.BoxCox(sa.StateSpace(0, "walk")).fit(sa.Series(x, missing="skip"))
    with pytest.raises(sa.errors.InputError) as caught:
        sa.wrappers.BoxCox(sa.baselines.Mean()).fit(np.arange(1.0, 8.0))
    assert (caught.value.needed, caught.value.found) == (12, 7)


@pytest.mark.parametrize("wrap", [sa.wrappers.Logged, sa.wrappers.BoxCox])
def test_values_at_or_below_zero_are_refused_in_kind_words(wrap):
    x = positive(0, 100)
    model = wrap(sa.AR(2)).fit(x)
    for bad in (0.0, -3.5):
        other = x.copy()
        other[[41, 60]] = bad
        for call in (lambda other=other: wrap(sa.AR(2)).fit(other), lambda other=other: model.forecast(other, 3)):
            with pytest.raises(sa.errors.InputError, match=rf"is {bad:g}, one of 2, .*add a constant") as caught:
                call()
            assert (caught.value.code, caught.value.position, caught.value.found) == ("not-positive", 41, bad)
    with pytest.raises(sa.errors.InputError, match=r"is -1e-12, add|is -1e-12, and at"):
        wrap(sa.AR(2)).fit([1e-9, 2e-9, -1e-12, 3e-9] + [1e-9] * 20)
    dated = sa.Series(other, times=np.arange("2020-01-01", "2020-04-10", dtype="datetime64[D]"))
    with pytest.raises(sa.errors.InputError, match="2020-02-11"):
        wrap(sa.AR(2)).fit(dated)


def test_a_model_without_a_distribution_gives_a_median_and_says_so():
    x = positive()
    with pytest.warns(sa.errors.StepaheadWarning, match="a forecast is a median"):
        model = sa.wrappers.Logged(sa.SSA(2, 20)).fit(x[:300])
    assert not hasattr(model, "predictive")
    np.testing.assert_allclose(model.forecast(x, 4), np.exp(sa.SSA(2, 20).fit(np.log(x[:300])).forecast(np.log(x), 4)))
    assert not sa.wrappers.Logged(sa.AR(2)).fit(x[:300]).notes_


def test_draws_and_other_distributions_are_taken_along():
    x = positive()
    sampled = sa.wrappers.Logged(sa.wrappers.Sampled(sa.AR(2), n=200)).fit(x[:300])
    draws = sampled.model_.predictive(last(sampled.model_, np.log(x)), 3).draws
    np.testing.assert_allclose(sampled.forecast(x, 3), np.exp(draws).mean(axis=0)[0], rtol=1e-12)
    twice = sa.wrappers.Logged(sa.wrappers.Logged(sa.AR(2))).fit(2.0 + x[:300])
    state = last(twice, 2.0 + x)
    inner = twice.model_.predictive(state, 3)
    np.testing.assert_allclose(twice.predictive(state, 3).quantile(0.5), np.exp(inner.quantile(0.5)), rtol=0.01)
    np.testing.assert_allclose(
        sa.paths(sa.wrappers.Logged(sa.AR(2)).fit(x[:300]), x, 4, n=5, seed=1),
        np.exp(sa.paths(sa.AR(2).fit(np.log(x[:300])), np.log(x), 4, n=5, seed=1)),
        rtol=1e-12,
    )
    scaled = sa.Scaled(sa.wrappers.Logged(sa.AR(2)))
    with pytest.raises(sa.errors.InputError, match="add a constant"):
        scaled.fit(x[:300])


def test_a_mixture_inside_is_a_mixture_of_lognormals():
    x = positive()
    model = sa.wrappers.Logged(sa.HMM(2, starts=1, iterations=20)).fit(x[:300])
    state = last(model, x)
    inner = model.model_.predictive(state, 3)
    own = np.exp(inner.centers + np.asarray(inner.spreads) ** 2 / 2)
    np.testing.assert_allclose(model.forecast(x, 3), (inner.weights * own).sum(axis=-1)[0], rtol=1e-12)


def test_choices_inside_look_at_the_horizon_and_the_ways_are_three():
    assert sa.wrappers.Logged(sa.AR("auto")).for_horizon(9).model.horizon == 9
    ways = sa.wrappers.Logged(sa.AR(3)).ways(4)
    assert set(ways) == {"recursive", "direct", "one-shot"}
    assert all(isinstance(way, sa.wrappers.Logged) for way in ways.values())


def test_wrong_powers_and_models_are_refused():
    for wrong in (-0.5, 1.5, "best", True, None):
        with pytest.raises(sa.errors.ParameterError, match="power"):
            sa.wrappers.BoxCox(sa.AR(2), power=wrong).fit(positive())
    with pytest.raises(sa.errors.DtypeError, match="bins="):
        sa.wrappers.Logged(sa.MarkovChain()).fit([1, 2, 3, 5, 4, 6, 5, 7] * 20)
    with pytest.raises(sa.errors.StepaheadError):
        sa.wrappers.Logged(3).fit(positive())


def test_a_file_that_claims_another_power_is_refused(tmp_path):
    from ..model_files import edited, put

    model = sa.wrappers.BoxCox(sa.AR(2), power=0.5).fit(positive())
    model.save(tmp_path / "m.safetensors")
    content = (tmp_path / "m.safetensors").read_bytes()
    assert sa.load(tmp_path / "m.safetensors").power_ == 0.5
    for value in (0.25, 2.0, -1.0):
        (tmp_path / "n.safetensors").write_bytes(edited(content, put("model", "facts", "power_", value=value)))
        with pytest.raises(sa.errors.ModelFileError):
            sa.load(tmp_path / "n.safetensors")
