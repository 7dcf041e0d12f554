"""The graph of levels against a literal implementation in exact fractions,
and the plan of shares against its sentences.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from stepahead.evaluation import graph
from stepahead.evaluation.graph import Plan

ALPHA = Fraction(1, 20)


def literal(p, starts, shares, first, steps):
    """Shown nodes and levels, as the rule is written: a dictionary of exact fractions, a visit at a time."""
    models, H = len(p), len(steps)
    places = [k for k in range(H) if k == 0 or steps[k] in (1, 2, 4, 8, 16, 32, 64)]

    def weight(i, k):
        if k not in places:
            return Fraction(0)
        if len(places) == 1:
            return Fraction(1)
        return Fraction(2, 3) if k == starts[i] else Fraction(1, 3) / (len(places) - 1)

    level = {(i, k): ALPHA * shares[i] * weight(i, k) for i in range(models) for k in range(H)}
    order = {i: [*range(starts[i], H), *reversed(range(starts[i]))] for i in range(models)}
    visits = ([first] if first is not None else []) + [i for i in range(models) if i != first]
    shown, at = set(), {}
    moving = {i: Fraction(0) for i in range(models)}
    while True:
        on_the_way = Fraction(0)
        for i in visits:
            for place, k in enumerate(order[i]):
                node = (i, k)
                if node not in shown and Fraction(p[i][k]) < level[node]:
                    shown.add(node)
                    at[node] = level[node]
                if node in shown:
                    moving, level[node] = level[node], Fraction(0)
                    if place + 1 < H:
                        level[i, order[i][place + 1]] += moving
                    else:
                        on_the_way += moving
                        for j in range(models):
                            if j != i:
                                for s in places:
                                    level[j, s] += moving * shares[j] / (1 - shares[i]) * weight(j, s)
        if len(shown) == models * H or on_the_way < ALPHA / 10**12 or models == 1:
            break
    return [[(i, k) in shown for k in range(H)] for i in range(models)], [
        [at.get((i, k), level[i, k]) for k in range(H)] for i in range(models)
    ]


@pytest.mark.parametrize("models", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(6))
def test_the_graph_is_the_one_written_out(models, seed):
    rng = np.random.default_rng([models, seed, 71])
    H = int(rng.integers(1, 14))
    steps = np.sort(rng.choice(np.arange(1, 20), H, replace=False)) if seed % 2 else np.arange(1, H + 1)
    p = np.where(
        rng.random((models, H)) < 0.75, rng.random((models, H)) * 10.0 ** rng.uniform(-6, -1, (models, H)), 1.0
    )
    first = int(rng.integers(models)) if seed % 3 else None
    shares = [Fraction(1, models)] * models
    if first is not None and models > 1:
        shares = [Fraction(1, 2) if i == first else Fraction(1, 2) / (models - 1) for i in range(models)]
    starts = [int(rng.choice(graph.start_places(steps))) for _ in range(models)]
    shown, level = graph.walk(p, Plan(tuple(starts), tuple(map(float, shares)), first), steps, float(ALPHA))
    expected, levels = literal(p.tolist(), starts, shares, first, steps.tolist())
    assert shown.tolist() == expected
    np.testing.assert_allclose(level, np.array(levels, dtype=float), rtol=1e-9, atol=1e-13)


def test_the_examples_reach_every_kind_of_end():
    """What is compared above is neither all nothing nor all shown."""
    rng = np.random.default_rng(3)
    p = rng.random((3, 8)) * 1e-3
    plan = Plan((0, 0, 0), (0.5, 0.25, 0.25), 0)
    counts = {int(graph.walk(p * 10.0**scale, plan, np.arange(1, 9), 0.05)[0].sum()) for scale in range(-3, 4)}
    assert {0, 24} < counts, counts


@pytest.mark.parametrize("seed", range(20))
def test_from_the_first_step_on_it_is_the_loop(seed):
    """One model whose level all stands on step 1 goes 1, 2, 3 .. until one is not shown;
    other starts only add to that.
    """
    rng = np.random.default_rng([seed, 9])
    H = 12
    p = rng.random(H) * 10.0 ** rng.uniform(-5, 0, H)
    shown, _ = graph.walk(p[None], Plan((0,), (1.0,)), np.arange(1, H + 1), 0.05)
    held = {0: 0.05 * 2 / 3, 1: 0.05 / 9, 3: 0.05 / 9, 7: 0.05 / 9}
    flow, loop = 0.0, []
    for k in range(H):
        flow += held.get(k, 0.0)
        loop.append(p[k] < flow)
        if not loop[-1]:
            flow = 0.0
    assert shown[0].tolist() == loop


def test_one_model_at_one_step_has_the_whole_level():
    shown, level = graph.walk(np.array([[0.049]]), Plan.equal(1), np.array([1]), 0.05)
    assert shown.all()
    assert level[0, 0] == pytest.approx(0.05)
    assert not graph.walk(np.array([[0.051]]), Plan.equal(1), np.array([1]), 0.05)[0].any()


def test_a_step_behind_a_break_is_not_tested():
    p = np.array([[0.9, 0.9, 0.9, 1e-9, 1e-9]])
    shown, level = graph.walk(p, Plan.equal(1), np.arange(1, 6), 0.05)
    assert shown.tolist() == [[False, False, False, True, True]]
    assert level[0, 2] == 0.0


def test_shares_are_half_to_the_first_and_start_where_the_gain_begins():
    baselines = np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 0.9]])
    own = np.array([[1.2, 0.8, 0.8, 0.8], [1.0, 1.0, 1.0, 1.0], [0.999, 1.0, 1.0, 1.0]])
    plan = graph.planned(own, baselines, np.arange(1, 11), 0.01)
    # It saves at 2, 3 and 4: the starts 2 and 4, of which the smaller one. The others save less than 1 % everywhere.
    assert plan.starts == (1, 0, 0)
    assert plan.first == 0
    assert plan.shares == (0.5, 0.25, 0.25)
    assert graph.planned(own[:1], baselines, np.arange(1, 11), 0.01).shares == (1.0,)


def test_a_gap_among_the_starts_keeps_the_later_one():
    own = np.array([[0.9, 1.0, 0.9, 0.5, 0.9, 0.9, 0.9, 0.5]])
    assert graph.planned(own, np.ones((1, 8)), np.arange(1, 9), 0.01).starts == (3,)


def test_a_start_that_saves_the_margin_exactly_is_named():
    assert graph.planned(np.array([[1.0, 0.75]]), np.ones((1, 2)), np.arange(1, 3), 0.25).starts == (1,)


def test_ties_and_failures_give_equal_shares():
    same = np.full((2, 4), 0.5)
    assert graph.planned(same, np.ones((1, 4)), np.arange(1, 5), 0.01).shares == (0.5, 0.5)
    failed = np.array([[0.5] * 4, [np.nan] * 4])
    plan = graph.planned(failed, np.ones((1, 4)), np.arange(1, 5), 0.01)
    assert plan.shares == (0.5, 0.5)
    assert plan.first is None
    assert plan.starts == (0, 0)


def test_saving_is_over_the_best_baseline():
    found = graph.saving(
        np.array([0.5, 2.0, 0.0, 1.0, np.inf]), np.array([[1.0, 1.0, 0.0, 0.0, 1.0], [4.0, 0.5, 1.0, 0.0, 1.0]])
    )
    assert found.tolist() == [0.5, -3.0, 0.0, -np.inf, -np.inf]
