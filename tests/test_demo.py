"""The note from end to end: its figures on many seeds, the table and what it is said to mean."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stepahead as sa
from stepahead import demo
from stepahead.lesson import numbers

from .data import sine


def test_demo_prints_the_table_says_what_it_means_and_draws(run, tmp_path):
    code, out, err = run("demo", "--out", tmp_path)
    assert code == 0, err
    for word in (
        "epoch 5, loss: 0.05",
        "the note's MLP(4)",
        "AR(64)",
        "AR(auto)",
        "SSA(auto)",
        "StateSpace(auto)",
        "Mean",
        "Naive",
        "noise of this draw",
        "note: the noise is 0.200 on average",
        "k=64",
    ):
        assert word in out
    assert "worse than repeating the last value" in out
    assert "finds a wave of period 634 and misses by 0.19" in out
    for name in ("figure1-data", "figure3-one-step", "figure4-multi-step", "figure5-k-steps", "error-by-k", "why"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (tmp_path / f"{name}.svg").read_bytes()[:1000]
    for name in ("lesson-en.html", "lesson-zh.html", "report-en.html", "report-zh.html"):
        assert name in out
        assert (tmp_path / name).read_bytes().lower().startswith(b"<!doctype html>")
    net = sa.MLP(4, seed=0).fit(sine(0)[:604])
    for line in net.log().splitlines():
        assert line in out
    rmse = sa.k_step(net, sine(0), 64).rmse()
    row = next(line for line in out.splitlines() if line.startswith("the note's MLP(4)"))
    np.testing.assert_allclose([float(v) for v in row.split()[-5:-1]], rmse[[0, 3, 15, 63]], atol=5e-4)


@pytest.mark.usefixtures("told")
def test_the_demo_says_the_same_in_both_languages(run, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)  # as where matplotlib is not installed
    monkeypatch.setattr(demo, "_pages", lambda *_: iter(()))
    made: list[sa.results.Comparison] = []  # once for both
    evaluate = demo.evaluate
    monkeypatch.setattr(
        demo, "evaluate", lambda *given, **how: (made or made.append(evaluate(*given, **how)) or made)[0]
    )
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


def test_the_demo_writes_both_pages_in_both_languages_and_names_them_in_the_one_asked_for(run, tmp_path):
    from stepahead.demo import _pages

    found = list(_pages(numbers.first_draw(), tmp_path, "zh"))
    assert [path.name for _, path in found] == ["lesson-zh.html", "report-zh.html", "lesson-en.html", "report-en.html"]
    for what, path in found:
        assert f'<html lang="{path.stem[-2:]}' in path.read_text(encoding="utf-8")
        assert re.search("[\u4e00-\u9fff]", what)
    code, _, err = run("demo", "--lang", "fr", "--out", tmp_path / "never")
    assert code == 2
    assert "--lang" in err
    assert not (tmp_path / "never").exists()


STEPS = [1, 4, 16, 64]


def twenty(seeds) -> dict[str, np.ndarray]:
    """RMSE at k = 1, 4, 16, 64 by model, [seeds, 4], on the origins 604 .. 936."""
    found: dict[str, list] = {}
    for seed in seeds:
        x = sine(seed)
        models = {
            "MLP(4)": sa.MLP(4, seed=seed),
            "AR(4)": sa.AR(4),
            "AR(64)": sa.AR(64),
            "AR(128)": sa.AR(128),
            "AR(auto)": sa.AR("auto"),
            "SSA(2, 128)": sa.SSA(rank=2, window=128),
        }
        result = sa.evaluate(models, x, 64, train=604, steps=STEPS)
        assert (result["AR(4)"].origins[0], result["AR(4)"].origins[-1]) == (604, 936)
        for name, run in result.items():
            found.setdefault(name, []).append(run.rmse())
        noise = x - np.sin(0.01 * np.arange(1, 1001))
        oracle = [np.sqrt(np.mean(noise[604 + k - 1 : 936 + k] ** 2)) for k in STEPS]
        found.setdefault("oracle", []).append(oracle)
    return {name: np.array(rows) for name, rows in found.items()}


def check(found: dict[str, np.ndarray], slack: float) -> None:
    mean = {name: rows.mean(axis=0) for name, rows in found.items()}
    assert 0.22 - slack <= mean["MLP(4)"][0] <= 0.24 + slack
    assert 0.49 - slack <= mean["AR(4)"][3] <= 0.53 + slack
    assert 0.235 - slack <= mean["AR(64)"][3] <= 0.275 + slack
    assert 0.21 - slack <= mean["AR(128)"][3] <= 0.245 + slack
    assert mean["AR(auto)"][3] <= 0.30 + slack
    assert (mean["SSA(2, 128)"] <= (1.07 + slack) * mean["oracle"]).all()
    for name, rows in found.items():
        assert (rows.mean(axis=0) >= mean["oracle"] - 0.005 - slack).all(), f"{name} is under the noise: a leak"


def test_the_note_on_three_seeds():
    found = twenty(range(3))
    check(found, slack=0.02)
    assert found["MLP(4)"][:, 3].min() > 0.45


@pytest.mark.slow
def test_the_note_on_twenty_seeds():
    found = twenty(range(20))
    check(found, slack=0.0)
    assert 0.55 <= np.median(found["MLP(4)"][:, 3]) <= 0.80
