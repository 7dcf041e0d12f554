"""Every English sentence that the library notes, audits with or lists has its Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import stepahead as sa
from stepahead import datasets
from stepahead.evaluation.audit.findings import Audit, Leak
from stepahead.models.menu import MENU, SEASONAL
from stepahead.report import chinese as report_chinese
from stepahead.report.chinese import AUDIT, LISTS, NOTES, RUN, _patterns, _values, in_language
from stepahead.scale.driver import Summary
from stepahead.seasons import Seasons

SRC = Path(sa.__file__).parent
# Where a note is made by a function and told elsewhere: what they return are notes too.
MADE_BY = {
    "times.py": ("unevenness",), "columns.py": ("rounding", "flatness"), "index.py": ("index_times", "_numbers"),
    "numerals.py": ("symbols_note", "_leading_zeros", "_two_readings"), "series.py": ("shared_notes",),
    "evaluation/unseen.py": ("too_few", "fewer_cuts"), "seasons.py": ("_why_untested",),
    "evaluation/comparison.py": ("notes",), "evaluation/every_origin.py": ("_unseen", "_notes"),
    "datasets/limits.py": ("note",), "column_reading.py": ("told_beyond", "told_cut", "_is_no_target"),
}  # fmt: skip
NAMED = {"notes", "notes_", "remark"}
"""What notes are called where they are put together."""
SAID_IN_BOTH = (
    "7 series: each model is fitted to",
    "up to 7 ",
    "the held-out part does not show",
    "7 of 7 series are constant in training and",
)
"""Notes that are written in the language at once: they stand beside their Chinese, not in this table."""


def chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def texts(node: ast.expr, names: dict[str, list[ast.expr]], depth: int = 0) -> list[str]:
    """What an expression may say: constants as they are, what was assigned here as it says, anything else a 7."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else ["7"]
    if isinstance(node, ast.Name) and node.id in names and depth < 4:
        before = [one for one in names[node.id] if one.lineno <= node.lineno] or names[node.id]
        return texts(max(before, key=lambda one: one.lineno), names, depth + 1)
    if isinstance(node, (ast.Tuple, ast.List)):
        return [text for one in node.elts for text in texts(one, names, depth)]
    if isinstance(node, ast.IfExp):
        return texts(node.body, names, depth) + texts(node.orelse, names, depth)
    if isinstance(node, ast.JoinedStr):
        found = [""]
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            is_short = isinstance(inner, (ast.Constant, ast.Name, ast.IfExp))
            after = texts(inner, names, depth) if is_short else ["7"]
            found = [text + more for text in found for more in after or ["7"]]
        return found
    return ["7"]


def noted(path: Path) -> set[str]:
    """The notes of a module, each with a 7 for what is filled in."""
    tree, found = ast.parse(path.read_text()), set()
    made_by = MADE_BY.get(path.relative_to(SRC).as_posix(), ())
    constants = {
        target.id: [node.value]
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = {key: list(value) for key, value in constants.items()}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Constant, ast.JoinedStr, ast.IfExp)):
                names.setdefault(targets(node)[0], []).append(node.value)
        errors = {id(inner) for node in ast.walk(function) if isinstance(node, ast.Raise) for inner in ast.walk(node)}
        for node in ast.walk(function):
            if id(node) in errors:
                continue
            told: list[ast.expr] = []
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                owner = getattr(getattr(node.func, "value", None), "id", "")
                if name in ("note", "_note") or (name == "append" and owner == "notes"):
                    told = node.args[:1]
            elif isinstance(node, (ast.Assign, ast.AugAssign)) and NAMED & set(targets(node)):
                told = [node.value]
            elif function.name in made_by and isinstance(node, (ast.JoinedStr, ast.Constant)):
                told = [node]
            for one in told:
                found |= {text for text in texts(one, names) if is_sentence(text)}
    return found


def targets(node: ast.Assign | ast.AugAssign) -> list[str]:
    """The names that are assigned to."""
    every = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [getattr(one, "id", getattr(one, "attr", "")) for one in every]


def is_sentence(text: str) -> bool:
    """Whether a text has three words at least, not counting docstrings, of several lines or with a stop at the end."""
    return len(re.findall(r"[a-z]{2,}", text)) >= 3 and "\n" not in text and not re.search(r"^<|\.$", text)


def test_every_note_of_the_library_has_its_chinese():
    found = {path: noted(path) for path in sorted(SRC.rglob("*.py"))}
    every = {text for notes in found.values() for text in notes if not text.startswith(SAID_IN_BOTH)}
    assert len(every) > 35, "the notes are found at all"
    lacking = sorted(text for text in every if not chinese(in_language(text, "zh")) and not is_part(text, every))
    assert not lacking, "\n".join(lacking)
    said = {text: in_language(text, "zh") for text in every if not is_part(text, every)}
    mixed = [f"{text} -> {other}" for text, other in said.items() if re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", other)]
    assert not mixed, "\n".join(mixed)


def is_part(text: str, every: set[str]) -> bool:
    """Whether it stands inside another note, which is said as a whole."""
    return any(text != other and text in other for other in every)


def test_a_model_says_its_name_before_a_note():
    note = "AR(auto): not tried, the first cut being too short: lags 8, 32"
    assert in_language(note, "zh") == "AR(auto)：没有试 8, 32 个滞后：训练段对它们太短"
    assert (
        in_language(f"Scaled: {note} (12 series)", "zh")
        == "Scaled：AR(auto)：没有试 8, 32 个滞后：训练段对它们太短（12 个序列）"
    )
    assert in_language(note, "en") == note
    few = "the windows span only 3 directions"
    assert in_language(f"SSA(auto: 1): {few}", "zh") == "SSA(auto: 1)：窗口只张成 3 个方向"
    assert in_language(f"Scaled: SSA(auto: 1): {few}", "zh") == "Scaled：SSA(auto: 1)：窗口只张成 3 个方向"


def test_a_place_is_filled_with_as_little_as_it_can_be():
    """As a regular expression finds it, tried on every sentence with names that hold letters of other sentences."""
    names = ("a", "b of 3", "c: d", " (5 series)", "x at step 1 and 2, ")
    for english, _ in _patterns():
        pattern = re.compile(
            "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(english)), re.DOTALL
        )
        for first in range(len(names)):
            text = "".join(names[(first + at) % 5] if at % 2 else part for at, part in enumerate(english))
            for one in (text, text + "!", text[1:], text[:-1]):
                matched = pattern.fullmatch(one)
                assert _values(english, one) == (None if matched is None else matched.groupdict()), one


def test_a_text_of_many_colons_is_looked_through_once_for_each_of_them(monkeypatch):
    asked = []
    sentence = report_chinese._sentence
    monkeypatch.setattr(report_chinese, "_sentence", lambda text: asked.append(text) or sentence(text))
    text = "a: " * 400 + "somebody else's"
    assert in_language(text, "zh") == text
    assert len(asked) == 401


def test_what_nobody_translated_stays_as_it_is():
    assert in_language("x: a note of somebody else", "zh") == "x: a note of somebody else"
    assert in_language("note of 3 series: of somebody else", "zh") == "3 个序列的说明：of somebody else"


def test_a_name_that_looks_like_a_place_to_fill_stays_a_name():
    assert in_language("{n}: made elsewhere; whether these forecasts looked ahead is not known", "zh").startswith(
        "{n}："
    )


def test_amounts_of_time_are_said_in_chinese():
    text = "time steps are uneven and taken as consecutive: 97 % are 1 day, the longest 7 days"
    assert in_language(text, "zh") == "时间步长不等，按连续处理：97% 是 1 天，最长 7 天"


@pytest.mark.parametrize("found", [
    Seasons(reason="yearly values have none"),
    Seasons((), "calendar", (12,), (1.5,), 2.8),
    Seasons((), "scan", (2, 40), (1.5, 1.0), 2.8),
    Seasons((), "calendar", (12,), (1.5,), 2.8, series=4),
])  # fmt: skip
def test_no_season_is_said_in_chinese(found):
    assert chinese(in_language(str(found), "zh"))


AUDITED = {
    "model": "AR(4)", "leaks": (), "sensitive": True, "cuts": 39, "refits": 8, "compared": 741, "stopped": 0,
    "exhaustive": True, "deterministic": True, "prefixes": 39, "gaps": 3, "alone": 4, "not_isolated": "",
    "tolerance": 0.0, "files_written": (), "files_read": (), "files_carried": (), "beyond": (),
}  # fmt: skip
LEAKS = (
    Leak("A", 39, 38, "3 of 40 rows changed, by up to 0.12, the first"),
    Leak("B", 39, None, "a fitted parameter changed"),
    Leak("N", 39, 38, "1 of 40 rows were lost, the first", "every second value from 39 on missing"),
    Leak("F", 39, 39, "in an isolated process and the series cut off there instead, the forecast differs by 0.5"),
    Leak("H", 39, 38, "3 of 40 rows changed, by an infinite amount, the first", "", "values and past columns"),
    Leak("K", 39, 38, "a state changed, the first", "", "columns known ahead"),
    Leak(
        "K",
        39,
        38,
        "3 of 40 rows changed at steps before it, by up to 2, the first at step 1",
        "",
        "columns known ahead",
    ),
    Leak("B", 39, None, "a fitted parameter changed", "", "columns known ahead"),
    Leak("E", 39, None, "other origins before it had a forecast", "", "values and past columns"),
)


@pytest.mark.parametrize("more", [
    {}, {"tolerance": 1e-6, "exhaustive": False}, {"leaks": LEAKS[:3]}, {"leaks": LEAKS[3:6]},
    {"leaks": LEAKS[6:]}, {"leaks": 5 * LEAKS[:1]},
    {"files_carried": ("a",), "files_written": ("b",), "files_read": ("c",)},
    {"stopped": 2, "deterministic": False, "sensitive": False},
    {"rewritten": "values and past columns", "columns": ("promo", "warmth"), "foreseen": ("warmth",)},
    {"known": ("promo",)},
    {"rewritten": "values and past columns", "exhaustive": False, "known": ("promo", "price"), "known_cuts": 39},
    {"columns": ("promo", "price"), "known": ("promo", "price"), "known_cuts": 39, "idle": True},
    {"not_isolated": "this system cannot fork a process", "beyond": ("other programs", "other machines or services")},
])  # fmt: skip
def test_every_line_of_an_audit_has_its_chinese(more):
    for line in Audit(**(AUDITED | more)).summary().splitlines():
        shown = in_language(line, "zh")
        assert chinese(shown), line
        assert shown.startswith("  ") == line.startswith("  ")
        assert set(re.findall(r"\d+", shown)) == set(re.findall(r"\d+", line))


def test_every_line_of_a_run_has_its_chinese():
    made = Summary(Path("out"), "spec", {"a": "done", "b": "there before"}, 3, 0, {}, {"symbols have none": 2})
    assert all(chinese(in_language(line, "zh")) for line in str(made).splitlines())


def test_the_lists_of_models_and_of_data_are_said_in_chinese():
    listed = [what for what, _ in (MENU | SEASONAL).values()]
    listed += [text for entry in datasets.CATALOGUE.values() for text in (entry.what, entry.licence)]
    listed += datasets.SIMULATED.values()
    assert [text for text in listed if not chinese(in_language(text, "zh"))] == []
    assert set(LISTS) == set(listed), "nothing stands in the list that is not there any more"


def test_both_languages_fill_the_same_places_in():
    for english, other in (NOTES | AUDIT | RUN | LISTS).items():
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", other)), english
        assert not re.search(r"[\u4e00-\u9fff] ?[,;?!]", other), f"{other}: half-width punctuation"
