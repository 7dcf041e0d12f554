"""The front door: what a stranger reads first, types first, and is shown by an index that has no other file."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path
from unittest import mock

import pytest

import stepahead as sa
from stepahead.cli import main
from stepahead.datasets import CATALOGUE

from .data import ROOT

READMES = ("README.md", "README.zh-CN.md")
URL = "https://example.org/owner/stepahead"


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$|^ {4}.*?$", "", text, flags=re.DOTALL | re.MULTILINE)


# -- the first screen ---------------------------------------------------------------------------------------------


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
    assert [(mark, to) for mark, to in links[:3]] == [("", other), ("!", "docs/images/error-by-k.png"), ("", note)]
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


# -- the demo in Chinese ------------------------------------------------------------------------------------------


def test_the_demo_says_the_same_in_both_languages(run, tmp_path, monkeypatch):
    import stepahead.demo as demo

    monkeypatch.setattr(demo, "OTHER_SEEDS", 2)
    monkeypatch.setattr(demo, "find_spec", lambda name: None)  # as where matplotlib is not installed
    said = {}
    for language in ("en", "zh"):
        code, said[language], err = run("demo", "--lang", language, "--out", tmp_path / language)
        assert code == 0, err
        assert not list((tmp_path / language).glob("*.png"))
        assert "pip install matplotlib" in said[language]
    tables = [text.partition("k=64")[2].splitlines()[1:13] for text in said.values()]
    assert tables[0] == tables[1], "the same rows"
    assert tables[0][-1].startswith("noise ")
    # Every number of the English sentences stands in the Chinese ones.
    for number in re.findall(r"\d\.\d{2,3}\b|\b6\d\d\b", said["en"].partition("At 64 steps")[2]):
        assert number in said["zh"], number
    heads = [next(line for line in text.splitlines() if "k=64" in line) for text in said.values()]
    wide = sum(2 if "\u4e00" <= letter <= "\u9fff" else 1 for letter in heads[1])
    assert wide == len(heads[0]), "the columns stand under each other"
    for line in set(said["zh"].splitlines()) - set(tables[1]):  # the names in the table are the library's
        assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", line.replace("pip install matplotlib", "")), line


# -- a series that comes with the library -------------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUE)
def test_data_is_the_file_with_its_columns(run, tmp_path, name):
    entry = CATALOGUE[name]
    assert run("datasets", "--out", tmp_path)[0] == 0
    columns = [
        part for flag, word in (("--value", entry.value), ("--time", entry.time)) if word for part in (flag, word)
    ]
    columns += ["--missing", entry.missing]
    how = ["--models", "naive", "--horizon", 3, "--json"]
    by_file = run("evaluate", tmp_path / entry.file, *columns, *how)
    by_name = run("evaluate", "--data", name, *how)
    assert by_file[0] == by_name[0] == 0
    assert by_name[1] == by_file[1]


def test_every_command_that_reads_a_series_takes_data(run, tmp_path):
    how = ["--data", "nile", "--horizon", 2, "--models", "ar", "--lags", 2]
    code, out, _ = run("forecast", *how)
    assert (code, len(out.splitlines())) == (0, 3)
    assert run("report", *how, "--out", tmp_path / "r.html")[0] == 0
    assert run("evaluate", *how, "--save", tmp_path / "models")[0] == 0
    saved = next((tmp_path / "models").glob("*.safetensors"))
    code, out, err = run("audit", "--data", "nile", "--model", saved, "--horizon", 2)
    assert code == 0, err
    expected = sa.forecast(sa.AR(2).fit(sa.datasets.nile()), sa.datasets.nile(), 2)
    code, out, _ = run("forecast", *how, "--json")
    assert all(f"{value}"[:12] in out for value in expected)


WRONG_SOURCES = {
    "neither": ([], ["FILE", "--data NAME"]),
    "both": (["x.csv", "--data", "nile"], ["file='x.csv'", "--data nile"]),
    "unknown": (["--data", "nil"], ["data='nil'", "'nile'", "'co2'"]),
    "empty": (["--data", ""], ["data=''"]),
    "another case": (["--data", "Nile"], ["'nile'"]),
    "a path": (["--data", "nile.csv"], ["'nile'"]),
    "value": (["--data", "nile", "--value", "volume"], ["value='volume'", "left out"]),
    "time": (["--data", "nile", "--time", "year"], ["time='year'", "left out"]),
    "id": (["--data", "nile", "--id", "x"], ["id='x'", "left out"]),
    "decimal": (["--data", "nile", "--decimal", ","], ["decimal=','", "left out"]),
    "encoding": (["--data", "nile", "--encoding", "gbk"], ["encoding='gbk'", "left out"]),
}


@pytest.mark.parametrize(("typed", "words"), WRONG_SOURCES.values(), ids=WRONG_SOURCES.keys())
def test_a_source_that_is_none_or_two_is_refused(run, typed, words):
    code, out, err = run("evaluate", *typed, "--horizon", 3)
    assert (code, out) == (2, "")
    assert len(err) <= 320
    for word in words:
        assert word in err


def test_missing_and_every_are_taken_beside_data(run):
    code, _, err = run("evaluate", "--data", "co2", "--missing", "raise", "--horizon", 3, "--models", "naive")
    assert code == 3
    assert "missing" in err
    code, _, err = run("evaluate", "--data", "stock_price", "--every", "1D", "--horizon", 3, "--models", "naive")
    assert code == 3
    assert "gap" in err or "every" in err or "missing" in err


# -- the long description -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hook():
    """hatch_build.py; the one class of the build that it is made from need not be installed."""
    stubs = {}
    if importlib.util.find_spec("hatchling") is None:
        names = ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin", "hatchling.metadata.plugin.interface")
        stubs = {name: types.ModuleType(name) for name in names}
        stubs[names[-1]].MetadataHookInterface = object
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, stubs):
        spec.loader.exec_module(module)
    return module


def targets(markdown: str) -> list[str]:
    return re.findall(r"\]\(\s*<?([^)\s>]+)", without_code(markdown))


@pytest.mark.parametrize("page", READMES)
def test_no_link_of_the_long_description_is_relative(hook, page):
    text = text_of(page)
    there = targets(text)
    assert len(there) > 8
    bare, full = hook.long_description(text, ""), hook.long_description(text, URL)
    assert targets(bare) == [], "without an address all go"
    assert "![" not in bare
    found = targets(full)
    assert len(found) == len(there), "with one all stay"
    for before, after in zip(there, found, strict=True):
        kind = "raw" if before.endswith(".png") else "blob"
        assert after == f"{URL}/{kind}/main/{before}"
        assert (ROOT / before.partition("#")[0]).exists(), before
    for made in (bare, full):
        assert [line for line in made.splitlines() if line.startswith("    ")] == [
            line for line in text.splitlines() if line.startswith("    ")
        ], "code is left alone"
        assert not re.search(r"\[\]|\(\)\s*$", made)


REWRITTEN = {
    "a plain link": ("see [how](docs/a.md).", "see how.", f"see [how]({URL}/blob/main/docs/a.md)."),
    "a link to a place": ("[how](docs/a.md#b)", "", f"[how]({URL}/blob/main/docs/a.md#b)"),
    "a dot": ("x [how](./docs/a.md)", "x how", f"x [how]({URL}/blob/main/docs/a.md)"),
    "a title": ('x [how](a.md "A title")', "x how", f'x [how]({URL}/blob/main/a.md "A title")'),
    "a picture": ("x ![alt, with commas](docs/a.png)", "x", f"x ![alt, with commas]({URL}/raw/main/docs/a.png)"),
    "a picture in a link": ("x [![alt](a.png)](b.md) y", "x  y",
    f"x [![alt]({URL}/raw/main/a.png)]({URL}/blob/main/b.md) y"),
    "two in a line": ("a [b](c.md) d [e](f.md)", "a b d e", f"a [b]({URL}/blob/main/c.md) d [e]({URL}/blob/main/f.md)"),
    "code in the words": ("use [`fit`](a.md)", "use `fit`", f"use [`fit`]({URL}/blob/main/a.md)"),
    "an absolute link": ("x [p](https://example.org/p)", "x [p](https://example.org/p)", "x [p](https://example.org/p)"),
    "a mail": ("x [p](mailto:a@example.org)",) + ("x [p](mailto:a@example.org)",) * 2,
    "a place here": ("x [p](#p)",) + ("x [p](#p)",) * 2,
    "code with brackets": ("x `r[0](a.md)` y",) + ("x `r[0](a.md)` y",) * 2,
    "fenced code": ("```python\nr[k](a.md)\n```",) + ("```python\nr[k](a.md)\n```",) * 2,
    "a line of links alone": (
        "a\n\n[b](c.md) · [d](e.md)\n\nf", "a\n\nf", f"a\n\n[b]({URL}/blob/main/c.md) · [d]({URL}/blob/main/e.md)\n\nf",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "bare", "full"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_each_kind_of_link(hook, text, bare, full):
    assert hook.long_description(text, "") == bare + "\n"
    assert hook.long_description(text, URL) == full + "\n"
    assert hook.long_description(text, URL + "/") == full + "\n"


@pytest.mark.parametrize(
    "text", ['<img src="docs/a.png">', '<a href="a.md">x</a>', "[x]: docs/a.md", '<p><img alt="" src=a.png></p>']
)
def test_a_link_that_is_not_rewritten_stops_the_build(hook, text):
    for url in ("", URL):
        with pytest.raises(ValueError, match=r"README\.md"):
            hook.long_description(f"# a\n\n{text}\n", url)


@pytest.mark.parametrize("url", ["stepahead", "github.com/owner/x", "file:///tmp", "https://", "https:///x"])
def test_an_address_that_is_none_stops_the_build(hook, url):
    with pytest.raises(ValueError, match="url="):
        hook.long_description("a", url)


def test_the_hook_takes_the_one_variable_of_pyproject(hook):
    config = tomllib.loads(text_of("pyproject.toml"))
    assert set(config["tool"]["hatch"]["metadata"]["hooks"]["custom"]) == {"url"}
    assert {"readme", "urls"} <= set(config["project"]["dynamic"])
    for url in ("", URL):
        there: dict = {}
        hook.CustomMetadataHook.update(types.SimpleNamespace(config={"url": url}, root=str(ROOT)), there)
        assert there["readme"]["text"] == hook.long_description(text_of("README.md"), url)
        assert there["urls"] == ({"Repository": url} if url else {})


def test_the_wheel_says_what_the_hook_made(hook, tmp_path):
    pytest.importorskip("hatchling", reason="the wheel is built with hatchling")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-q",
        "-w",
        tmp_path,
        ROOT,
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = Path(tmp_path).glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith("/METADATA")]
        described = packed.read(name).decode().split("\n\n", 1)[1]
    url = tomllib.loads(text_of("pyproject.toml"))["tool"]["hatch"]["metadata"]["hooks"]["custom"]["url"]
    assert described.strip() == hook.long_description(text_of("README.md"), url).strip()


# -- what stands beside the code ----------------------------------------------------------------------------------


def test_the_citation_names_this_version():
    yaml = pytest.importorskip("yaml")
    cited = yaml.safe_load(text_of("CITATION.cff"))
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    assert cited["version"] == sa.__version__
    assert cited["license"] == project["license"]
    assert set(cited["keywords"]) == set(project["keywords"])
    assert {"cff-version", "message", "title", "authors"} <= set(cited)


def test_the_workflow_names_every_system_and_python_that_is_claimed():
    yaml = pytest.importorskip("yaml")
    text = text_of(".github/workflows/tests.yml")
    assert "NOT RUN YET" in text
    matrix = yaml.safe_load(text)["jobs"]["tests"]["strategy"]["matrix"]
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    claimed = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert matrix["python"] == claimed == ["3.11", "3.12", "3.13", "3.14"]
    assert {system.split("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_every_issue_form_is_in_both_languages():
    yaml = pytest.importorskip("yaml")
    forms = [path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]
    assert len(forms) >= 3
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for path in forms:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        shown = [form["name"], form["description"]]
        for part in form["body"]:
            shown += [part["attributes"].get("label") or part["attributes"]["value"]]
        for said in shown:
            assert chinese.search(said), said
            assert re.search("[A-Za-z]{3}", said), said
        ids = [part["id"] for part in form["body"] if "id" in part]
        assert len(ids) == len(set(ids))


def test_a_hole_is_reported_without_an_address_of_ours():
    said = text_of("SECURITY.md").partition("## What a model file is")[0]
    assert "Report a vulnerability" in said
    assert not re.search(r"\S+@\S+|https?://", said)
