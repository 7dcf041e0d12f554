"""What is built and shown by an index: the wheel, its description, the workflow and the forms of issues."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path
from unittest import mock

import pytest

import stepahead as sa

from ..data import ROOT

READMES = ("README.md", "README.zh-CN.md")
URL = "https://example.org/owner/stepahead"


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$|^ {4}.*?$", "", text, flags=re.DOTALL | re.MULTILINE)


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
