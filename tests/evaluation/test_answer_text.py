"""The words of an answer, read back and compared with its arrays: nothing that is shown is denied,
nothing else is claimed.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from stepahead.errors import ParameterError
from stepahead.evaluation.answer_text import Teller, told, verdict_text, within_text
from stepahead.evaluation.answer_words import LANGUAGES, TIMES, Units
from stepahead.evaluation.graph import Plan, start_places
from stepahead.evaluation.judgement import CLEAR, CLOSE, NO_GAIN, Figure, Note, Season
from stepahead.evaluation.within import Within
from stepahead.numerics.prewhitened import Sample

from .drawn import answer_of, some_losses

DENIALS = {
    "en": r"too close to call|no gain|no clear gain|use the|[Uu]se |less than 5%",
    "zh": r"难分高下|没有优势|优势不明确|请用|不到 5%",
}


def steps_in(text, language):
    """{step: ..} every step number that a clause names: "Steps 2 to 11", "Step 3", "第 2 至 11 步",
    and "From step 12 on".
    """
    found = []
    if language == "en":
        for a, b in re.findall(r"[Ss]teps? (\d+)(?: to (\d+))?", text):
            found.append((int(a), int(b or a)))
    else:
        for a, b in re.findall(r"第 (\d+)(?: 至 (\d+))? 步", text):
            found.append((int(a), int(b or a)))
    return found


def clauses(text, language):
    """Sentences of a text."""
    return [part for part in re.split(r"(?<=[.。])\s*(?!\d)", text) if part]


def range_in(headline, language):
    """(first, last) of a headline that trusts, or None."""
    english = r"^Trust (.+?) (?:(\d+) to )?(\d+) steps? ahead( only)?\."
    chinese = r"^(.+?)：(仅)?提前 (?:(\d+) 至 )?(\d+) 步可信。"
    if language == "en":
        found = re.match(english, headline)
        return found and (found[1], int(found[2] or found[3]), int(found[3]))
    found = re.match(chinese, headline)
    return found and (found[1], int(found[3] or found[4]), int(found[4]))


def check(answer, language):
    """Compare every sentence with the arrays."""
    said = told(answer, language)
    steps = answer.steps.tolist()
    clear_of = {
        name: {k for k, flag in zip(steps, row, strict=True) if flag}
        for name, row in zip(answer.models, answer.shown, strict=True)
    }
    any_clear = set().union(*clear_of.values())

    found = range_in(said.headline, language)
    assert bool(found) == (answer.kind == "trusted")
    if found:
        name, a, b = found
        inside = [k for k in steps if a <= k <= b]
        assert inside
        assert set(inside) <= clear_of[name]
        low = answer.low(answer.models.index(name))
        assert all(low[steps.index(k)] > answer.rule.margin for k in inside)
        assert len(inside) >= 3 or a == steps[0] or len(steps) < 3

    # The third line is about all models: a step that any of them is shown at is only called a clear gain there.
    for clause in clauses(said.third, language):
        named = {k for k in steps for a, b in steps_in(clause, language) if a <= k <= b}
        if re.search(r"^From step|步起", clause):
            start = int(re.search(r"\d+", clause)[0])
            named = {k for k in steps if k >= start}
        if re.search(DENIALS[language], clause):
            assert not named & any_clear, clause
        if re.search("clear gain of|优势明确", clause):
            assert any(named <= clear_of[name] for name in answer.models if name in clause), clause
        for k in named:
            place = steps.index(k)
            used = answer.use[place]
            if re.search("too close|难分高下", clause):
                assert used < len(answer.models)
                assert answer.models[used] in clause
                assert answer.state[used, place] == CLOSE
            if re.search(r"use |请用", clause):
                assert used >= len(answer.models)
                assert (answer.state[:, place] == NO_GAIN).all()

    # Facts about one model deny only steps that this model is not shown at.
    for _, text in said.facts:
        for clause in clauses(text, language):
            named = {k for k in steps for a, b in steps_in(clause, language) if a <= k <= b}
            about = [name for name in answer.models if clause.startswith(name)]
            if re.search("too close to call|no gain|no clear gain|难分高下|没有优势|优势不明确", clause):
                assert about, clause
                assert not named & clear_of[about[0]], clause
            if re.search("every model saves less|每个模型都", clause):
                assert not named & any_clear, clause
            if re.search("without a clear gain|没有明确优势", clause):
                assert not any(clear_of[name] for name in answer.models if name in clause), clause
    rows(answer, language, clear_of)
    return said


def rows(answer, language, clear_of):
    """The verdicts in the table agree with the arrays of their models."""
    for place, name in enumerate(answer.models):
        verdict, detail = verdict_text(answer, place, language)
        trusted = (
            re.search(r"(\d+)(?: (?:to|至) (\d+))? (?:step|步)", verdict)
            if "trust" in verdict or "可信" in verdict
            else None
        )
        assert bool(trusted) == bool(answer.range_of(place))
        if trusted:
            a, b = int(trusted[1]), int(trusted[2] or trusted[1])
            assert {k for k in answer.steps.tolist() if a <= k <= b} <= clear_of[name]
        elif answer.verdict(place).kind == "infinite":
            assert np.isneginf(answer.saving[place]).any()
            assert "infinite" in verdict or "无穷大" in verdict
        elif clear_of[name]:
            assert "but for" in verdict or "除" in verdict
        if answer.verdict(place).kind == "not better":
            assert not clear_of[name]
            assert (answer.high[place] < 0.05).all()
        assert len(clauses(detail, language)) <= 1


BLOCKS = [range(40), range(40, 100), *(range(start, start + 100) for start in (100, 200, 300, 400))]


@pytest.mark.parametrize("seeds", [BLOCKS[0], *(pytest.param(block, marks=pytest.mark.slow) for block in BLOCKS[1:])])
def test_no_sentence_denies_what_is_shown(seeds):
    """500 results: nulls, gaps at step 1, ties, one model, ten, one step, infinite losses, missing rows, panels."""
    kinds = set()
    for seed in seeds:
        losses, models, steps = some_losses(seed)
        rng = np.random.default_rng(seed)
        plan = None if seed % 2 else random_plan(rng, models, steps)
        n = losses.shape[2]
        half = np.arange(n) % ((n + 1) // 2)  # every fifth a panel of two series
        sample = Sample.of(half, np.minimum(steps, len(half))) if seed % 5 == 0 else None
        answer = answer_of(losses, models, steps, sample, plan=plan)
        kinds.add(answer.kind)
        for language in LANGUAGES:
            said = check(answer, language)
            texts = [said.headline, said.second, said.third, *(text for _, text in said.facts), *said.notes]
            assert not any(mark in text for text in texts for mark in ("{", "}", "nan", "None")), texts
            sentences = [clause for text in texts for clause in clauses(text, language)]
            assert language == "zh" or max(len(clause.split()) for clause in sentences) <= 25, sentences
    assert kinds >= {"trusted", "too few"}


def random_plan(rng, models, steps):
    starts = tuple(int(rng.choice(start_places(steps))) for _ in range(models))
    if models == 1:
        return Plan(starts, (1.0,), 0)
    first = int(rng.integers(models))
    return Plan(starts, tuple(0.5 if i == first else 0.5 / (models - 1) for i in range(models)), first)


def test_flags_of_every_shape_are_told_without_denial():
    """Shown steps set by hand, which no losses would give so soon: a fifth of all sets of 5 steps of two models."""
    base = answer_of(np.square(np.random.default_rng(1).normal(size=(3, 5, 40))), 2)
    for code in range(0, 1024, 5):
        flags = np.array([[bool(code >> (5 * row + k) & 1) for k in range(5)] for row in range(2)])
        saving = np.where(flags, 0.4, np.where(np.arange(5) % 2 == 0, 0.2, -0.3)) + np.array([[0.0], [0.05]])
        loss = np.concatenate([1.0 - saving, np.ones((1, 5))])
        answer = dataclasses.replace(
            base,
            shown=flags,
            saving=saving,
            loss=loss,
            level=np.full((2, 5), 0.02),
            high=np.full((2, 5), 0.9),
            lower=lambda model, at, flags=flags, saving=saving: np.where(
                flags[model], 0.3, np.minimum(saving[model], 0.0)
            ),
            _lows={},
        )
        for language in LANGUAGES:
            check(answer, language)


def example(**more):
    """SSA is shown at 1 to 3 of 6 steps, saves .3 at 4 and nothing behind; the other model has no gain."""
    base = answer_of(np.square(np.random.default_rng(2).normal(size=(4, 6, 554))), 2)
    saving = np.array([[0.1, 0.2, 0.5, 0.3, -0.2, -0.39], [-0.1] * 6])
    flags = np.zeros((2, 6), dtype=bool)
    flags[0, :3] = True
    loss = np.concatenate([1.0 - saving, [[1.0] * 6, [2.0] * 6]])
    least = np.ones((2, 6), dtype=bool)
    least[1, 2] = False
    values = {
        "models": ("SSA(auto)", "AR(4)"),
        "baselines": ("Harmonic(365)", "SES(0.4)"),
        "shown": flags,
        "saving": saving,
        "loss": loss,
        "least": least,
        "level": np.where(flags, 0.02, 0.0),
        "high": np.full((2, 6), 0.9),
        "lower": lambda model, at: np.full(6, 0.0567),
        "_lows": {},
        "notes": (),
    }
    return dataclasses.replace(base, **(values | more))


def test_a_range_that_can_be_trusted():
    answer = example(figure=Figure(2.791, 2.949, 4.28, 4.91))
    said = told(answer, "en", Units("°C", "D"))
    assert said.headline == "Trust SSA(auto) 1 to 3 days ahead."
    assert said.second == (
        "Off by 2.79 °C at 3 days; the best simple baseline by 2.95. 9 in 10 errors within 4.3 °C (at most 4.9)."
    )
    assert said.third == (
        "Day 4: too close to call; SSA(auto) has the least error. The safe choice there: the yearly curve. "
        "From day 5 on, use the yearly curve."
    )
    facts = dict(said.facts)
    assert facts["How far"] == (
        "SSA(auto) has a clear gain of at least 1% over every baseline at days 1 to 3. "
        "At 3 days it saves 50% of the squared error (at least 5%)."
    )
    assert facts["Which model"] == (
        "SSA(auto) has the least error over days 1 to 6 as a whole. "
        "Clearly worse than SSA(auto): AR(4) (at 1 of 6 steps)."
    )
    assert facts["Beyond"] == (
        "SSA(auto), days 4 to 6: no clear gain (as measured it saves −39% to 30%). "
        "The safe choice there: the yearly curve."
    )
    assert verdict_text(answer, 0, "en", Units(time="D")) == ("trust it 1 to 3 days ahead", "")
    assert verdict_text(answer, 1, "en", Units(time="D")) == ("no gain as measured: use the yearly curve", "")


def test_the_same_in_chinese():
    said = told(example(figure=Figure(2.791, 2.949, 4.28, 4.91)), "zh", Units("°C", "D"))
    assert said.headline == "SSA(auto)：提前 1 至 3 天可信。"
    assert said.second == "提前 3 天误差 2.79 °C；最好的简单基线 2.95 °C。十次有九次误差在 4.3 °C 以内（至多 4.9）。"
    assert said.third == "第 4 天：难分高下；SSA(auto) 误差最小。那里稳妥的选择：年度曲线。第 5 天起，请用年度曲线。"
    assert (
        dict(said.facts)["多远"]
        == "第 1 至 3 天，SSA(auto) 比每一种简单基线都优势明确（至少小 1%）。提前 3 天时平方误差小 50%（至少 5%）。"
    )


def test_too_few_origins_and_how_many_would_settle_it():
    none = np.zeros((2, 6), dtype=bool)
    answer = example(shown=none, wanted=(2000.0, None), figure=Figure(12.3, 25.7))
    said = told(answer, "en", Units(time="Y"))
    assert said.headline == "554 origins are too few to tell how far SSA(auto) can be trusted."
    assert said.second == "Off by 12 at 3 years as measured; the best simple baseline by 26."
    assert said.third == "Safe choice until more origins are known: the seasonal curve."
    assert dict(said.facts)["What would settle it"] == "About 2,000 origins would settle it (there are 554)."
    assert verdict_text(answer, 0, "zh", Units(time="Y")) == (
        "起点太少，无法判断",
        "实测提前 3 年时小 50%；约需 2,000 个起点才能判定（现有 554 个）",
    )
    many = example(shown=none, wanted=(np.inf, None))
    for time, says in (("Y", "decades more"), ("h", "many times as many origins")):
        assert (
            dict(told(many, "en", Units(time=time)).facts)["What would settle it"] == f"To settle it would need {says}."
        )


@pytest.mark.parametrize(("language", "heading", "words"), [
    ("en", "What would settle it", "How many would settle it cannot be told from 554 origins."),
    ("zh", "怎样才能判定", "需要多少个起点，从这 554 个还看不出。"),
])  # fmt: skip
def test_that_it_is_not_known_how_many_would_settle_it_is_told_once(language, heading, words):
    answer = example(shown=np.zeros((2, 6), dtype=bool), wanted=(None, None))
    said = told(answer, language)
    texts = [said.headline, said.second, said.third, *(text for _, text in said.facts), *said.notes]
    texts += [part for model in range(2) for part in verdict_text(answer, model, language)]
    assert dict(said.facts)[heading] == words
    assert sum(words.rstrip(".。")[-12:] in text for text in texts) == 1


def test_a_lone_step_is_named_and_is_no_headline():
    lone = np.zeros((2, 6), dtype=bool)
    lone[0, 2] = True
    answer = example(shown=lone)
    said = told(answer, "en")
    assert said.headline == "554 origins are too few to tell how far SSA(auto) can be trusted."
    assert said.third == (
        "Step 3: clear gain of SSA(auto). Safe choice until more origins are known: the seasonal curve."
    )
    assert verdict_text(answer, 0, "en") == ("too close to call but for step 3", "")
    assert verdict_text(answer, 0, "zh") == ("除第 3 步外难分高下", "")


def test_a_lone_step_of_a_small_sure_gain_is_not_denied():
    lone = np.zeros((2, 6), dtype=bool)
    lone[0, 2] = True
    answer = example(shown=lone, high=np.full((2, 6), 0.04))
    assert answer.kind == answer.kind_of(0) == "too few"
    assert answer.kind_of(1) == "not better"
    measured = dict(told(answer, "en").facts)["As measured"]
    assert "At steps 1 to 2 every model saves less than 5%." in measured
    assert "At steps 4 to 6 every model saves less than 5%." in measured
    assert "Clear gain of SSA(auto) at step 3 alone." in measured


def test_no_model_is_worth_more():
    answer = example(shown=np.zeros((2, 6), dtype=bool), saving=np.full((2, 6), -0.1), high=np.full((2, 6), 0.03))
    said = told(dataclasses.replace(answer, loss=np.concatenate([np.full((2, 6), 1.1), answer.loss[2:]])), "en")
    assert said.headline == "No model here is worth more than a baseline: use the seasonal curve."
    assert dict(said.facts)["As measured"].startswith("At steps 1 to 6 every model saves less than 5%.")


def test_steps_that_were_left_out_are_told():
    answer = example(steps=np.array([1, 4, 16, 32, 48, 64]))
    assert (
        told(answer, "en").headline == "Trust SSA(auto) 1 to 16 steps ahead. Of the steps tested: 1, 4, 16, 32, 48, 64."
    )


def season_told(answer, without, language="en"):
    season = Season((365,), ("Harmonic(365)", "SeasonalNaive(365)"), without)
    said = told(dataclasses.replace(answer, season=season), language, Units(time="D"))
    return dict(said.facts)["Season" if language == "en" else "季节"]


def flagged(*steps):
    flags = np.zeros((2, 6), dtype=bool)
    flags[0, list(steps)] = True
    return flags


def test_a_season_and_what_would_have_seemed_without_it():
    none = example(shown=flagged())
    assert season_told(none, example()) == (
        "A season of 365 days was found in the training part. Its baselines (yearly curve, same "
        "day last year) are in the table. Without these baselines it would have seemed that SSA(auto) can be trusted "
        "1 to 3 days ahead; beside them that cannot be shown."
    )
    assert season_told(none, example(), "zh") == (
        "在训练段发现 365 天的季节。表中有了解季节的基线（年度曲线、去年同日）。"
        "若没有这些基线，SSA(auto) 会显得提前 1 至 3 天可信；与它们相比，这得不到证实。"
    )


@pytest.mark.parametrize(("steps", "says"), [
    ([0], "seemed that SSA(auto) can be trusted 1 day ahead; beside them that cannot be shown."),
    ([0, 1, 2], "The answer would be the same without them."),
    ([], "Without these baselines no model would have seemed better."),
])  # fmt: skip
def test_what_would_have_seemed_is_never_said_as_advice(steps, says):
    text = season_told(example(), example(shown=flagged(*steps)))
    assert text.endswith(says)
    assert "Trust" not in text
    text = season_told(example(shown=flagged()), example(shown=flagged()))
    assert text.endswith("Without these baselines no model would have seemed better either.")


def test_many_models_that_are_worse_are_listed_once():
    least = np.ones((7, 6), dtype=bool)
    least[1:, :2] = False
    names = ("SSA(auto)", *(f"AR({n})" for n in range(1, 7)))
    saving = np.array([[0.1, 0.2, 0.5, 0.3, -0.2, -0.39], *[[-0.1 - n / 100] * 6 for n in range(6)]])
    loss = np.concatenate([1.0 - saving, [[1.0] * 6, [2.0] * 6]])
    shown = np.zeros((7, 6), dtype=bool)
    shown[0, :3] = True
    every = {
        "saving": saving,
        "loss": loss,
        "shown": shown,
        "level": np.full((7, 6), 0.02),
        "high": np.full((7, 6), 0.9),
    }
    said = dict(told(example(models=names, least=least, wanted=(None,) * 7, **every), "en").facts)["Which model"]
    assert said.endswith(
        "Clearly worse than another model: AR(1) (at 2 of 6 steps), AR(2) (2), AR(3) (2), AR(4) (2), AR(5) (2). "
        "Clearly worse too: AR(6) (2)."
    )


def test_where_the_row_to_use_changes_often_the_safe_baseline_is_told():
    saving = np.array([[0.3, 0.2, -0.2, 0.2, -0.2, 0.2], [-0.1] * 6])
    loss = np.concatenate([1.0 - saving, [[1.0] * 6, [2.0] * 6]])
    answer = example(saving=saving, loss=loss, shown=flagged(0))
    third = "Days 2 to 6: no clear gain. The safe choice there: the yearly curve."
    assert told(answer, "en", Units(time="D")).third == third
    assert told(answer, "zh", Units(time="D")).third == "第 2 至 6 天：优势不明确。那里稳妥的选择：年度曲线。"


def test_notes_are_codes_until_they_are_told():
    notes = (
        Note("few", {"origins": 9, "above": 2}),
        Note("infinite", {"model": "AR(4)", "steps": [2, 3]}),
        Note("panel", {"model": "AR(4)", "better": 12, "series": 20}),
    )
    said = told(example(notes=notes), "en", Units(loss="log")).notes
    assert said == (
        "9 origins are few for steps above 2.",
        "AR(4) gave a probability of 0 to something that happened; a MarkovChain with smoothing=1 gives 0 to no state "
        "it knows.",
        "AR(4) loses less than the best baseline in 12 of 20 series.",
        "Clear gain: shown at 95% over every baseline, all 2 models together.",
    )
    assert (
        told(example(notes=notes), "en").notes[1]
        == "AR(4) has an infinite loss at steps 2 to 3, so no gain can be shown there."
    )


def test_trust_in_units_is_told():
    answer = example()
    shown = Within(4, np.array([0.99, 0.97, 0.95, 0.93, 0.9, 0.8]), np.zeros(6))
    assert within_text(shown, answer, 0, 3.0, units=Units("°C", "D")) == (
        "SSA(auto) is within 3 °C in at least 9 in 10 of cases up to 4 days. As measured: 99% at 1 day, 93% at 4 days."
    )
    close = Within(0, np.array([0.93, 0.8]), np.ones(2))
    assert within_text(close, answer, 0, 3.0) == (
        "SSA(auto) is within 3 in at least 9 in 10 of cases: too close to call at step 1 (93% "
        "as measured, 554 origins)."
    )
    none = Within(0, np.array([0.73, 0.7]), np.ones(2))
    assert (
        within_text(none, answer, 0, 3.0, language="zh")
        == "SSA(auto)：没有一步有九成的误差在 3 以内（提前 1 步 73%）。"
    )


def test_names_of_users_are_only_filled_in():
    answer = example(models=("{a}\u202e", "AR(4)"))
    headline = told(answer, "en").headline
    assert headline == "Trust {a}\\u202e 1 to 3 steps ahead."


def test_every_unit_of_time_is_told_in_both_languages():
    for unit in TIMES:
        for language in LANGUAGES:
            assert TIMES[unit][0 if language == "en" else 2] in told(
                example(), language, Units(time=unit)
            ).headline.replace("steps", "step") or (
                TIMES[unit][1] in told(example(), language, Units(time=unit)).headline
            )
    with pytest.raises(ParameterError, match="language"):
        Teller(example(), "de")


def test_a_machine_reads_the_same():
    found = example().to_dict()
    assert found["kind"] == "trusted"
    assert found["model"] == "SSA(auto)"
    assert found["use"] == {
        1: "SSA(auto)",
        2: "SSA(auto)",
        3: "SSA(auto)",
        4: "SSA(auto)",
        5: "Harmonic(365)",
        6: "Harmonic(365)",
    }
    one = found["models"]["SSA(auto)"]
    assert (one["first"], one["last"], one["saving"], one["high"]) == (1, 3, 0.5, 0.9)
    assert one["low"] == pytest.approx(0.0567)
    assert example().state[0].tolist() == [CLEAR, CLEAR, CLEAR, CLOSE, NO_GAIN, NO_GAIN]


def without_end(infinite, **more):
    """No model is shown anywhere; those of `infinite` lose without end at step 2, all lose a little elsewhere."""
    saving = np.full((2, 6), -0.1)
    for place in infinite:
        saving[place, 1] = -np.inf
    loss = np.concatenate([1.0 - saving, [[1.0] * 6, [2.0] * 6]])
    return example(shown=np.zeros((2, 6), dtype=bool), saving=saving, loss=loss, high=np.full((2, 6), 0.03), **more)


def test_where_every_loss_is_infinite_the_headline_says_so():
    answer, log = without_end([0, 1]), Units(loss="log")
    assert (answer.kind, answer.verdict(0).kind, answer.verdict(1).kind) == ("infinite",) * 3
    said = told(answer, "en", log)
    assert said.headline == "SSA(auto), AR(4) gave a probability of 0 to something that happened."
    assert [heading for heading, _ in said.facts] == ["As measured"], "over all steps no loss is the least"
    assert said.third == "Steps 1 to 6: use the seasonal curve."
    assert told(answer, "zh", log).headline == "SSA(auto)、AR(4) 给实际发生的状态 0 概率。"
    assert (
        told(answer, "en").headline
        == f"{answer.models[answer.head]} has an infinite loss at step 2, so no gain can be shown there."
    )
    assert verdict_text(answer, 0, "en", log) == verdict_text(answer, 0, "en")
    assert verdict_text(answer, 0, "en") == ("infinite loss at step 2", "")
    assert verdict_text(answer, 0, "zh") == ("在第 2 步的损失是无穷大", "")


@pytest.mark.parametrize(("high", "kind"), [(0.03, "not better"), (0.9, "too few")])
def test_of_some_infinite_losses_the_finite_ones_decide(high, kind):
    answer = dataclasses.replace(without_end([0]), high=np.full((2, 6), high))
    assert (answer.kind, answer.kind_of(0), answer.kind_of(1)) == (kind, "infinite", kind)
    assert answer.models[answer.head] == "AR(4)"
    assert "probability of 0" not in told(answer, "en", Units(loss="log")).headline


def test_of_gains_beside_an_infinite_loss_nobody_is_told():
    saving = np.array([[0.4, -np.inf, 0.4, 0.4, 0.4, 0.4], [-0.1] * 6])
    answer = dataclasses.replace(without_end([0]), saving=saving)
    assert told(answer, "en").headline == "No model here is worth more than a baseline: use the seasonal curve."
    alone = dataclasses.replace(answer, saving=np.array([saving[0]] * 2))
    assert alone.kind == "infinite"


def test_one_is_told_in_the_singular():
    notes = [Note("few", {"origins": 1, "above": 0}), Note("few", {"origins": 3, "above": 0})]
    notes.append(Note("constant", {"constant": 1, "series": 5}))
    answer = example(shown=np.zeros((2, 6), dtype=bool), notes=tuple(notes), origins=1, wanted=(None, None))
    said = told(answer, "en")
    assert said.headline == "1 origin is too few to tell how far SSA(auto) can be trusted."
    assert said.notes[:3] == (
        "1 origin is few for any step.",
        "3 origins are few for any step.",
        "1 of 5 series is constant in training and is left out.",
    )
    assert dict(said.facts)["What would settle it"] == "How many would settle it cannot be told from 1 origin."
    assert verdict_text(answer, 0, "en")[1] == "as measured saves 50% at step 3"
    assert told(answer, "zh").notes[:2] == ("1 个起点，对任何一步都太少。", "3 个起点，对任何一步都太少。")
    close = Within(0, np.array([1.0]), np.ones(1))
    assert within_text(close, answer, 0, 3.0).endswith("(100% as measured, 1 origin).")


@pytest.mark.parametrize(
    ("periods", "english", "chinese"),
    [
        ((48, 336), "Seasons of 48 and 336 half-hours were found", "在训练段发现 48 和 336 个半小时的季节。"),
        ((8, 48, 336), "Seasons of 8, 48 and 336 half-hours were found", "在训练段发现 8、48 和 336 个半小时的季节。"),
    ],
)
def test_every_season_that_was_found_is_named(periods, english, chinese):
    answer = example(season=Season(periods, ("Phases(48)", "Phases(336)")))
    units = Units(time="half-hour")
    said = dict(told(answer, "en", units).facts)["Season"]
    assert said.startswith(f"{english} in the training part. Their baselines (")
    assert dict(told(answer, "zh", units).facts)["季节"].startswith(chinese)
    assert answer.to_dict()["season"] == list(periods)
