"""What the pages say runs: every Python block, every command line, every table."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pytest

import stepahead as sa
from stepahead import storage
from stepahead.cli import main

from .data import ROOT

PAGES = [
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md")),
]


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)])
def test_python_blocks_run(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    known = dict(storage._registry)
    space: dict = {"__name__": "page"}
    for block in blocks(page):
        exec(compile(block, page, "exec"), space)  # noqa: S102
    storage._registry.clear()
    storage._registry.update(known)
    if "Halfway" in space:
        x = np.random.default_rng(0).normal(size=120)
        assert sa.audit(space["Halfway"](), x, horizon=4).causal
        np.testing.assert_allclose(space["Halfway"]().fit([0.0, 2.0]).forecast([5.0], 2), [1 + 4 * 0.5, 1 + 4 * 0.25])


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_command_lines_of_the_readme_run(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    typed = re.findall(r"^    \.venv/bin/stepahead (.*)$", (ROOT / page).read_text(), re.MULTILINE)
    assert typed
    for line in typed:
        assert main(shlex.split(line), leave=int) == 0
    assert "AR(auto)" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_table_of_the_readme_is_the_one_that_is_printed(page):
    from stepahead.demo import HORIZON, TRAIN, models

    series = sa.datasets.noisy_sine(seed=0)
    rows = re.findall(
        r"^    (the note's MLP\(4\)|AR\(\w+\)|\w+\(auto\)|Mean|Naive) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$",
        (ROOT / page).read_text(),
        re.MULTILINE,
    )
    assert len(rows) == 8
    result = sa.evaluate(models(0), series, HORIZON, train=TRAIN, steps=[1, 4, 16, 64])
    for name, *cells in rows:
        np.testing.assert_allclose([float(c) for c in cells], result[name].rmse(), atol=6e-4, err_msg=name)


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / page).read_text()):
            assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"


def test_the_makefile_says_what_it_makes():
    text = (ROOT / "Makefile").read_text()
    for target in ("help", "demo", "test", "check", "nightly", "bench", "docs"):
        assert re.search(rf"^{target}:.*## ", text, re.MULTILINE), target
    assert (ROOT / "constraints.txt").read_text().splitlines()[1] == "torch==2.13.0"
