"""What the pages say runs, and the readme in both languages is what a stranger can type."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest

import stepahead as sa
from stepahead import demo, storage
from stepahead.cli import main

from ..data import ROOT

READMES = ("README.md", "README.zh-CN.md")
MADE = {"_build", "_templates", "generated"}
PAGES = [
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md") if not MADE & set(p.parts)),
]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


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


# What is typed is the same in both, but for the language (below): by night both are run.
@pytest.mark.parametrize("page", ["README.md", pytest.param("README.zh-CN.md", marks=pytest.mark.slow)])
def test_command_lines_of_the_readme_run(page, monkeypatch, capsys, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")  # what they write is written elsewhere
    monkeypatch.chdir(tmp_path)
    typed = re.findall(r"^    \.venv/bin/stepahead (\w+ examples/.*)$", (ROOT / page).read_text(), re.MULTILINE)
    assert typed
    for line in typed:
        assert main(shlex.split(line), leave=int) == 0
    assert "AR(auto)" in capsys.readouterr().out


def answer(page: str) -> str:
    """The answer of the demo as a readme prints it, in three parts: the head, the bars and the table."""
    return re.search(r"(?:^    .*SSA.*\n(?:    .*\n|\n(?=    ))+)", text_of(page), re.MULTILINE)[0]


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
@pytest.mark.slow
def test_the_answer_of_the_readme_is_the_one_that_is_printed(page, language):
    """By day tests/test_demo.py compares the English one with what the demo prints there, and the next test the two."""
    result = sa.evaluate(
        demo.models(0, language), demo._with_its_noise(sa.datasets.noisy_sine(seed=0)), demo.HORIZON, train=demo.TRAIN
    )
    for part in result.table(language).split("\n\n")[1:4]:
        shown = "\n".join(f"    {line[2:]}".rstrip() for line in part.splitlines())
        assert shown in answer(page), part


def test_the_answer_has_the_same_numbers_and_bars_in_both_readmes():
    below = [answer(page).partition("\n\n")[2] for page in READMES]  # the head says "9 in 10", or 十次有九次
    english, chinese = (re.findall(r"\d+(?:\.\d+)?[%*]?|[█░·]+", text) for text in below)
    assert len(english) > 60
    assert sorted(english) == sorted(chinese)


@pytest.mark.parametrize("page", ["start.md", "how-far.md", "seasons.md", "which-model.md", "recipes.md", "columns.md"])
def test_a_page_is_the_same_in_both_languages(page):
    pages = (f"docs/{page}", f"docs/zh/{page}")

    def code(page):
        lines = "".join(block for block, _ in blocks(page)).splitlines()
        bare = [line.split("  #")[0].rstrip().replace('told("zh")', "told()") for line in lines]
        return [line.replace("told().headline", "headline") for line in bare if line]

    assert code(pages[0]) == code(pages[1])
    if page != "how-far.md":  # which prints its sentences in its language
        assert [printed for _, printed in blocks(pages[0])] == [printed for _, printed in blocks(pages[1])]
    text = [(ROOT / one).read_text() for one in pages]
    assert len(re.findall("^#+ ", text[0], re.MULTILINE)) == len(re.findall("^#+ ", text[1], re.MULTILINE))
    rows = [
        re.findall(r"(?<![\w.])\d[\d.,]*\d|\.\d+", " ".join(re.findall(r"^\|.*", one, re.MULTILINE))) for one in text
    ]
    assert rows[0] == rows[1], "the same numbers in every table"


def test_the_pages_of_the_command_line_are_those_of_the_parser(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    make = importlib.import_module("make_cli")
    for language, path in make.PAGES.items():
        assert path.read_text(encoding="utf-8") == make.drawn(language), "python docs/make_cli.py writes it"


def test_the_keys_of_json_are_those_that_are_listed(run, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    shapes = importlib.import_module("cli_words").SHAPES
    how = ["--data", "nile", "--horizon", 2, "--json"]
    models = tmp_path / "models"
    printed = {"evaluate": run("evaluate", *how, "--models", "ar", "--lags", 2, "--within", 200, "--save", models)}
    printed["forecast"] = run("forecast", *how)
    printed["audit"] = run("audit", *how, "--model", models / "ar-2.safetensors")
    for command, (code, out, err) in printed.items():
        assert code == 0, err
        found = json.loads(out)
        inside = {f"answer.{key}" for key in found.get("answer", ())}
        assert set(shapes[command]) == set(found) | inside, command
    summary = inspect.getsource(sa.scale.Summary.document)
    assert set(shapes["run"]) == set(re.findall(r'^ +"(\w+)": ', summary, re.MULTILINE))


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


@pytest.mark.parametrize("page", ["README.zh-CN.md", pytest.param("README.md", marks=pytest.mark.slow)])
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
    assert ("优势明确" in out) == chinese
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
