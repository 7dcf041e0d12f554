"""The recipes of docs/recipes.md: marked as what they are, the zero-shot ones run with a stand-in of the same call."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from benchmarks import theirs
from scipy.special import ndtri

import stepahead as sa

from ..data import ROOT, sine

PAGES = {"en": ROOT / "docs/recipes.md", "zh": ROOT / "docs/zh/recipes.md"}
MARKS = {"en": ("**Run**", "**Documented call**"), "zh": ("**已运行**", "**按文档**")}


def sections(language):
    """{heading: the text below it} of those that have code."""
    found = re.split(r"^## (.*)$", PAGES[language].read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {head: text for head, text in zip(found[::2], found[1::2], strict=True) if "```py" in text}


@pytest.mark.parametrize("language", PAGES)
def test_every_recipe_is_marked_as_what_it_is(language):
    run, documented = MARKS[language]
    found = sections(language)
    assert len(found) == 10
    marks = {head: text.strip().startswith(run) for head, text in found.items()}
    assert all(marks[head] or text.strip().startswith(documented) for head, text in found.items())
    assert [head for head, is_run in marks.items() if not is_run] == [
        h for h in found if "Chronos" in h or "TimesFM" in h
    ]


def test_both_pages_have_the_same_code():
    code = [
        re.findall(r"^```py\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE) for page in PAGES.values()
    ]
    assert code[0] == code[1]
    assert len(code[0]) == 8


def test_what_is_marked_as_run_is_run_with_the_versions_that_are_named():
    page, pinned = PAGES["en"].read_text("utf-8"), (ROOT / "constraints-theirs.txt").read_text("utf-8")
    jobs = [job.__name__ for job in theirs.JOBS]
    for head, text in sections("en").items():
        named = re.match(r"\s*\*\*Run\*\* with (\w+) (\d[\d.]*\d)", text)
        if named and "Run** (with every" not in text:
            assert named[1].lower() in jobs, head
            assert re.search(rf"^{named[1].lower()}=={re.escape(named[2])}$", pinned, re.MULTILINE), head
    source = (ROOT / "benchmarks/theirs.py").read_text("utf-8")
    for head in re.findall(r'recipe\("(.*?)"', source):
        assert f"\n## {head}\n" in page


class ChronosLike:
    """What its documentation says of `predict_quantiles`; it repeats the last value, give or take a spread."""

    def predict_quantiles(self, inputs, prediction_length=None, quantile_levels=(0.1, 0.5, 0.9)):
        assert isinstance(inputs, list)
        assert all(isinstance(one, torch.Tensor) and one.ndim == 1 for one in inputs)
        last = torch.stack([one[-1] for one in inputs])[:, None].expand(-1, prediction_length)
        spread = 0.3 * torch.tensor(ndtri(quantile_levels), dtype=torch.float32)
        return last[..., None] + spread, last + 0.01


class TimesFMLike:
    """What its documentation says of `forecast`: the mean, then the quantiles 0.1 to 0.9."""

    def forecast(self, horizon, inputs):
        assert all(isinstance(one, np.ndarray) and one.ndim == 1 for one in inputs)
        last = np.repeat(np.array([one[-1] for one in inputs])[:, None], horizon, axis=1)
        spread = np.append(0.0, 0.3 * ndtri(np.arange(1, 10) / 10))
        return last, last[..., None] + spread


STAND_INS = {
    "A zero-shot model: Chronos": {"pipeline": ChronosLike(), "torch": torch},
    "A zero-shot model: TimesFM": {"timesfm_model": TimesFMLike()},
}


@pytest.mark.parametrize("heading", STAND_INS)
def test_a_zero_shot_model_stands_beside_a_fitted_one(heading):
    long = sa.Series(sine(0, 1000), name="wave")
    model = theirs.recipe(heading, **STAND_INS[heading])["model"]
    result = sa.evaluate([model, sa.AR(24)], long, 12, 700, stride=24)
    own = result[model.name]
    np.testing.assert_allclose(own.predictions, result["Naive"].predictions, atol=1e-6)
    assert own.fits.kind == "given"
    assert own.start == result["AR(24)"].start == (700,)
    assert own.crps().shape == (12,)
    assert "quantiles) hold" in " ".join(result.table().split())
    assert not re.search(rf"{model.name}[^;]*: fitted once", " ".join(result.table().split()))
    y, low = own.actuals, own.predictions + 0.3 * ndtri(0.1)
    pinball = np.where(y >= low, 0.1 * (y - low), -0.9 * (y - low)).mean(axis=0)
    np.testing.assert_allclose(sa.diagnostics.pinball(own, 0.1), pinball, rtol=1e-4)
