"""Columns beside the values for models on a window and for cells: literal loops, causality, files, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.tree import DecisionTreeRegressor

import stepahead as sa
from stepahead.covariates import BARE
from stepahead.evaluation.audit import parameter_bits
from stepahead.known_ahead import ahead_rows, past_rows
from stepahead.models.window_columns import offsets, standard_of
from stepahead.windows import ahead

from ..cases import WINDOWS_WITH_COLUMNS

TRAIN, HORIZON = 120, 7
SHORT = sa.Training(epochs=2)


def trial(length: int = 200) -> sa.Series:
    return sa.datasets.shop(length=length, seed=3, horizon=40)


def rewritten(series: sa.Series, origin: int) -> sa.Series:
    """The same shop with other values, promotions, holidays and warmth from an origin on."""
    known = {name: series.known.values[:, series.known.names.index(name)].copy() for name in ("promo", "holiday")}
    for column in known.values():
        column[origin:] = 7.0 - column[origin:]
    values, warmth = series.numbers.copy(), series.past.values[:, 0].copy()
    values[origin:], warmth[origin:] = -1e3, 1e3
    return sa.Series(values, times=series.times, known=known, past={"warmth": warmth}, calendar=["weekday"])


def known_table(model, series):
    """[time + beyond, columns known ahead] in the order of the model."""
    return ahead_rows(series.beside, model.columns_, model.name)


def literal(model, series, origin, horizon, predict):
    """One origin, one number at a time: what a learner would write. `predict` gets the features of a step's chunk."""
    known = known_table(model, series)
    past = past_rows(series.beside or BARE, model.columns_)
    means = getattr(model, "column_means_", None) if isinstance(model, sa.MLP) else None

    def unit(name_place, value):
        return value if means is None else (value - model.column_means_[name_place]) / model.column_scales_[name_place]

    kinds = [column.kind for column in model.columns_]
    of_known = [place for place, kind in enumerate(kinds) if kind != "past"]
    of_past = [place for place, kind in enumerate(kinds) if kind == "past"]
    values, out = list(series.numbers[:origin]), []
    while len(out) < horizon:
        at = origin + len(out)
        common = values[-model.lags :]
        for column, place in enumerate(of_past):
            common += [unit(place, past[origin - model.lags + lag, column]) for lag in range(model.lags)]
        rows = sorted({at + step - lag for step in range(model.chunk) for lag in getattr(model, "column_lags", (0,))})

        def about(rows):
            return [unit(place, known[row, column]) for row in rows for column, place in enumerate(of_known)]

        found = predict(common, about, rows, at)
        values += list(found)
        out += list(found)
    return np.array(out[:horizon])


def by_regressor(model, common, about, rows, at):
    return np.ravel(model.regressor_.predict(np.array([common + about(rows)])))


def by_copies(model, common, about, rows, at):
    found = []
    for step, regressor in enumerate(model.regressor_.regressors_):
        own = sorted(at + step - lag for lag in model.column_lags)
        found.append(float(regressor.predict(np.array([common + about(own)]))[0]))
    return found


def by_net(model, common, about, rows, at):
    features, outs = common + about(rows), []
    for w1, w2 in zip(model.weights1_, model.weights2_, strict=True):
        inner = [max(0.0, sum(f * w1[i, h] for i, f in enumerate(features)) + w1[-1, h]) for h in range(model.hidden)]
        outs.append([sum(inner[h] * w2[h, c] for h in range(model.hidden)) + w2[-1, c] for c in range(model.chunk)])
    return np.mean(outs, axis=0)


MODELS = {
    "Windowed": (lambda: sa.Windowed(Ridge(), 5, using=["promo", "weekday"]), by_regressor, HORIZON),
    "Windowed lags": (
        lambda: sa.Windowed(DecisionTreeRegressor(random_state=0), 3, using="known", column_lags=(0, 1, 4)),
        by_regressor,
        HORIZON,
    ),
    "Windowed chunk": (lambda: sa.Windowed(Ridge(), 5, 3, using=["holiday", "promo"]), by_regressor, HORIZON),
    "Windowed past": (lambda: sa.Windowed(Ridge(), 5, 4, using=["warmth", "promo"]), by_regressor, 4),
    "PerStep": (
        lambda: sa.Windowed(sa.wrappers.PerStep(Ridge()), 5, 3, using=["promo", "holiday"], column_lags=(1, 0)),
        by_copies,
        HORIZON - 2,
    ),
    "PerStep past": (
        lambda: sa.Windowed(sa.wrappers.PerStep(Ridge()), 5, 4, using=["promo", "warmth"]),
        by_copies,
        4,
    ),
    "MLP": (lambda: sa.MLP(5, 4, using=["promo", "weekday"], training=SHORT), by_net, HORIZON),
    "MLP chunk": (lambda: sa.MLP(4, 4, chunk=3, ensemble=2, using=["promo"], training=SHORT), by_net, HORIZON),
    "MLP past": (lambda: sa.MLP(4, 4, chunk=3, using="all", training=sa.Training(noise=0.1)), by_net, 3),
}
every_model = pytest.mark.parametrize(("make", "predict", "horizon"), MODELS.values(), ids=MODELS)


@every_model
def test_the_roll_out_is_the_literal_loop(make, predict, horizon):
    series = trial()
    model = make().fit(series[:TRAIN])
    result = sa.k_step(model, series, horizon)
    for row in range(0, len(result.origins), 9):
        origin = int(result.origins[row])
        expected = literal(
            model, series, origin, horizon, lambda *told, model=model, predict=predict: predict(model, *told)
        )
        np.testing.assert_allclose(result.predictions[row], expected, rtol=1e-10)


@every_model
def test_fewer_steps_are_the_first_and_a_forecast_is_its_row(make, predict, horizon):
    series = trial()
    model = make().fit(series[:TRAIN])
    result = sa.k_step(model, series, horizon)
    fewer = sa.k_step(model, series, 2).predictions[: len(result.predictions)]
    np.testing.assert_allclose(fewer, result.predictions[:, :2], rtol=1e-12)
    for row in (0, 11, len(result.origins) - 1):
        origin = int(result.origins[row])
        np.testing.assert_allclose(model.forecast(series, horizon, origin), result.predictions[row], rtol=1e-12)
        np.testing.assert_allclose(model.forecast(series[:origin], horizon), result.predictions[row], rtol=1e-12)


@every_model
def test_nothing_to_come_reaches_a_state_and_no_later_step_reaches_a_step(make, predict, horizon):
    series = trial()
    model = make().fit(series[:TRAIN])
    origin = 150
    state = model.encode(series[:origin].closed())
    changed = rewritten(series, origin)
    for mine, other in zip(state, model.encode(changed[:origin].closed()), strict=True):
        assert mine.tobytes() == other.tobytes()
    last = tuple(part[-1:] for part in state)
    table = known_table(model, series)
    known = ahead(table, np.array([origin]), horizon + model.leads)
    plain = model.rollout(last, horizon, known)
    for step in range(1, horizon + 1):
        other = np.array(known)
        other[:, step + model.leads :] += 9.0
        np.testing.assert_array_equal(model.rollout(last, horizon, other)[:, :step], plain[:, :step])
        assert model.reads(step) <= step + model.leads
    if table.shape[1] and not isinstance(model.__dict__.get("regressor"), DecisionTreeRegressor):
        assert (model.rollout(last, horizon, known + 1.0) != plain).any(), "it reads the columns at all"


@every_model
def test_the_order_of_the_columns_and_others_beside_them_change_nothing(make, predict, horizon):
    series = trial()
    found = sa.k_step(make().fit(series[:TRAIN]), series, horizon).predictions
    known = {name: series.known.values[:, series.known.names.index(name)] for name in ("holiday", "promo")}
    other = sa.Series(
        series.numbers,
        times=series.times,
        known={"more": np.arange(len(series) + 40.0), **known},
        past={"idle": series.numbers**2, "warmth": series.past.values[:, 0]},
        calendar=["month", "weekday"],
    )
    if make().using in ("known", "all"):
        return  # takes what there is
    np.testing.assert_allclose(sa.k_step(make().fit(other[:TRAIN]), other, horizon).predictions, found, rtol=1e-12)


@pytest.mark.parametrize("column_lags", [(0,), (0, 1), (2, 0)])
def test_least_squares_on_windows_is_the_autoregression(column_lags):
    series, told = trial(400), {"using": ["promo", "holiday", "weekday"], "column_lags": column_lags}
    line = sa.k_step(sa.AR(7, **told).fit(series[:300]), series, 28)
    windows = sa.k_step(sa.Windowed(LinearRegression(), 7, **told).fit(series[:300]), series, 28)
    np.testing.assert_allclose(windows.predictions, line.predictions, rtol=1e-9)


def test_a_copy_a_step_is_the_autoregression_in_chunks():
    series, told = trial(400), {"using": ["promo", "holiday", "warmth"], "column_lags": (0, 1)}
    line = sa.k_step(sa.AR(7, chunk=5, **told).fit(series[:300]), series, 5)
    copies = sa.Windowed(sa.wrappers.PerStep(LinearRegression()), 7, 5, **told).fit(series[:300])
    np.testing.assert_allclose(sa.k_step(copies, series, 5).predictions, line.predictions, rtol=1e-9)


def test_a_chunk_reads_to_its_end_and_no_further():
    """The plan of the shop goes 40 days past the end: chunks of 8 reach day 40, and not 41."""
    series = trial()
    model = sa.Windowed(Ridge(), 5, 8, using=["promo"]).fit(series)
    assert (model.leads, model.reads(1), model.reads(8), model.reads(9)) == (7, 8, 8, 16)
    np.testing.assert_array_equal(model.reads(np.array([7, 8, 9])), [8, 8, 16])
    assert model.forecast(series, 40).shape == (40,)
    with pytest.raises(sa.errors.InputError) as caught:
        model.forecast(series, 41)
    assert caught.value.code == "known-short"
    wrapped = sa.Scaled(sa.Windowed(Ridge(), 5, 8, using=["promo"])).fit(series)
    assert (wrapped.leads, wrapped.reads(3)) == (7, 8)
    assert wrapped.forecast(series, 40).shape == (40,)


@pytest.mark.parametrize(
    "make",
    [
        lambda chunk: sa.Windowed(Ridge(), 5, chunk, using=["warmth"]),
        lambda chunk: sa.MLP(5, chunk=chunk, using=["warmth"], training=SHORT),
    ],
    ids=["Windowed", "MLP"],
)
def test_a_past_column_reaches_one_chunk(make):
    series = trial()
    for chunk in (1, 4):
        model = make(chunk).fit(series)
        assert model.columns_on(series)[1] == chunk
        assert model.forecast(series, chunk).shape == (chunk,)
        for refused in (lambda m=model: m.forecast(series, 9), lambda m=model: m.plan(9)):
            with pytest.raises(sa.errors.InputError, match=f"forecasts {chunk} step") as caught:
                refused()
            assert caught.value.code == "past-reach"


def test_a_net_learns_columns_of_any_size_in_their_own_units():
    """A price near 100,000 in place of one near 1: the same net, but for rounding."""
    series = trial()
    price = np.random.default_rng(0).normal(1.0, 0.1, 240)
    made = [sa.Series(series.numbers, known={"price": price * size + shift}) for size, shift in ((1, 0), (1e5, 3e6))]
    nets = [sa.MLP(4, using="known", training=SHORT).fit(one[:TRAIN]) for one in made]
    found = [sa.k_step(net, one, 5).predictions for net, one in zip(nets, made, strict=True)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
    means, scales = standard_of([made[0][:TRAIN].closed()], nets[0].columns_, "MLP")
    np.testing.assert_allclose([means[0], scales[0]], [price[:TRAIN].mean(), price[:TRAIN].std()])
    np.testing.assert_array_equal(nets[0].column_means_, means)


def test_a_column_of_0_and_1_is_centred_and_no_more():
    """In units of its deviation a holiday, 12 days a year, would be a 5."""
    series = trial()
    net = sa.MLP(4, using=["promo", "holiday"], training=SHORT).fit(series[:TRAIN])
    rows = series.known.values[:TRAIN, :2]
    np.testing.assert_allclose(net.column_means_, rows.mean(axis=0))
    np.testing.assert_array_equal(net.column_scales_, [1.0, 1.0])


def test_a_saved_net_forecasts_the_same_bits_and_asks_for_its_columns(tmp_path):
    series = trial()
    model = sa.MLP(5, chunk=2, using=["warmth", "promo"], training=SHORT).fit(series[:TRAIN])
    model.save(tmp_path / "m.safetensors")
    loaded = sa.load(tmp_path / "m.safetensors")
    assert loaded.name == model.name == "MLP(5) with warmth, promo"
    assert loaded.width == model.width == 5 + 5 + 2
    assert sa.k_step(loaded, series, 2).predictions.tobytes() == sa.k_step(model, series, 2).predictions.tobytes()
    with pytest.raises(sa.errors.InputError, match="uses 'warmth', which the series does not have"):
        loaded.forecast(sa.Series(series.numbers, known={"promo": np.zeros(240)}), 1)
    assert loaded.clone().using == ("warmth", "promo")
    assert loaded.clone().columns_ == ()


def test_paths_are_those_of_a_loop_that_feeds_back_a_residual():
    series = trial()
    model = sa.MLP(5, using=["promo", "weekday"], training=SHORT).fit(series[:TRAIN])
    state = tuple(part[40:43] for part in model.encode(series[:160].closed()))
    known = ahead(known_table(model, series), np.arange(45, 48), 6)
    drawn = model.paths(state, 6, 400, 1, np.arange(45, 48), known)
    assert drawn.shape == (400, 3, 6)
    alone = model.paths(tuple(part[1:2] for part in state), 6, 400, 1, np.array([46]), known[1:2])
    assert alone[:, 0].tobytes() == drawn[:, 1].tobytes()
    mean = model.rollout(state, 1, known[:, :1])[:, 0]
    first = drawn[:, :, 0] - mean
    assert all(np.isclose(model.residuals_[:, 0], shock).any() for shock in first[:20].ravel())
    later = model.rollout(tuple(np.column_stack([part[:1, 1:], drawn[:1, 0, :1]]) for part in state), 1, known[:1, 1:2])
    assert np.isclose(model.residuals_[:, 0], drawn[0, 0, 1] - later[0, 0]).any()


def test_ways_keep_the_columns():
    series = trial(300)
    found = sa.Windowed(Ridge(), 5, using=["promo"], column_lags=(0, 1)).ways(6)
    assert {name: (way.chunk, tuple(way.using)) for name, way in found.items()} == {
        "recursive": (1, ("promo",)), "direct": (6, ("promo",)), "one-shot": (6, ("promo",))
    }  # fmt: skip
    with pytest.warns(sa.errors.StepaheadWarning, match="takes no columns"):
        nets = sa.MLP(5, using=["promo"], training=SHORT).ways(6)
    assert [(way.chunk, way.using) for way in nets.values()] == [(1, ["promo"]), (6, ["promo"])]
    assert sa.k_step(nets["one-shot"].fit(series[:200]), series, 6).predictions.shape[1] == 6


@pytest.mark.parametrize(
    ("refused", "name"),
    [
        (lambda s: sa.MLP(5, unroll=3, using="known").fit(s), "unroll"),
        (lambda s: sa.MLP(5, using="known", training=sa.Training(augment="sign")).fit(s), "augment"),
        (lambda s: sa.MLP(5, using="known").fit_each([s, s]), "using"),
        (lambda s: sa.Scaled(sa.MLP(5, using="known"), by="window").fit(s), "by"),
        (lambda s: sa.Scaled(sa.Windowed(Ridge(), 5, using="known"), by="window").fit(s), "by"),
        (lambda s: sa.Windowed(Ridge(), 5, column_lags=()).fit(s), "column_lags"),
        (lambda s: sa.Windowed(Ridge(), 5, column_lags=(0, 0)).fit(s), "column_lags"),
        (lambda s: sa.MLP(5, using=[3]).fit(s), "using"),
    ],
)
def test_what_does_not_go_with_columns_is_refused(refused, name):
    with pytest.raises(sa.errors.ParameterError) as caught:
        refused(trial())
    assert caught.value.name == name


def test_rows_that_lack_a_column_are_left_out():
    series = trial()
    promo = series.known.values[:, 0].copy()
    promo[60] = np.nan
    holed = sa.Series(series.numbers, known={"promo": promo}, missing="skip")
    X, Y = [], []
    for origin in range(5, TRAIN):
        if origin != 60:
            X.append([*series.numbers[origin - 5 : origin], promo[origin]])
            Y.append(series.numbers[origin])
    expected = Ridge().fit(np.array(X), np.array(Y))
    model = sa.Windowed(Ridge(), 5, using=["promo"]).fit(holed[:TRAIN])
    np.testing.assert_allclose(model.regressor_.coef_, expected.coef_, rtol=1e-10)


def test_offsets_are_every_row_that_a_chunk_reads_once():
    assert offsets(3, (0, 1)) == [-1, 0, 1, 2]
    assert offsets(1, (3,)) == [-3]


@pytest.mark.parametrize("name", WINDOWS_WITH_COLUMNS)
def test_a_fit_with_columns_is_made_of_the_training_part_and_of_every_series_of_a_list(name):
    make, tolerance = WINDOWS_WITH_COLUMNS[name]
    series, other = trial(), sa.datasets.shop(length=150, seed=4)
    model, again = make().fit(series[:TRAIN]), make().fit(rewritten(series, TRAIN)[:TRAIN])
    assert parameter_bits(model) == parameter_bits(again)
    result = sa.evaluate(make(), series, 6, train=TRAIN)
    assert parameter_bits(next(iter(result.values())).model) == parameter_bits(model)
    clone = model.clone()
    assert (tuple(clone.using), clone.columns_) == (("promo", "weekday"), ())
    assert tuple(make().for_horizon(6).using) == ("promo", "weekday")
    pair = [make().fit([series[:TRAIN], other]), make().fit([other, series[:TRAIN]])]
    first, second, alone = (one.forecast(series, 6).tobytes() for one in (*pair, model))
    assert first == second != alone
    state = model.encode(series[:150].closed())
    pieces = model.encode(series[140:150].closed(), model.encode(series[:140].closed()))
    for whole, piece in zip(state, pieces, strict=True):
        np.testing.assert_allclose(whole[-10:], piece, rtol=tolerance, atol=1e-6 if name == "GRU" else 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("using", "figures"),
    [
        (["promo", "holiday", "weekday"], [16.8, 20.9, 22.5, 23.1, 22.5]),
        (["weekday"], [23.8, 31.4, 37.3, 36.9, 36.9]),
    ],
)
def test_boosted_trees_in_the_shop_have_the_figures_of_the_prototype(using, figures):
    """14 lags, recursive, the mean of eight seeds: within a tenth."""
    found = []
    for seed in range(8):
        series = sa.datasets.shop(seed=seed)
        model = sa.Windowed(GradientBoostingRegressor(random_state=0), 14, using=using).fit(series[:657])
        found.append(sa.k_step(model, series, 28).rmse()[[0, 2, 6, 13, 27]])
    np.testing.assert_allclose(np.mean(found, axis=0), figures, rtol=0.1)
