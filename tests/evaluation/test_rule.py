"""The rule as a whole: how often anything false is shown, and what must never change it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import stepahead as sa
from stepahead.errors import InputError, ParameterError
from stepahead.evaluation import graph, tested
from stepahead.evaluation.graph import Plan
from stepahead.evaluation.judgement import Rule, ranges
from stepahead.evaluation.rule import alignments, judge, origins_wanted, scaled
from stepahead.numerics.prewhitened import Sample

from .drawn import answer_of, moving, remembering, some_losses
from .test_tested import table_of

FULL = pytest.mark.slow
MARGIN = 0.01


def bound(draws, level=0.05):
    """The share of draws that may be false, with two standard errors."""
    return level + 2 * math.sqrt(level * (1 - level) / draws)


def shown(losses, models, plan=None):
    """What is shown, [models, steps], of losses at every step from 1 on."""
    found = tested.measured(table_of(losses, models), MARGIN)
    plan = Plan.equal(models) if plan is None else plan
    return graph.walk(found.p, plan, np.arange(1, losses.shape[1] + 1), 0.05)[0]


def with_plan(losses, train, models):
    """What is shown with starts and shares from losses before the held-out ones."""
    means = train.mean(axis=2)
    plan = graph.planned(means[:models], means[models:], np.arange(1, losses.shape[1] + 1), MARGIN)
    return shown(losses, models, plan)


# -- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [40, pytest.param(500, marks=FULL)])
def test_ten_models_at_the_margin_beyond_step_three(draws):
    rng, false, H, n = np.random.default_rng(101), 0, 9, 100
    for _ in range(draws):
        losses = np.empty((11, H, n + 40))
        for k in range(1, H + 1):
            losses[:, k - 1] = np.square(moving(rng, (11, n + 40), k))
        losses[:10] *= 1.0 - MARGIN
        losses[:10, :3] *= 0.05
        found = with_plan(losses[:, :, 40:], losses[:, :, :25], 10)
        false += bool(found[:, 3:].any())
    assert false / draws <= bound(draws)


@pytest.mark.parametrize("draws", [30, pytest.param(400, marks=FULL)])
def test_everything_at_the_border_at_64_steps(draws):
    rng, false, n = np.random.default_rng(102), 0, 333
    for _ in range(draws):
        losses = np.array([np.square(moving(rng, (2, n), k)) for k in range(1, 65)]).transpose(1, 0, 2)
        losses[0] *= 1.0 - MARGIN
        false += bool(shown(losses, 1).any())
    assert false / draws <= bound(draws)


@pytest.mark.parametrize("draws", [60, pytest.param(600, marks=FULL)])
def test_two_constants_before_a_process_that_remembers(draws):
    """(1 - .01) E (x - a)^2 = E (x - b)^2 at a = 1, b^2 = .98: the differences are as slow as x."""
    rng, false, H, n = np.random.default_rng(103), 0, 9, 333
    for _ in range(draws):
        x = remembering(rng, (n + H,), 0.9)
        ahead = np.array([x[k : k + n] for k in range(H)])
        losses = np.array([np.square(ahead + math.sqrt(0.98)), np.square(ahead - 1.0)])
        false += bool(shown(losses, 1).any())
    assert false / draws <= bound(draws)


@FULL
def test_one_of_a_lead_is_found():
    """Power, so that the sizes above are not those of a rule that shows nothing:
    MA(8) saves .5 and more up to step 4.
    """
    rng, found, n = np.random.default_rng(104), 0, 333
    for _ in range(50):
        losses = np.array([np.square(moving(rng, (2, n), k)) for k in range(1, 9)]).transpose(1, 0, 2)
        losses[0, :4] *= 0.3
        found += bool(shown(losses, 1)[0, :4].all())
    assert found >= 40


@FULL
def test_a_lead_that_begins_late_is_named_and_found():
    """The note's AR(64): as good as a baseline at step 1 and far better at step 64 (two thirds of the level stand
    there).
    """
    found = sum(bool(answer_on_the_sine(seed).shown[0, 63]) for seed in range(20))
    assert found >= 14


def answer_on_the_sine(seed, train=604, H=64):
    """AR(64) against five baselines on the note's series,
    its named start from a fit on three quarters of the training part.
    """
    x = np.asarray(sa.datasets.noisy_sine(seed=seed).values)

    def losses(head, origins):
        fitted = sa.AR(lags=64).fit(x[:head])
        own = sa.k_step(fitted, x, H, origins=origins, train=head).predictions
        steps = np.arange(1, H + 1)
        line = np.polyfit(np.arange(head), x[:head], 1)
        alphas = np.arange(0.02, 0.99, 0.02)
        level, errors = np.full(len(alphas), x[0]), np.zeros(len(alphas))
        levels = np.empty((len(x), len(alphas)))
        for t, value in enumerate(x):
            errors += np.square(value - level) * (0 < t < head)
            level = levels[t] = alphas * value + (1 - alphas) * level
        last = x[origins - 1][:, None]
        ahead = [
            own,
            last + 0.0 * steps,
            np.full(own.shape, x[:head].mean()),
            levels[origins - 1, errors.argmin()][:, None] + 0.0 * steps,
            np.polyval(line, origins[:, None] + steps - 1),
            last + steps * (x[head - 1] - x[0]) / (head - 1),
        ]
        actual = x[origins[:, None] + steps - 1]
        return np.array([np.square(one - actual).T for one in ahead])

    cut = int(train * 0.75)
    means = losses(cut, np.arange(cut, train - 50 + 1))[:, :50].mean(axis=2)
    plan = graph.planned(means[:1], means[1:], np.arange(1, H + 1), MARGIN)
    return answer_of(losses(train, np.arange(train, len(x) - H + 1)), 1, plan=plan)


# -- what changes nothing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_a_useless_model_more_lengthens_no_range_and_is_not_named(seed):
    rng = np.random.default_rng([seed, 6])
    losses = np.square(remembering(rng, (5, 6, 90), 0.4)) + np.square(remembering(rng, (6, 90), 0.4))
    losses[0] *= 0.3
    losses[1, 2:] *= 0.5
    useless = 3.0 * losses.max(axis=0, keepdims=True)
    few = answer_of(losses, 2, plan=Plan((0, 2), (0.5, 0.5), 0))
    more = answer_of(np.concatenate([losses[:2], useless, losses[2:]]), 3, plan=Plan((0, 2, 0), (0.5, 0.25, 0.25), 0))
    assert more.named == few.named
    assert not (more.shown[:2] & ~few.shown).any()
    assert not more.shown[2].any()
    assert few.shown.any()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("n", "models"), [(8, 1), (40, 10), (150, 1)])
def test_a_baseline_that_is_terrible_in_every_row_shortens_no_range(seed, n, models):
    """Also where the level is small and the cosines few: there one more look, worth 5 standard errors, would not do."""
    rng = np.random.default_rng([seed, n])
    losses = np.square(remembering(rng, (models + 2, 3, n), 0.4)) + 0.5 * np.square(remembering(rng, (3, n), 0.4))
    losses[:models] *= rng.uniform(0.005, 0.05)
    cap = 3.0 * losses[models:].mean(axis=2).min(axis=0)
    terrible = (cap[:, None] + losses[:models].max(axis=0)) / (1.0 - MARGIN) * rng.uniform(1.0001, 1e6)
    plain, with_it = answer_of(losses, models), answer_of(np.concatenate([losses, terrible[None]]), models)
    assert (with_it.shown == plain.shown).all()
    np.testing.assert_allclose(with_it.level, plain.level, rtol=1e-12)


def test_one_series_of_a_panel_times_1000_changes_nothing():
    rng = np.random.default_rng(12)
    part, places = np.repeat(np.arange(4), 50), np.tile(np.arange(50), 4)
    losses = np.square(remembering(rng, (3, 5, 200), 0.4))
    losses[0] *= 0.4
    scale = np.array([1.0, 2.0, 0.5, 3.0])
    sample = Sample.of(places, np.arange(1, 6))

    def answer(factor):
        found = [
            scaled(lambda columns, one=one: (one * factor[part] ** 2)[columns].T, part, scale * factor**2, 2)
            for one in losses
        ]
        return judge({"AR(1)": found[0]}, {"Naive": found[1], "Mean": found[2]}, np.arange(1, 6), sample)

    plain, large = answer(np.ones(4)), answer(np.array([1.0, 1000.0, 1.0, 1.0]))
    np.testing.assert_allclose(large.saving, plain.saving, rtol=1e-9)
    assert (large.shown == plain.shown).all()
    np.testing.assert_allclose(large.low(0), plain.low(0), rtol=1e-9)


def test_a_constant_series_is_left_out_of_a_panel():
    losses = np.square(np.random.default_rng(13).normal(size=(2, 3, 60)))
    part = np.repeat([0, 1, 2], 20)
    scale = np.array([1.0, 0.0, 1.0])
    sample = Sample.of(np.tile(np.arange(20), 3), np.arange(1, 4))
    found = [scaled(lambda columns, one=one: one[columns].T, part, scale, 2) for one in losses]
    answer = judge({"AR(1)": found[0]}, {"Mean": found[1]}, np.arange(1, 4), sample)
    mean = losses[:, :, part != 1].mean(axis=2)
    np.testing.assert_allclose(answer.saving[0], 1.0 - mean[0] / mean[1])


def test_of_two_alignments_the_larger_standard_error_counts():
    rng = np.random.default_rng(14)
    shock = np.square(remembering(rng, (60,), 0.8))
    losses = np.square(rng.normal(size=(2, 1, 100))) + 1.0
    part, origins = np.repeat([0, 1], [60, 40]), np.concatenate([np.arange(10, 70), np.arange(10, 50)])
    losses[0, 0, :60] *= 0.5 * shock
    losses[0, 0, 60:] *= 0.5 * shock[20:]  # they move together at the end
    start, end = alignments(part, origins)
    overlap = np.array([1])
    both = tested.measured(replaced(losses, Sample.of((start, end), overlap)), MARGIN)
    each = [tested.measured(replaced(losses, Sample.of(one, overlap)), MARGIN) for one in (start, end)]
    assert each[0].T[0, 0] != each[1].T[0, 0]
    assert both.T[0, 0] == pytest.approx(min(one.T[0, 0] for one in each))


def replaced(losses, sample):
    return table_of(losses, 1)._replace(sample=sample)


@pytest.mark.parametrize("seed", range(25))
def test_models_at_one_time_or_blocks_of_one_step_give_the_same(seed, monkeypatch):
    losses, models, steps = some_losses(seed)
    once = answer_of(losses, models, steps)
    lows = once.low(0)
    monkeypatch.setattr(tested, "CELLS", 1)
    monkeypatch.setattr(tested, "NEAR", 1)
    again = answer_of(losses, models, steps)
    assert (once.shown == again.shown).all()
    np.testing.assert_allclose(again.low(0), lows, rtol=1e-9)
    np.testing.assert_allclose(again.high, once.high, rtol=1e-9)


def test_the_lower_ends_of_other_models_are_made_when_they_are_read():
    losses = np.square(np.random.default_rng(15).normal(size=(4, 3, 60)))
    calls = []

    def counted(place):
        def some(columns):
            calls.append(place)
            return losses[place, columns].T

        return some

    names = {f"AR({i})": counted(i) for i in range(3)}
    answer = judge(names, {"Mean": counted(3)}, np.arange(1, 4), Sample.of(np.arange(60), np.arange(1, 4)))
    assert calls == [0, 1, 2, 3], "one pass over the rows"
    answer.verdict(answer.head)
    other = next(place for place in range(3) if place != answer.head)
    calls.clear()
    assert len(answer.low(other)) == 3
    assert calls == [other, 3], "its own losses and those of the baselines, once"
    calls.clear()
    assert len(answer.low(other)) == 3
    assert calls == []


@pytest.mark.parametrize("seed", range(10))
def test_the_end_at_one_step_is_that_of_all(seed):
    losses, models, steps = some_losses(seed)
    answer, fresh = answer_of(losses, models, steps), answer_of(losses, models, steps)
    for place in range(models):
        found = fresh.verdict(place)
        at = steps.tolist().index(found.step)
        np.testing.assert_allclose(found.low, answer.low(place)[at], rtol=1e-9)


def test_a_step_without_a_target_shows_nothing():
    losses = np.square(np.random.default_rng(22).normal(size=(3, 4, 50)))
    losses[:, 2] = np.nan
    answer = answer_of(losses, 2)
    assert (answer.saving[:, 2] == 0.0).all()
    assert not answer.shown[:, 2].any()
    assert np.isfinite(answer.saving).all()


# -- verdicts ---------------------------------------------------------------------------------------------------------


def test_noise_against_its_mean_is_not_better():
    rng, n, H = np.random.default_rng(16), 1500, 4
    x = rng.normal(size=n + H)
    ahead = np.array([x[k : k + n] for k in range(H)])
    losses = np.array(
        [np.square(ahead - 0.05 * rng.normal(size=n)), np.square(ahead), np.square(ahead - np.roll(ahead, 1))]
    )
    answer = answer_of(losses, 1)
    assert answer.kind == "not better"
    assert answer.verdict(0).kind == "not better"
    assert (answer.high < 0.05).all()
    assert (answer.use == 1).all()


def test_few_origins_are_too_few_and_no_number_is_told():
    losses = np.square(np.random.default_rng(17).normal(size=(2, 4, 9)))
    losses[0] *= 0.6
    answer = answer_of(losses, 1)
    found = answer.verdict(0)
    assert answer.kind == found.kind == "too few"
    assert found.first is found.last is found.origins_wanted is None
    assert [note.code for note in answer.notes] == ["few"]
    assert answer.notes[0].values == {"origins": 9, "above": 2}


def test_a_lone_step_is_no_range_but_at_the_front():
    # Places 0, 4 and 7 to 9 are shown: of the two ranges that count the longer.
    answer = answer_of(np.square(np.random.default_rng(18).normal(size=(2, 10, 30))), 1)
    flags = np.zeros((1, 10), dtype=bool)
    flags[0, [0, 4, 7, 8, 9]] = True
    object.__setattr__(answer, "shown", flags)
    assert ranges(flags[0]) == [(0, 0), (4, 4), (7, 9)]
    assert answer.range_of(0) == (7, 9)
    flags[0, 1:4] = [True, True, False]
    assert answer.range_of(0) == (0, 2), "of equal ones the earliest"
    flags[0, 1:3] = False
    flags[0, 7:] = False
    assert answer.range_of(0) == (0, 0)
    flags[0, 0] = False
    assert answer.range_of(0) is None
    assert answer.kind_of(0) == "too few"


def test_no_note_speaks_against_a_step_that_is_shown():
    losses = np.square(np.random.default_rng(23).normal(size=(2, 12, 40))) + 1.0
    few = answer_of(losses, 1)
    assert [note.code for note in few.notes] == ["few"]
    losses[0] *= 0.2
    claimed = answer_of(losses, 1)
    assert claimed.shown[0, 11]
    assert claimed.notes == ()


def test_the_origins_wanted_are_those_of_a_t_test():
    """T of 1 of 100 origins: n ((t + .84) / T)^2, t of the cosines of that many, at two thirds of the level."""
    from scipy import stats

    rng, n = np.random.default_rng(19), 100
    losses = np.square(rng.normal(size=(2, 1, n)) + 3.0)
    losses[0] *= 0.9 * losses[1].mean() / losses[0].mean()
    table = table_of(losses, 1)
    found = tested.measured(table, MARGIN)
    T = found.T[0, 0]
    assert 0.5 < T < 3.0
    expected = 100.0
    for _ in range(50):
        B = int(0.4 * int(expected) ** (2 / 3))
        expected = n * ((stats.t.ppf(0.95, B) + 0.84) / T) ** 2
    got = origins_wanted(found, table.sample, 0, Plan.equal(1), np.array([1]), Rule())
    assert got == pytest.approx(max(expected, 110), abs=0.5 * 10 ** math.floor(math.log10(max(expected, 110))))
    assert len(str(int(got)).rstrip("0")) == 1


def test_slow_differences_tell_no_number():
    x = remembering(np.random.default_rng(20), (200,), 0.99)
    losses = np.array([np.square(x[None] - 1.0), np.square(x[None] + 1.0)])
    losses[0] *= 0.9 * losses[1].mean() / losses[0].mean()
    found = tested.measured(table_of(losses, 1), MARGIN)
    assert found.rho[0, 0] > 0.9
    assert origins_wanted(found, table_of(losses, 1).sample, 0, Plan.equal(1), np.array([1]), Rule()) is None


def test_a_series_without_losses_is_noted():
    losses = np.zeros((2, 3, 40))
    answer = answer_of(losses, 1)
    assert not answer.shown.any()
    assert (answer.saving == 0.0).all()
    assert answer.notes[0].code == "no-loss"
    assert answer.notes[0].values == {"steps": [1, 2, 3]}


def test_a_rule_that_is_none_is_refused():
    losses = np.ones((2, 1, 20))
    for rule in (Rule(level=1.0), Rule(margin=-0.1), Rule(useful=1.0)):
        with pytest.raises(ParameterError):
            answer_of(losses, 1, rule=rule)
    with pytest.raises(InputError, match="at least one model and one baseline"):
        judge({}, {}, np.array([1]), Sample.of(np.arange(3), np.array([1])))


def test_ties_do_not_flicker():
    rng = np.random.default_rng(21)
    losses = np.square(rng.normal(size=(4, 6, 50))) + 1.0
    losses *= np.array([0.5, 0.5, 1.0, 1.0])[:, None, None] / losses.mean(axis=2, keepdims=True)
    losses[1, ::2] *= 0.995  # a little better at every other step
    losses[3, ::2] *= 0.995
    answer = answer_of(losses, 2)
    assert len(set(answer.best.tolist())) == 1
    assert (answer.use == answer.head).all()


def test_an_infinite_loss_is_noted_at_its_own_steps():
    losses = np.abs(moving(np.random.default_rng(4), (2, 3, 60), 2)) + 0.1
    losses[0, 1, 5] = np.inf
    losses[1, 2] = 0.0  # the baseline is right at step 3: the model saves minus infinity, of a finite loss
    (note,) = [note for note in answer_of(losses, 1).notes if note.code == "infinite"]
    assert note.values["steps"] == [2]


def test_equal_shares_are_noted_whatever_they_come_from():
    losses = np.abs(moving(np.random.default_rng(4), (3, 2, 60), 2)) + 0.1
    failed = graph.planned(np.array([[0.5, 0.5], [np.nan, np.nan]]), np.ones((1, 2)), np.array([1, 2]), MARGIN)
    ranked = graph.planned(np.array([[0.5, 0.5], [0.7, 0.7]]), np.ones((1, 2)), np.array([1, 2]), MARGIN)
    for plan, noted in ((None, True), (failed, True), (ranked, False)):
        assert ("equal-shares" in {note.code for note in answer_of(losses, 2, plan=plan).notes}) is noted


def test_a_loss_without_a_unit_is_pooled_as_it_is():
    """The share of wrong symbols, or a loss of one's own: the unit of no series is in it."""
    table = np.arange(12.0).reshape(4, 3)
    losses = scaled(lambda columns: table[:, columns], np.array([0, 0, 1, 1]), np.array([4.0, 9.0]), 0)
    np.testing.assert_array_equal(losses(slice(1, 3)), table[:, 1:3])
    absolute = scaled(lambda columns: table[:, columns], np.array([0, 0, 1, 1]), np.array([4.0, 9.0]), 1)
    np.testing.assert_allclose(absolute(slice(0, 3)), table / np.array([2.0, 2.0, 3.0, 3.0])[:, None])
