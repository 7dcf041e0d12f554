"""Autoregression with columns against literal loops, statsmodels, dense least squares and the limits of the shop."""

from __future__ import annotations

import copy
import tracemalloc

import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg

import stepahead as sa
from stepahead import storage
from stepahead.covariates import PAST
from stepahead.numerics import regression
from stepahead.walk import walk

from ..data import path

PLAN = ("promo", "holiday", "weekday")
SHOWN = np.array([1, 3, 7, 14, 28])


def store(length=90, beyond=12, seed=0, holes=(), **columns):
    """Values, two columns known ahead, one of text, and two of the past."""
    rng = np.random.default_rng(seed)
    count = length + beyond
    price, promo = rng.normal(5.0, 1.0, count), (rng.random(count) < 0.3) * 1.0
    sky = np.array(["rain", "snow", "sun"])[rng.integers(0, 3, count)]
    warm, wind = np.cumsum(rng.normal(size=length)) * 0.2, rng.normal(size=length)
    values = rng.normal(size=length)
    for t in range(1, length):
        values[t] += 0.6 * values[t - 1] + 0.3 * warm[t - 1] - 0.4 * price[t] + 2.0 * promo[t - 1]
    for row in holes:
        values[row] = np.nan
    known = columns.get("known", {"price": price, "promo": promo, "sky": sky})
    return sa.Series(values, known=known, past={"warm": warm, "wind": wind}, missing="skip")


def tables(model, series):
    """The columns of a fitted model, by name: [time + beyond, .] those known ahead, and [time, .] those of the past."""
    found = []
    for part, is_past in ((series.known, False), (series.past, True)):
        names = [column.name for column in model.columns_ if (column.kind == PAST) == is_past]
        rows = part.values if len(part) else np.empty((len(series), 0))
        found.append(rows[:, [part.names.index(name) for name in names]])
    return found


def literal(model, series, origin, horizon):
    """One step after the other, one product after the other."""
    known, past = tables(model, series)
    lags, chunk = model.lags_, model.chunk
    phi, shift = np.reshape(model.coefficients_, (chunk, lags)), np.atleast_1d(model.intercept_)
    values = list(series.values[:origin])
    for k in range(horizon):
        step, begin = k % chunk, k - k % chunk
        total = shift[step]
        for lag in range(1, lags + 1):
            total += phi[step, lags - lag] * values[origin + begin - lag]
            for column in range(past.shape[1]):
                total += model.past_coefficients_[step, column, lags - lag] * past[origin + begin - lag, column]
        for column in range(known.shape[1]):
            for at, lag in enumerate(model.column_lags):
                total += model.known_coefficients_[step, column, at] * known[origin + k - lag, column]
        values.append(total)
    return np.array(values[origin:])


def least(model, panel, context):
    """Dense least squares of each step of a chunk: (weights of windows, past columns, columns known ahead; rank)."""
    lags, chunk, found = model.lags_, model.chunk, []
    for step in range(chunk):
        rows, targets = [], []
        for series in panel:
            known, past = tables(model, series)
            for o in range(context, len(series) - chunk + 1):
                parts = [series.values[o - lags : o], past[o - lags : o].T.ravel()]
                parts += [[known[o + step - lag, c] for lag in model.column_lags] for c in range(known.shape[1])]
                row = np.concatenate(parts)
                about = [known[o + j - lag] for j in range(chunk) for lag in model.column_lags]
                if not np.isnan(np.concatenate([row, series.values[o : o + chunk], *about])).any():
                    rows.append(row)
                    targets.append(series.values[o + step])
        design, wanted = np.array(rows), np.array(targets)
        if model.intercept:
            design = np.column_stack([design, np.ones(len(design))])
        free = design.shape[1] - model.intercept
        if model.ridge:
            design = np.vstack([design, np.sqrt(model.ridge) * np.eye(design.shape[1])[:free]])
            wanted = np.concatenate([wanted, np.zeros(free)])
        weights = np.linalg.lstsq(design, wanted, rcond=None)[0]
        found.append(weights if model.intercept else np.append(weights, 0.0))
    return np.array(found)


def learned(model):
    """[chunk, all weights, the intercept last] as `least` has them."""
    chunk = model.chunk
    parts = [np.reshape(model.coefficients_, (chunk, -1)), model.past_coefficients_.reshape(chunk, -1)]
    parts += [model.known_coefficients_.reshape(chunk, -1), np.atleast_1d(model.intercept_)[:, None]]
    return np.hstack(parts)


CASES = {
    "recursive": (sa.AR(3, using="known"), 9),
    "recursive, at the target": (sa.AR(3, using=["price"], column_lags=(0,)), 9),
    "recursive, one before": (sa.AR(1, using=["price", "promo"], column_lags=(1,)), 9),
    "recursive, further back than the window": (sa.AR(2, using=["promo", "sky"], column_lags=(0, 3, 7)), 9),
    "recursive, ridge, no intercept": (sa.AR(3, using="known", ridge=2.0, intercept=False), 9),
    "one step, past": (sa.AR(3, using="past"), 1),
    "one step, both": (sa.AR(2, using="all"), 1),
    "chunks, known": (sa.AR(3, using="known", chunk=4), 9),
    "chunks, known further back than a chunk": (sa.AR(2, using=["promo"], chunk=2, column_lags=(0, 3, 7)), 9),
    "chunk of all steps, past": (sa.AR(3, using=["warm"], chunk=6), 6),
    "chunk of all steps, both": (sa.AR(2, using="all", chunk=5, column_lags=(0, 3)), 5),
    "chunk of more, both, ridge, no intercept": (sa.AR(2, using="all", chunk=8, ridge=1.0, intercept=False), 5),
}


@pytest.mark.parametrize("data", ["one series", "with holes", "a panel"])
@pytest.mark.parametrize("case", CASES)
def test_fit_and_roll_out_are_those_of_a_literal_loop(case, data):
    model, horizon = CASES[case]
    holes = (17, 18, 60) if data == "with holes" else ()
    panel = [store(holes=holes)]
    panel += [store(70, seed=1), store(45, seed=2)] if data == "a panel" else []
    model = model.clone().fit(panel)
    np.testing.assert_allclose(learned(model), least(model, panel, model.context), rtol=1e-8, atol=1e-10)
    for series in panel:
        found = walk(model, series, 0, len(series), horizon)
        reads = [series.values, *tables(model, series)[1].T]
        whole = [not np.isnan(np.concatenate([x[o - model.lags_ : o] for x in reads])).any() for o in found.origins]
        assert all(whole)
        assert len(found.origins) == len(series) - model.context + 1 - sum(
            any(o - model.lags_ <= hole < o for hole in holes) for o in range(model.context, len(series) + 1)
        )
        wanted = np.array([literal(model, series, o, horizon) for o in found.origins])
        np.testing.assert_allclose(found.table(horizon), wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())
        last = len(series)
        np.testing.assert_allclose(model.forecast(series, horizon), literal(model, series, last, horizon), rtol=1e-11)
        few = walk(model, series, 0, len(series), max(1, horizon - 2)).table(max(1, horizon - 2))
        np.testing.assert_allclose(few, wanted[:, : few.shape[1]], rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("stretched", [1.02, 1.0, -1.05])
def test_a_recursion_that_grows_keeps_its_digits(stretched):
    """Differences from what the columns make of it would lose them: it goes another way."""
    series = store(300)
    model = sa.AR(2, using=["price", "promo"]).fit(series)
    model.coefficients_ = np.array([0.0, stretched])
    found = walk(model, series, 0, len(series) - 9, 9)
    wanted = np.array([literal(model, series, o, 9) for o in found.origins])
    np.testing.assert_allclose(found.table(9), wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


def test_neighbouring_origins_take_the_short_way(monkeypatch):
    """The long one has a matrix of steps by steps, and a column of it for each step ahead; a single origin takes it."""
    made = []
    whole = regression.responses
    monkeypatch.setattr(regression, "responses", lambda *given: made.append(given) or whole(*given))
    series = store(300)
    model = sa.AR(4, using="known").fit(series[:200])
    walk(model, series, 0, None, 9).table(9)
    assert not made
    model.forecast(series, 9)
    assert len(made) == 1


def test_a_fit_in_chunks_holds_the_columns_of_one_step_at_a_time():
    series = store(3000, beyond=64)
    model = sa.AR(3, using=["price"], chunk=64)
    tracemalloc.start()
    model.fit(series)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The targets of all steps are held; of columns a few dozen, where two lags of each step would be 128 more.
    assert peak < 8 * 3000 * (64 + 100)


def test_a_row_is_the_same_wherever_its_block_begins():
    series = store(300)
    model = sa.AR(4, using="known").fit(series[:200])
    every = walk(model, series, 0, None, 9).table(9)
    for first in (50, 173, 299):
        np.testing.assert_allclose(
            walk(model, series, first, None, 9).table(9), every[first - model.context :], rtol=1e-12
        )
        np.testing.assert_allclose(
            sa.k_step(model, series, 9, train=200).predictions[0], every[200 - model.context], rtol=1e-12
        )


@pytest.mark.parametrize("lags", [1, 5])
def test_coefficients_and_forecasts_are_those_of_statsmodels(lags):
    series = store(200)
    known = series.known.values
    model = sa.AR(lags, using=["price", "promo"], column_lags=(0,)).fit(series)
    theirs = AutoReg(series.values, lags, exog=known[:200, :2]).fit()
    ours = np.concatenate([[model.intercept_], model.coefficients_[::-1], model.known_coefficients_[0, :, 0]])
    np.testing.assert_allclose(ours, theirs.params, rtol=1e-8)
    assert model.variance_ == pytest.approx(theirs.sigma2, rel=1e-8)
    np.testing.assert_allclose(
        model.forecast(series, 12), theirs.forecast(12, exog=known[200:212, :2]), rtol=1e-8, atol=1e-8
    )


# -- distributions -----------------------------------------------------------------------------------------------------


def test_the_distribution_is_that_of_many_draws_of_the_recursion():
    series = store(400)
    model = sa.AR(2, using=["price", "promo"]).fit(series)
    origin, draws, horizon = 400, 40_000, 8
    rng = np.random.default_rng(0)
    known = tables(model, series)[0]
    values = np.repeat(series.values[None, :], draws, axis=0)[:, -2:]
    for k in range(horizon):
        inputs = sum(known[origin + k - lag] @ model.known_coefficients_[0, :, at] for at, lag in enumerate((0, 1)))
        shock = rng.normal(0.0, np.sqrt(model.variance_), draws)
        values = np.column_stack([values, values[:, -2:] @ model.coefficients_ + model.intercept_ + inputs + shock])
    found = walk(model, series, origin, origin, horizon)
    state, ahead = tuple(array[-1:] for array in found.state), found.handed.at(found.origins, horizon)
    normal = model.predictive(state, horizon, ahead)
    error = np.sqrt(model.variance_ / draws)
    np.testing.assert_allclose(normal.mean()[0], values[:, 2:].mean(axis=0), atol=8.0 * error)
    np.testing.assert_allclose(normal.std()[0] ** 2, values[:, 2:].var(axis=0), rtol=5.0 * np.sqrt(2.0 / draws))
    paths = model.paths(state, horizon, draws, 0, found.origins, ahead)[:, 0]
    np.testing.assert_allclose(paths.mean(axis=0), values[:, 2:].mean(axis=0), atol=11.0 * error)
    np.testing.assert_allclose(np.cov(paths.T), np.cov(values[:, 2:].T), atol=0.06 * normal.std().max() ** 2)


# -- the lags ----------------------------------------------------------------------------------------------------------


def test_lags_are_chosen_with_the_columns():
    """The third lag is of what the columns leave: without them it does not stand out."""
    rng = np.random.default_rng(0)
    plan, values = rng.normal(size=640) * 10.0, rng.normal(size=600)
    for t in range(4, 600):
        values[t] += 0.9 * values[t - 4]
    series = sa.Series(values + plan[:600], known={"plan": plan})
    model = sa.AR(using="known", column_lags=(0, 1, 2, 3, 4), season=None, horizon=8).fit(series)
    assert model.lags_ == 4
    assert model.name == "AR(auto: 4) with plan"
    assert model.forecast(series, 8) == pytest.approx(literal(model, series, 600, 8), rel=1e-12)


# -- what a hostile reader tries ---------------------------------------------------------------------------------------


def test_a_column_that_is_the_value_before_adds_nothing_to_the_window():
    plain = store(300)
    before = np.concatenate([[0.0], plain.values, np.zeros(3)])[: len(plain) + 1]
    series = sa.Series(plain.values, known={"before": before * 1e3 + 1e6})
    model = sa.AR(3, using="known", column_lags=(0,))
    with pytest.warns(sa.errors.StepaheadWarning, match="span only 3 of 4 directions"):
        model.fit(series)
    alone = sa.AR(3).fit(plain)
    np.testing.assert_allclose(model.forecast(series, 1), alone.forecast(plain, 1), rtol=1e-8)
    assert model.variance_ == pytest.approx(alone.variance_, rel=1e-9)


def test_a_column_that_is_the_same_until_the_end_of_the_training_part_is_left_out_and_noted():
    rng = np.random.default_rng(0)
    late = np.zeros(130)
    late[100:] = 1e6
    series = sa.Series(rng.normal(size=120), known={"late": late, "plan": rng.normal(size=130)})
    with pytest.warns(sa.errors.StepaheadWarning, match="late: the same throughout the training part, left out"):
        model = sa.AR(2, using="known").fit(series[:100])
    assert [column.name for column in model.columns_] == ["plan"]
    assert np.abs(model.forecast(series, 10)).max() < 10.0


@pytest.mark.parametrize(("steps", "told"), [(0, "moves with the values "), (1, "moves with the values one step on ")])
def test_a_column_that_gives_the_target_away_in_another_unit_is_asked_about(steps, told):
    values = np.random.default_rng(0).normal(size=200)
    leak = np.concatenate([values[steps:], np.zeros(steps)]) * 1e3 + 5.0
    with pytest.warns(sa.errors.StepaheadWarning, match=f"known column leak {told}.*planned, or measured"):
        sa.Series(values, known={"leak": leak[: 200 - steps].tolist() + [float("nan")] * steps}, missing="skip")


def test_a_series_too_short_for_one_window_costs_a_panel_nothing():
    panel, more = [store(90), store(40, seed=1)], store(10, seed=2)[:2]
    for model in (sa.AR(3, using="all", chunk=2), sa.AR(3, using="past"), sa.AR(3, using="known")):
        np.testing.assert_array_equal(learned(model.clone().fit(panel)), learned(model.clone().fit([*panel, more])))


def test_more_columns_than_rows_are_refused_with_both_numbers_and_a_ridge_helps():
    rng = np.random.default_rng(0)
    series = sa.Series(rng.normal(size=20), known={f"c{i}": rng.normal(size=24) for i in range(15)})
    with pytest.raises(sa.errors.InputError, match="33 coefficients and only 18 windows"):
        sa.AR(2, using="known").fit(series)
    model = sa.AR(2, using="known", ridge=1.0).fit(series)
    np.testing.assert_allclose(learned(model), least(model, [series], model.context), rtol=1e-9, atol=1e-12)


def test_a_symbol_that_was_never_seen_is_none_of_those_that_were():
    series = store(100)
    model = sa.AR(2, using=["sky"]).fit(series)
    sky = ["hail"] * 112
    unseen = sa.Series(series.values, known={"sky": ["hail", *sky[1:]]})
    none = copy.deepcopy(model)
    none.known_coefficients_ = np.zeros_like(model.known_coefficients_)
    first = literal(none, series, 100, 5)
    np.testing.assert_allclose(model.forecast(unseen, 5), first, rtol=1e-12)


def test_a_panel_of_the_calendar_with_different_spans_is_one_regression():
    rng = np.random.default_rng(0)
    panel = []
    for start, length in (("2024-01-01", 60), ("2024-03-07", 45), ("2023-11-11", 21)):
        times = np.datetime64(start) + np.arange(length)
        week = (times.astype("datetime64[D]").astype(int) + 3) % 7
        panel.append(sa.Series(10.0 * week + rng.normal(size=length), times=times, calendar=["weekday"]))
    model = sa.AR(1, using=["weekday"], column_lags=(0,)).fit(panel)
    for series in panel:
        times = series.times[-1] + np.arange(1, 15)
        week = (times.astype("datetime64[D]").astype(int) + 3) % 7
        np.testing.assert_allclose(model.forecast(series, 14), 10.0 * week, atol=2.0)


def test_what_is_saved_and_loaded_gives_the_same_bits(tmp_path):
    series = store(120)
    for model in (sa.AR(3, using="known"), sa.AR(2, using="all", chunk=4, column_lags=(0, 3))):
        model = model.clone().fit(series)
        model.save(tmp_path / "model")
        loaded = storage.load(tmp_path / "model")
        assert loaded.columns_ == model.columns_
        assert loaded.name == model.name
        np.testing.assert_array_equal(loaded.forecast(series, 4), model.forecast(series, 4))


# -- figures -----------------------------------------------------------------------------------------------------------


def errors_at(model, series, train, steps):
    return sa.k_step(model, series, int(steps[-1]), train=train).rmse()[steps - 1]


SHOP = {
    "AR(7) with all of the plan": (
        lambda: sa.AR(7, using=PLAN),
        (13.02, 17.75, 19.44, 19.58, 19.44),
        sa.datasets.shop(length=100).limit,
    ),
    "AR(7), as if the warmth were foreseen": (
        lambda: sa.AR(7, using=(*PLAN, "warmth")),
        (10.28, 13.43, 14.25, 14.26, 14.19),
        sa.datasets.shop(length=100).limit.foreseen,
    ),
    # Its window is of sales with the plan in them, of which a step reads two days alone: 4 % more at three steps.
    "AR(7), all columns, each step directly": (
        lambda: sa.AR(7, using="all", chunk=28),
        (13.0, 18.4, 19.8, 20.0, 19.9),
        sa.datasets.shop(length=100).limit,
    ),
    "AR(7) alone": (lambda: sa.AR(7), (32.9, 39.9, 40.8, 41.2, 41.0), None),
}


def measured(case, seeds):
    """[seeds, steps]: the errors of a model of the shop, fitted on 657 days."""
    make, found = SHOP[case][0], []
    for seed in range(seeds):
        series = sa.datasets.shop(seed=seed)
        if "foreseen" in case:
            series = series.foreseen("warmth")
        found.append(errors_at(make().fit(series[:657]), series, 657, SHOWN))
    return np.array(found)


@pytest.mark.parametrize(
    ("seeds", "near"), [pytest.param(3, 0.06, id="3 seeds"), pytest.param(20, 0.04, id="20", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("case", SHOP)
def test_figures_of_the_shop(case, seeds, near):
    """Those of the prototype, which drew other shops of the same kind, and had no direct one with both kinds of column;
    none is below what is possible.

    Of one shop they have a standard deviation of 3 to 6 %.
    """
    _, wanted, limit = SHOP[case]
    found = measured(case, seeds)
    np.testing.assert_allclose(found.mean(axis=0), wanted, rtol=near)
    if limit is not None:
        error = found.std(axis=0, ddof=1) / np.sqrt(seeds)
        assert (found.mean(axis=0) >= limit(28)[SHOWN - 1] - 2.0 * error).all()


def test_a_promotion_is_worth_sixty():
    """Its weight within 2.5 standard errors at every seed, of least squares at the prototype's own design."""
    for seed in range(20):
        series = sa.datasets.shop(seed=seed)[:657]
        model = sa.AR(7, using=PLAN).fit(series)
        known, _ = tables(model, series)
        rows = range(7, 657)
        design = np.array(
            [
                np.concatenate([series.values[t - 7 : t], np.column_stack([known[t], known[t - 1]]).ravel(), [1.0]])
                for t in rows
            ]
        )
        freedom = len(design) - np.linalg.matrix_rank(design)
        spread = model.variance_ * len(design) / freedom * np.linalg.pinv(design.T @ design)
        assert abs(model.known_coefficients_[0, 0, 0] - 60.0) < 2.5 * np.sqrt(spread[7, 7])


def test_figures_of_seattle():
    """AR(5) and two harmonics of the year, 64 days, and AR(5) alone."""
    values = sa.datasets.seattle_temperature()
    series = sa.Series(values.values, times=values.times, calendar=["year:2"])
    steps = np.array([1, 4, 16, 64])
    found = errors_at(sa.AR(5, using="known").fit(series[:876]), series, 876, steps)
    np.testing.assert_allclose(found, [2.76, 3.80, 3.90, 3.81], rtol=0.005)
    np.testing.assert_allclose(
        errors_at(sa.AR(5).fit(series[:876]), series, 876, steps), [2.87, 4.26, 4.95, 7.36], rtol=0.005
    )


@pytest.mark.slow
def test_figures_of_a_transformer_where_its_loads_do_not_help():
    table = np.genfromtxt(path("ETTh1.csv"), delimiter=",", names=True, dtype=None, encoding="utf-8")[:14_400]
    loads = {name: table[name] for name in ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL")}
    series = sa.Series(table["OT"], past=loads)
    steps = np.array([1, 4, 16, 48, 96])
    plain = errors_at(sa.AR(24, chunk=96).fit(series[:11_520]), series, 11_520, steps)
    beside = errors_at(sa.AR(24, chunk=96, using="past").fit(series[:11_520]), series, 11_520, steps)
    np.testing.assert_allclose(plain, [0.584, 1.091, 1.878, 2.563, 2.981], rtol=0.002)
    np.testing.assert_allclose(beside, [0.600, 1.160, 1.975, 2.650, 3.027], rtol=0.002)
    assert (beside > plain).all()
