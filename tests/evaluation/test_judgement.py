"""What is read of an answer by place: ranges, verdicts, rows to use; each by its words, over many drawn flags."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from stepahead.evaluation.judgement import FEWEST_STEPS, NO_GAIN, TIE, by_mean_loss, ranges

from .drawn import answer_of, some_losses


def with_flags(flags, **more):
    """An answer of which these steps are shown, [models, steps]."""
    rng = np.random.default_rng(0)
    base = answer_of(np.square(rng.normal(size=(len(flags) + 2, flags.shape[1], 40))), len(flags))
    saving = np.where(flags, 0.4, -0.1) if "saving" not in more else more.pop("saving")
    loss = np.concatenate([1.0 - saving, np.ones((2, flags.shape[1]))])
    values = {"lower": lambda model, at: np.full(flags.shape[1], 0.1), "_lows": {}, "high": np.full(flags.shape, 0.9)}
    return dataclasses.replace(base, shown=flags, saving=saving, loss=loss, **(values | more))


def test_the_range_is_the_longest_that_counts_and_of_equal_ones_the_first():
    """All sets of seven steps, each range looked for from every step on."""
    for code in range(128):
        flags = np.array([[bool(code >> k & 1) for k in range(7)]])
        best = None
        for first in range(7):
            for last in range(first, 7):
                counts = first == 0 or last - first + 1 >= FEWEST_STEPS
                whole = flags[0, first : last + 1].all() and (last == 6 or not flags[0, last + 1])
                whole = whole and (first == 0 or not flags[0, first - 1])
                if whole and counts and (best is None or last - first > best[1] - best[0]):
                    best = (first, last)
        answer = with_flags(flags)
        assert answer.range_of(0) == best
        assert answer.length_of(0) == (0 if best is None else best[1] - best[0] + 1)
        assert (answer.kind == "trusted") == (best is not None)
        verdict = answer.verdict(0)
        assert (verdict.first, verdict.last) == ((None, None) if best is None else (best[0] + 1, best[1] + 1))


def test_of_fewer_than_three_steps_one_is_a_range():
    assert with_flags(np.array([[False, True]])).range_of(0) == (1, 1)


def test_not_better_is_said_where_no_saving_worth_it_is_left():
    none = np.zeros((1, 4), dtype=bool)
    assert with_flags(none, high=np.full((1, 4), 0.049)).kind == "not better"
    assert with_flags(none, high=np.array([[0.049, 0.05, 0.0, 0.0]])).kind == "too few"
    lone = np.array([[False, True, False, False]])
    assert with_flags(lone, high=np.full((1, 4), 0.04)).kind == "too few", "a gain is shown somewhere"


def test_the_model_spoken_of_is_the_named_one_where_it_has_a_range():
    flags = np.array([[True] * 2 + [False] * 3, [True] * 5])
    saving = np.array([[0.9] * 2 + [0.5] * 3, [0.3] * 5])
    answer = with_flags(flags, saving=saving)
    assert (answer.named, answer.head) == (0, 0)
    answer = with_flags(np.array([[False] * 5, [True] * 5]), saving=saving)
    assert (answer.named, answer.head) == (0, 1)
    answer = with_flags(np.zeros((2, 5), dtype=bool), saving=np.array([[0.0] * 5, [-0.5] * 4 + [0.02]]))
    assert (answer.named, answer.head) == (0, 1), "one with a gain as measured"


@pytest.mark.parametrize("seed", range(25))
def test_the_row_to_use_has_the_least_loss_but_for_ties_and_gains(seed):
    losses, models, steps = some_losses(seed)
    answer = answer_of(losses, models, steps)
    for k in range(len(steps)):
        row, least = int(answer.use[k]), int(np.argmin(answer.loss[:, k]))
        base = answer.loss[models:, k]
        if not np.isfinite(base).all():
            continue
        assert answer.loss[models + answer.best[k], k] <= (1.0 + TIE) * base.min() * (1 + 1e-12)
        if row < models:
            assert answer.state[row, k] > NO_GAIN
            assert answer.loss[row, k] <= (1.0 + TIE) * answer.loss[least, k] * (1 + 1e-12)
        else:
            assert row == models + answer.best[k]
            assert least >= models or answer.state[least, k] == NO_GAIN


def test_models_are_in_the_order_of_their_mean_relative_loss():
    saving = np.array([[0.1, 0.1], [0.5, -0.1], [-np.inf, 0.9], [0.0, 0.0]])
    assert by_mean_loss(saving) == [1, 0, 3, 2]


def test_contiguous_steps():
    assert ranges(np.array([False, True, True, False, True])) == [(1, 2), (4, 4)]
    assert ranges(np.zeros(3, dtype=bool)) == []
    assert ranges(np.ones(3, dtype=bool)) == [(0, 2)]


def test_lower_ends_are_made_once_and_only_where_they_are_read():
    asked = []

    def lower(model, at):
        asked.append((model, at))
        return np.full(4, 0.2)

    answer = with_flags(np.ones((2, 4), dtype=bool), lower=lower)
    for _ in range(2):
        assert answer.verdict(answer.head).low == answer.low_at(answer.head, 3) == 0.2
    assert asked == [(answer.head, 3)], "one step, once"
    assert answer.low(answer.head).tolist() == [0.2] * 4
    answer.low(answer.head)
    assert answer.low_at(answer.head, 1) == 0.2
    assert len(asked) == 2, "where all are known, none is looked for again"
