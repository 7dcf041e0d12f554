"""The one walk over origins: its errors against slow loops, and what it refuses."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

import stepahead as sa
from stepahead import walk
from stepahead.evaluation import evaluate as road

from . import column_zoo
from .cases import WITH_COLUMNS, note_module
from .data import ALWAYS, each, ends_ahead, sine
from .strangers import Last


def test_blocks_depend_on_the_shape_alone_and_are_these():
    assert [len(list(walk.blocks(5000, horizon))) for horizon in (1, 32, 64, 1024, 4096)] == [3, 3, 5, 79, 79]
    assert next(walk.blocks(5000, 64)) == slice(0, 1024)
    assert next(walk.blocks(10**6, 1)) == slice(0, 2048)
    assert next(walk.blocks(10**6, 2**17)) == slice(0, 64)
    assert next(walk.blocks(10**6, 2**23)) == slice(0, 1)


class Later:
    """Repeats the last value, and leaves the range at step 3 of its second row."""

    context = 1

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.asarray(values.numbers)[:, None],)

    def rollout(self, state, horizon):
        ahead = np.repeat(state[0], horizon, axis=1)
        ahead[1:2, 2:] = np.inf
        return ahead


def test_a_forecast_that_is_no_number_is_named_with_its_step():
    with pytest.raises(sa.errors.FitError) as caught:
        sa.k_step(Later(), sine(0, 30), 5, train=0)
    assert caught.value.step == 3
    assert "step 3" in str(caught.value)
    assert sa.forecast(Later(), sine(0, 30), 5).values.shape == (5,)


def test_symbols_are_the_codes_of_the_series_that_is_forecast():
    model = sa.MarkovChain().fit(["a", "b", "a", "b", "a"])
    series = sa.Series(["a", "b"] * 8, categories=["c", "b", "a"])
    result = sa.k_step(model, series, 2, train=0)
    assert result.predictions[0].tolist() == [1.0, 2.0]
    assert result.zero_one().tolist() == [0.0, 0.0]
    strange = sa.Series(["a"] * 6, categories=["a"])
    assert sa.k_step(model, strange, 1, train=0).predictions[:, 0].tolist() == [-1.0] * 5
    assert model.forecast(series, 3).tolist() == ["a", "b", "a"]


def test_states_count_where_every_array_is_whole():
    two = (np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, 4.0]]), np.array([[1.0], [1.0], [np.nan]]))
    assert walk.is_whole(two).tolist() == [True, False, False]
    assert walk.is_whole((np.empty((0, 2)),)).tolist() == []
    alone = walk.row_by_row(lambda state, out: 2.0 * state[0][:, :1] + np.arange(3.0), two[:1], 3)
    assert alone[[0, 2]].tolist() == [[2.0, 3.0, 4.0], [6.0, 7.0, 8.0]]


def test_a_series_shorter_than_the_context_has_no_state():
    model = sa.AR(5).fit(sine(0, 60))
    for length in (0, 3, 4):
        assert [len(array) for array in walk.encoded(model, sa.Series(sine(0, 60)[:length]))] == [0]
    assert [len(array) for array in walk.encoded(model, sa.Series(sine(0, 60)[:5]))] == [1]


def test_origins_and_what_refuses_them():
    model, x = sa.AR(3).fit(sine(0, 40)), sine(0, 40)
    assert model.forecast(x, 1, origin=3).shape == (1,)
    for origin in (2, 0, 41, -1):
        with pytest.raises(sa.errors.ParameterError) as caught:
            model.forecast(x, 1, origin=origin)
        assert caught.value.name == "origin"
    with pytest.raises(sa.errors.ParameterError, match=r"a whole number from 0 to 40$"):
        model.forecast(x, 1, origin=-1)
    holes = x.copy()
    holes[20] = np.nan
    with pytest.raises(sa.errors.InputError, match=r"from origin 21: .* \(the last one read is at 20\)") as caught:
        model.forecast(sa.Series(holes, missing="skip"), 1, origin=21)
    assert caught.value.origin == 21


class Unread:
    """Forecasts 7, 7, ... from every origin, the one before the first value among them: it reads nothing."""

    context = 0

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.full((len(values) + 1, 1), 7.0),)

    def rollout(self, state, horizon):
        return np.repeat(state[0], horizon, axis=1)


def test_what_reads_nothing_has_a_forecast_from_origin_0():
    assert sa.forecast(Unread(), sine(0, 10), 2, origin=0).values.tolist() == [7.0, 7.0]
    assert sa.k_step(Unread(), sine(0, 10), 2, train=0).origins.tolist() == list(range(9))


def test_names():
    x = sine(0, 100)
    with pytest.raises(sa.errors.ParameterError, match="pass a dict"):
        sa.evaluate([sa.AR(2), sa.AR(2, ridge=1.0)], x, 3)
    result = sa.evaluate({"plain": sa.AR(2), "ridge": sa.AR(2, ridge=1.0)}, x, 3, season=None)
    assert list(result) == ["plain", "ridge", *ALWAYS]
    others = [name for name in ALWAYS if name != "Naive"]
    assert list(sa.evaluate([sa.baselines.Naive()], x, 3, season=None)) == ["Naive", *others]
    for bad in ([], {}, sa.AR, [3], "ar"):
        with pytest.raises(sa.errors.ParameterError):
            sa.evaluate(bad, x, 3)


def test_anybodys_forecaster_is_a_model():
    class Halfway:
        """Halfway from the last value to zero, by a stranger who inherits nothing."""

        def fit(self, series):
            self.context = 1
            return self

        def encode(self, values, after=None):
            return (np.asarray(getattr(values, "numbers", values), dtype=float)[:, None],)

        def rollout(self, state, horizon):
            return state[0] * 0.5 ** np.arange(1, horizon + 1)

    x = sine(0, 200)
    result = sa.evaluate(Halfway(), x, 3)
    assert next(iter(result)) == "Halfway"
    np.testing.assert_allclose(result["Halfway"].predictions[0], x[119] * 0.5 ** np.arange(1, 4))
    assert sa.audit(Halfway(), x[:100]).causal
    np.testing.assert_allclose(sa.forecast(Halfway().fit(x), x, 2), x[-1] * np.array([0.5, 0.25]))
    with pytest.raises(sa.errors.InputError, match="no distribution"):
        result["Halfway"].crps()
    assert sa.k_step(Halfway().fit(x), x, 3, train=0).origins[0] == 1
    with pytest.raises(sa.errors.InputError, match="train="):
        sa.k_step(Halfway().fit(x), x, 3)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 2047, 2049, 5000])
@pytest.mark.parametrize("horizon", [1, 64, 5000, 10**7])
def test_blocks_cover_the_rows_once_and_stay_small(rows, horizon):
    found = list(walk.blocks(rows, horizon))
    assert [i for b in found for i in (b.start, b.stop)][1:-1:2] == [b.stop for b in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, rows)
    assert all((b.stop - b.start) * horizon <= max(walk.MOST_CELLS, horizon) for b in found)


ENTRY_POINTS = {
    "evaluate": lambda model, x: sa.evaluate(model, x, 3),
    "evaluate a list": lambda model, x: sa.evaluate([sa.AR(2), model], x, 3),
    "evaluate a dict": lambda model, x: sa.evaluate({"mine": model}, x, 3),
    "evaluate(fit=each)": lambda model, x: each(model, [x, x], 3),
    "k_step": lambda model, x: sa.k_step(model, x, 3),
    "forecast": lambda model, x: sa.forecast(model, x, 3),
    "forecast with a level": lambda model, x: ends_ahead(model, x, 3),
    "Scaled": lambda model, x: sa.Scaled(model).fit(x),
}


@pytest.mark.parametrize("door", ENTRY_POINTS)
def test_a_bare_module_or_function_is_told_the_way_in(door):
    x = sine(0, 80)
    modules = [note_module(), torch.nn.Linear(4, 1), Last(), torch.nn.ModuleList([torch.nn.Linear(4, 1)])]
    for module in modules:
        with pytest.raises(
            sa.errors.ParameterError, match=r"from_torch\(module, lags=\.\.\.\).*training=None"
        ) as caught:
            ENTRY_POINTS[door](module, x)
        assert "Windowed" not in str(caught.value)
        assert len(str(caught.value)) <= 300
    functions = [lambda w, h: w, np.mean, functools.partial(max, 1), len, sine]
    for function in functions:
        with pytest.raises(sa.errors.ParameterError, match=r"from_forecasts\(frame, series\)") as caught:
            ENTRY_POINTS[door](function, x)
        assert len(str(caught.value)) <= 300
    from sklearn.linear_model import Ridge

    with pytest.raises(sa.errors.ParameterError, match="Windowed"):
        ENTRY_POINTS[door](Ridge(), x)


HOLED = sa.Series([1.0, 2.0, 4.0, np.nan, 3.0, 5.0, 4.0, 6.0, 5.0, 7.0], missing="skip")
MODELS = {
    "AR": lambda: sa.AR(2),
    "scaled": lambda: sa.Scaled(sa.MLP(3, training=sa.Training(epochs=1))),
    "differenced": lambda: sa.Differenced(sa.AR(1)),
    "rectified": lambda: sa.wrappers.Rectified(sa.AR(2), horizon=3),
    "latent": lambda: sa.StateSpace(),
    "naive": lambda: sa.baselines.Naive(),
}


def literal(model, values, origins, horizon):
    """{origin: [horizon] forecast less what happened}, a forecast at a time; none where there is no forecast."""
    found = {}
    for origin in origins:
        try:
            ahead = sa.forecast(model, sa.Series(values[:origin], missing="skip"), horizon).values
        except sa.errors.InputError:
            continue
        happened = [values[origin + k] if origin + k < len(values) else np.nan for k in range(horizon)]
        found[origin] = ahead - happened
    return found


@functools.cache
def fitted(name):
    return MODELS[name]().fit((5.0 + sine(0, 60))[:30])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("origins", [range(70), range(20, 40, 3), (5, 6, 19, 60)], ids=str)
def test_errors_are_those_of_forecasts_one_by_one(name, origins):
    x = 5.0 + sine(0, 60)
    model = fitted(name)
    found, errors = walk.errors_at(model, sa.Series(x), np.array(origins), 4)
    wanted = literal(model, x, [origin for origin in origins if origin <= 60], 4)
    assert found.tolist() == list(wanted)
    np.testing.assert_allclose(errors, np.array(list(wanted.values())), rtol=1e-9, atol=1e-12)
    assert not np.isnan(errors[found <= 56]).any()  # NaN past the end alone
    assert np.isnan(errors[found == 58][:, 2:]).all()


def test_errors_beside_a_hole():
    model = sa.AR(2).fit([1.0, 2.0, 4.0, 3.0, 5.0, 4.0, 6.0])
    found, errors = walk.errors_at(model, HOLED, np.arange(20), 2)
    wanted = literal(model, HOLED.numbers, range(11), 2)
    assert found.tolist() == [2, 3, 6, 7, 8, 9, 10] == list(wanted)  # none whose window touches index 3
    np.testing.assert_allclose(errors, np.array(list(wanted.values())), rtol=1e-12)
    assert walk.errors_at(model, HOLED, np.arange(4, 6), 2)[1].shape == (0, 2)
    assert walk.errors_at(model, HOLED, np.arange(0), 2)[1].shape == (0, 2)


def test_some_steps_are_columns_of_all_and_units_are_powers_of_two():
    series = sa.Series(sine(0, 500))
    one = walk.walk(sa.AR(3).fit(series[:200]), series, 100, 480)
    every = np.vstack([error for _, error in one.errors(16)])
    kept = np.array([1, 7, 16])
    some = np.vstack([error for _, error in one.errors(16, kept)])
    assert some.tobytes() == np.ascontiguousarray(every[:, kept - 1]).tobytes()
    assert np.vstack([error for _, error in one.errors(16, kept, 3)]).tobytes() == (some / 8.0).tobytes()
    table = one.table(16)
    happened = np.array([series.numbers[o : o + 16] for o in one.origins])
    assert (table - happened).tobytes() == every[: len(table)].tobytes()
    assert one.table(16, kept).tobytes() == np.ascontiguousarray(table[:, kept - 1]).tobytes()


def test_a_walk_from_some_origins_keeps_those_with_a_forecast():
    series = sa.Series(sine(0, 60))
    one = walk.walk(sa.AR(4).fit(series), series, 10, 20)
    assert one.origins.tolist() == list(range(10, 21))
    assert one.at(np.array([3, 10, 12, 25])).origins.tolist() == [10, 12]
    assert walk.walk(one.model, series).origins.tolist() == list(range(4, 61))
    assert walk.walk(one.model, series[:3]).origins.tolist() == []
    assert walk.walk(one.model, series, last=2).origins.tolist() == []


def test_errors_past_every_number_are_infinite_or_brought_back_by_a_unit():
    series = sa.Series([1e308, 1e308, 1e308, -1e308, 1e308])
    one = walk.walk(sa.baselines.Naive().fit([1e308, 1e308]), series, 3, 3)
    [(_, error)] = one.errors(2)
    assert error.tolist() == [[np.inf, 0.0]]
    [(_, error)] = one.errors(2, unit=10)
    assert error.tolist() == [[1e308 / 512, 0.0]]


def test_a_planned_roll_out_is_made_in_its_place():
    series = sa.Series(sine(0, 3000))
    one = walk.walk(sa.AR(4).fit(series), series, 4, 2996)
    out = np.full((len(one.origins), 5), np.nan)
    made = list(one.ahead(5, out))
    assert [block for block, _ in made] == [slice(0, 2048), slice(2048, 2993)]
    assert all(np.shares_memory(ahead, out) for _, ahead in made)
    alone = [ahead for _, ahead in one.ahead(5)]
    assert np.vstack(alone).tobytes() == out.tobytes() == one.table(5).tobytes()


@pytest.mark.parametrize(
    "kind", [range, np.arange, lambda a, b: np.arange(a, b, dtype=np.uint16), lambda a, b: list(range(a, b))]
)
def test_many_origins_are_checked_at_once(kind, monkeypatch):
    asked = []
    plain = road.whole
    monkeypatch.setattr(road, "whole", lambda *given, **more: asked.append(given) or plain(*given, **more))
    model, x = sa.baselines.Naive().fit([1.0, 2.0]), np.arange(50_010.0)
    found = sa.k_step(model, x, 2, origins=kind(2, 50_002), train=0)
    assert found.origins.tolist() == list(range(2, 50_002))
    assert len(asked) <= 2  # horizon, train


@pytest.mark.parametrize(
    ("origins", "named"),
    [
        (range(2, 100), "9"),
        (range(5), "0"),
        (np.array([5, 700, 3, 800]), "700"),
        ([4, 5, 9], "9"),
        ([4, True], "True"),
        ([4, np.True_], "True"),
        (np.array([True, False]), "True"),
        ([4, 5.0], "5.0"),
        (np.array([4.0]), "4.0"),
        (["4"], "4"),
        ([[4, 5]], "[4, 5]"),
        ([[4, 5], 4], "[4, 5]"),
        (np.array([[4, 5]]), "[4 5]"),
        (np.array(4), "4"),
        ([2**70], str(2**70)),
        ([-1], "-1"),
        (4, "4"),
        ("45", "45"),
        ([], "[]"),
        (range(3, 3), "range(3, 3)"),
    ],
    ids=str,
)
def test_what_is_no_origin_is_named(origins, named):
    model = sa.baselines.Naive().fit([1.0, 2.0])
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.k_step(model, np.arange(10.0), 2, origins=origins, train=0)
    assert caught.value.code == "parameter"
    assert (caught.value.name, str(caught.value.value)) == ("origins", named)


@pytest.mark.parametrize(
    "origins", [range(7, 3, -2), [5, 7, 5], np.array([7, 5, 7], dtype=np.uint8), (5, np.int32(7)), {5, 7}]
)
def test_origins_are_sorted_and_each_is_there_once(origins):
    assert sa.k_step(
        sa.baselines.Naive().fit([1.0, 2.0]), np.arange(10.0), 2, origins=origins, train=0
    ).origins.tolist() == [
        5,
        7,
    ]


# -- columns


@pytest.mark.parametrize("name", ["AR both", "AR chunk", "Regressed AR both", "Scaled columns"])
def test_with_columns_a_walk_is_its_forecasts_one_by_one(name):
    case = WITH_COLUMNS[name]
    series = case.series()
    model = case.make().fit(series[:80])
    found = walk.walk(model, series, 80, len(series) - 5, 5)
    assert found.handed is not None
    rows = found.table(5)
    for row, origin in enumerate(found.origins):
        alone = walk.values_ahead(model, series, 5, int(origin))
        np.testing.assert_allclose(rows[row], alone, rtol=1e-12)
        cut = walk.values_ahead(model, series[:origin], 5)  # its known columns go on
        assert cut.tobytes() == alone.tobytes()
    some = found.at(np.array([83, 90, 91, 104]))
    np.testing.assert_allclose(some.table(5), rows[np.array([83, 90, 91, 104]) - 80], rtol=1e-12)
    every = found.every(80, 7)
    np.testing.assert_allclose(every.table(5), rows[::7], rtol=1e-12)
    state, ahead = walk.take(found.state, slice(3, 9)), found.handed.at(np.arange(3, 9) + model.context, 5)
    single = walk.row_by_row(walk.planned(model, 5), state, 5, ahead)
    np.testing.assert_allclose(single, walk.planned(model, 5)(state, None, ahead), rtol=1e-12)


def test_states_are_made_of_a_closed_series_and_nothing_else_is_handed():
    seen = []

    class Looks(column_zoo.Plain):
        def encode(self, series, after=None):
            seen.append((len(series), len(series.known.values), series.beside.later))
            return super().encode(series, after)

        def with_known(self, steps, ahead):
            seen.append(ahead.shape[1:])
            return steps

    series = column_zoo.shelves()
    model = Looks((column_zoo.PROMO,)).fit(series[:80])
    sa.k_step(model, series, 4, train=80)
    assert seen == [(120, 120, None), (4, 1), (4, 1)]
    seen.clear()
    walk.values_ahead(model, series, 3, 100)
    assert seen == [(100, 100, None), (3, 1)]


def test_a_column_that_is_not_there_is_said_before_anything_is_encoded():
    series = column_zoo.shelves()
    model = column_zoo.AtTheOrigin((column_zoo.Column("price", "known"),)).fit(series[:80])
    model.encode = lambda series, after=None: pytest.fail("it was encoded")
    for act in (lambda: walk.walk(model, series), lambda: walk.values_ahead(model, series, 2)):
        with pytest.raises(sa.errors.InputError, match="uses 'price', which the series does not have") as caught:
            act()
        assert caught.value.code == "column-unknown"


def test_every_block_has_its_own_rows_of_what_is_known(monkeypatch):
    case = WITH_COLUMNS["AR known"]
    series = case.series()
    model = case.make().fit(series[:60])
    whole = walk.walk(model, series, 60, 110, 6)
    expected = whole.table(6)
    for cells in (6, 60, 6000):
        monkeypatch.setattr(walk, "BLOCK_CELLS", cells)
        monkeypatch.setattr(walk, "BLOCK_ROWS", (1, 9))
        np.testing.assert_allclose(whole.table(6), expected, rtol=1e-12)
        np.testing.assert_allclose(whole.every(60, 3).table(6), expected[::3], rtol=1e-12)
