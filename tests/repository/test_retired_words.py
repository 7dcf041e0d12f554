"""The check of retired words: it fails on one, in every form, and homographs are those that stand there."""

from __future__ import annotations

import re

import pytest

from .. import retired_words
from ..data import ROOT
from ..retired_words import HOMOGRAPHS, LOOKED_AT, RETIRED, retired


def test_nothing_is_left():
    assert retired_words.main() == 0


def test_a_planted_word_fails_and_is_named_with_its_line(tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "page.md"
    page.write_text("A distribution.\n")
    assert retired_words.main(tmp_path) == 0
    page.write_text("A distribution.\nIts law is known.\n")
    assert retired_words.main(tmp_path) == 1
    assert capsys.readouterr().err == "docs/page.md:2: 'law': write distribution\n"


@pytest.mark.parametrize("form", ["{}", "{}.", "first_{}", "_{}", "{}_of", "`{}`"])
def test_prose_and_parts_of_names_count(form):
    for word in (word for old in RETIRED.values() for word in old):
        for spelled in (word, word.capitalize(), word.upper()):
            assert [found.line for found in retired("\n" + form.format(spelled), "docs/guide.md")] == [2]
        assert list(retired(f"x{word}x", "docs/guide.md")) == []


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("class FirstLaw:", 1),
        ("lawful = 1  # flawed, outlawed", 0),
        ("stack = batch", 1),
        ("for stack in batches:", 1),
        ("nets = [stack.size]", 1),
        ("np.stack(parts)", 0),
        ("# The rows of a series stand together, and a mark of the pen is a mark", 0),
        ("def together(rows):", 1),
        ("trained_marks_: Array", 1),
        ("with warnings.catch_warnings():", 0),
        ("raise UserWarning(note)", 0),
    ],
)
def test_names_in_python(line, count):
    assert len(list(retired(line, "src/stepahead/walk.py"))) == count


def test_every_homograph_is_needed():
    texts = {
        p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for glob in LOOKED_AT for p in ROOT.glob(glob)
    }
    for one in HOMOGRAPHS:
        assert any(
            re.search(one.where, path) and re.search(one.text, text, re.IGNORECASE) for path, text in texts.items()
        ), one
        assert one.why
