"""What the pages say runs, and the readme in both languages is what a stranger can type."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest

import stepahead as sa
from stepahead import storage
from stepahead.cli import main

from ..data import ROOT

MADE = {"_build", "_templates", "generated"}
PAGES = [
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md") if not MADE & set(p.parts)),
]


def blocks(page: str) -> list[tuple[str, str]]:
    """Every Python block, and the text block right below it: what it prints, up to where the page stops."""
    pattern = r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?"
    return re.findall(pattern, (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


# Those of CONTRIBUTING.md run in tests/cases.py, and what they define stands on its list.
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page) and page != "CONTRIBUTING.md"])
def test_python_blocks_run(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    known = dict(storage._registry)
    space: dict = {"__name__": "page"}
    for block, printed in blocks(page):
        capsys.readouterr()
        exec(compile(block, page, "exec"), space)  # noqa: S102
        if printed:
            assert capsys.readouterr().out[: len(printed)] == printed
    storage._registry.clear()
    storage._registry.update(known)


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_command_lines_of_the_readme_run(page, monkeypatch, capsys, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")  # what they write is written elsewhere
    monkeypatch.chdir(tmp_path)
    typed = re.findall(r"^    \.venv/bin/stepahead (\w+ examples/.*)$", (ROOT / page).read_text(), re.MULTILINE)
    assert typed
    for line in typed:
        assert main(shlex.split(line), leave=int) == 0
    assert "AR(auto)" in capsys.readouterr().out


@functools.cache
def demonstrated() -> sa.results.Comparison:
    from stepahead.demo import HORIZON, TRAIN, models

    return sa.evaluate(models(0), sa.datasets.noisy_sine(seed=0), HORIZON, train=TRAIN, steps=[1, 4, 16, 64])


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_table_of_the_readme_is_the_one_that_is_printed(page):
    rows = re.findall(
        r"^    (the note's MLP\(4\)|AR\(\w+\)|\w+\(auto\)|Mean|Naive) +([\d.]+) +([\d.]+) "
        r"+([\d.]+) +([\d.]+)(?: +\d+)?$",
        (ROOT / page).read_text(),
        re.MULTILINE,
    )
    assert len(rows) == 8
    for name, *cells in rows:
        np.testing.assert_allclose([float(c) for c in cells], demonstrated()[name].rmse(), atol=6e-4, err_msg=name)
    first = demonstrated()["AR(4)"]
    # the target of step 1 is the value at the origin, t = o + 1
    wave = np.sin(0.01 * (first.origins[:, None] + first.steps))
    drawn = re.search(r"^    noise of this draw +([\d. ]+)$", (ROOT / page).read_text(), re.MULTILINE)[1].split()
    np.testing.assert_allclose(
        [float(c) for c in drawn], np.sqrt(np.mean((first.actuals - wave) ** 2, axis=0)), atol=6e-4
    )


def test_the_start_is_the_same_in_both_languages():
    def code(page):
        lines = "".join(block for block, _ in blocks(page)).splitlines()
        return [bare for line in lines if (bare := line.split("  #")[0].rstrip())]

    assert code("docs/start.md") == code("docs/zh/start.md")
    assert [printed for _, printed in blocks("docs/start.md")] == [printed for _, printed in blocks("docs/zh/start.md")]
    headings = [
        re.findall(r"^## ", (ROOT / page).read_text(), re.MULTILINE) for page in ("docs/start.md", "docs/zh/start.md")
    ]
    assert len(headings[0]) == len(headings[1])


def test_the_api_page_lists_every_public_name_once():
    listed: dict[str, list[str]] = {}
    names: list[str] = []
    for module, name in re.findall(
        r"^(?:.. currentmodule:: (.+)|   (\w+))$", (ROOT / "docs/api.md").read_text(), re.MULTILINE
    ):
        if module:
            names = listed.setdefault(module, [])
        else:
            names.append(name)
    modules = {f"stepahead.{name}" for name in sa.__all__ if inspect.ismodule(getattr(sa, name))}
    assert set(listed) == {"stepahead", "stepahead.testing", *modules}
    text = (ROOT / "docs/api.md").read_text()
    for module, names in listed.items():
        public = importlib.import_module(module)
        callables = [name for name in public.__all__ if callable(getattr(public, name))]
        assert sorted(names) == sorted(callables), module
        others = set(public.__all__) - set(callables) - {"__version__"}
        assert all(re.search(rf"`(\w+\.)?{name}`", text) for name in others), module


def test_the_picture_of_the_layers_is_that_of_pyproject(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    house = importlib.import_module("make_house")
    assert house.PICTURE.read_text(encoding="utf-8") == house.drawn(), "python docs/make_house.py draws it"


def test_every_term_of_the_glossary_stands_in_both_languages():
    text = (ROOT / "docs/glossary.md").read_text()
    entries = re.findall(r"^(.+ · .+)\n: (.+)\n: (.+)$", text, re.MULTILINE)
    assert len(entries) == text.count(" · ") - len(re.findall(r"^#", text, re.MULTILINE)) > 40
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for term, english, other in entries:
        name, translated = term.split(" · ")
        assert not chinese.search(name), term
        assert chinese.search(translated), term
        assert chinese.search(other), term
        assert not chinese.search(english), term


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_asks_for_nothing_from_outside(tmp_path):
    pytest.importorskip("sphinx", reason="the site needs the docs extra")
    source = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", source, ignore=shutil.ignore_patterns(*MADE - {"_templates"}))
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", source, tmp_path / "site"]
    made = subprocess.run(build, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    for page in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|iframe|source|link)\b[^>]*(?:src|href)=[\"'](?:https?:)?//[^>]*>", page.read_text()
        )
        assert not loaded, f"{page.name}: {loaded}"


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / page).read_text()):
            assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"


def test_the_makefile_says_what_it_makes():
    text = (ROOT / "Makefile").read_text()
    for target in (
        "help",
        "demo",
        "test",
        "check",
        "floor",
        "promises",
        "nightly",
        "bench",
        "lesson",
        "images",
        "proof",
        "docs",
    ):
        assert re.search(rf"^{target}:.*## ", text, re.MULTILINE), target
    assert (ROOT / "constraints.txt").read_text().splitlines()[1] == "torch==2.13.0"


READMES = ("README.md", "README.zh-CN.md")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$|^ {4}.*?$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", READMES)
def test_a_readme_opens_with_a_sentence_two_commands_a_picture_and_the_note(page):
    lines = [line for line in text_of(page).splitlines() if line.strip()]
    assert lines[2].startswith("**stepahead ")
    assert len(re.findall(r"[.。]", lines[2])) == 1, "one sentence"
    commands = [line.split() for line in lines if line.startswith("    ")][:4]
    assert [words[:2] for words in commands[:2]] == [["stepahead", "demo"], ["stepahead", "report"]]
    assert commands[2][:2] == ["make", "demo"]
    assert commands[3][:2] == [".venv/bin/stepahead", "report"]
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", text_of(page))
    note = "docs/the-note.md" if page == "README.md" else "docs/zh/the-note.md"
    other = READMES[1 - READMES.index(page)]
    picture = f"docs/images/error-by-k{'' if page == 'README.md' else '-zh'}.png"
    assert [(mark, to) for mark, to in links[:3]] == [("", other), ("!", picture), ("", note)]
    assert sum(mark == "!" for mark, _ in links) == 1, "one picture"


def test_no_sentence_of_the_readme_is_longer_than_25_words():
    for line in re.split(r"\n\s*\n|\n(?=\* |#)", without_code(text_of("README.md"))):
        plain = re.sub(r"!\[[^\]]*\]\([^)]*\)|`[^`]*`", "x", line)
        plain = re.sub(r"\]\([^)]*\)", "]", plain)
        for sentence in re.split(r"(?<=[.?!:])\s+", " ".join(plain.split())):
            assert len(sentence.split()) <= 25, sentence


@pytest.mark.parametrize("page", READMES)
def test_what_has_never_run_is_said(page):
    said = text_of(page)
    for word in ("Windows", "macOS", "GPU", "Linux"):
        assert word in said


def test_both_readmes_offer_the_same_commands_in_their_language():
    def typed(page):
        found = re.findall(r"^    ((?:\.venv/bin/)?stepahead .*|make .*?)(?: +#.*)?$", text_of(page), re.MULTILINE)
        return [re.sub(r" (--lang(uage)? zh|lang=zh)", "", line) for line in found]

    assert typed("README.md") == typed("README.zh-CN.md")


@pytest.mark.parametrize("page", READMES)
@pytest.mark.usefixtures("told")
def test_the_first_commands_work_as_they_are_printed(page, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    typed = re.findall(r"^    stepahead (.*)$", text_of(page), re.MULTILINE)
    assert len(typed) == 2
    for line in typed:
        assert main(shlex.split(line), leave=int) == 0, capsys.readouterr().err
    assert (tmp_path / "report.html").stat().st_size < 600_000
    assert {path.name for path in (tmp_path / "stepahead-demo").glob("*.html")} == {
        "lesson-en.html", "lesson-zh.html", "report-en.html", "report-zh.html",
    }  # fmt: skip
    out = capsys.readouterr().out
    chinese = page == "README.zh-CN.md"
    assert ("可信步数" in out) == chinese
    assert ("docs/zh/the-note.md" if chinese else "docs/the-note.md") in out


def test_make_takes_a_language_and_never_that_of_the_shell():
    def recipe(*given, **environment):
        done = subprocess.run(
            ["make", "--dry-run", "--old-file=.venv/ready-plot", "demo", *given],
            cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    assert "demo --lang zh" in recipe("lang=zh")
    assert "demo --lang en" in recipe(LANG="zh_CN.UTF-8", lang="zh_CN")
