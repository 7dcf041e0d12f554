"""The one walk over origins: its errors against slow loops, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import walk
from stepahead.evaluation import evaluate as road

from .data import sine

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


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("origins", [range(70), range(20, 40, 3), (5, 6, 19, 60)], ids=str)
def test_errors_are_those_of_forecasts_one_by_one(name, origins):
    x = 5.0 + sine(0, 60)
    model = MODELS[name]().fit(x[:30])
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


# -- origins that are asked for


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
