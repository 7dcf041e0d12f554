"""The note from end to end: its figures on many seeds, the table and what it is said to mean."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from matplotlib.text import Text

import stepahead as sa
from stepahead import demo
from stepahead.lesson import numbers
from stepahead.report import fonts
from stepahead.text import cells

from .data import ROOT, sine


def test_demo_prints_the_table_says_what_it_means_and_draws(run, tmp_path):
    code, out, err = run("demo", "--out", tmp_path)
    assert code == 0, err
    for word in (
        "epoch 5, loss: 0.05",
        "Trust SSA(auto: 2) 1 to 64 steps ahead.",
        "the note's MLP(4)",
        "AR(64)",
        "AR(auto: ",
        "SSA(auto: 2)",
        "StateSpace(auto)",
        "last value",
        "recent average",
        "noise of this draw",
        "Note: the noise is 0.200 on average",
        "k=64",
    ):
        assert word in out
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    answer = [part for part in out.split("\n\n") if part.startswith("  ") and "SSA(auto: 2)" in part]
    assert len(answer) == 4, "and a note below"
    for part in answer[:3]:  # the head, the bars and the table
        assert "\n".join(f"    {line[2:]}".rstrip() for line in part.rstrip().splitlines()) in readme, part
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
    (row,) = (numbers_of(line) for line in table_of(out) if line.strip().startswith("the note's MLP(4)"))
    np.testing.assert_allclose(row[:4], rmse[[0, 3, 15, 63]], atol=5e-4)


def table_of(said: str) -> list[str]:
    """The rows under the head of the table."""
    return said.partition("k=64")[2].partition("\n  * ")[0].splitlines()[1:]


def numbers_of(line: str) -> list[float]:
    return [float(number) for number in re.findall(r"(?<= )\d\.\d{3}", line)]


@pytest.mark.usefixtures("told")
def test_the_demo_says_the_same_in_both_languages(run, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)  # as where matplotlib is not installed
    monkeypatch.setattr(demo, "_pages", lambda *_: iter(()))
    said = {}
    for language in ("en", "zh"):
        code, said[language], err = run("demo", "--lang", language, "--out", tmp_path / language)
        assert code == 0, err
        assert not list((tmp_path / language).glob("*.png"))
        assert "pip install matplotlib" in said[language]
    tables = [table_of(text) for text in said.values()]
    assert [numbers_of(line) for line in tables[0]] == [numbers_of(line) for line in tables[1]], "the same rows"
    assert len(tables[0]) == 9
    assert tables[0][-1].strip().startswith("noise of this draw")
    assert tables[1][-1].strip().startswith("这批数据的噪声")
    # Every number of the English sentences stands in the Chinese ones.
    for number in re.findall(r"\d\.\d{2,3}\b|\b6\d\d\b", said["en"].partition("At 64 steps")[2]):
        assert number in said["zh"], number
    for table in tables:
        ends = {cells(line[: list(re.finditer(r"\d\.\d{3}", line))[3].end()]) for line in table}
        assert len(ends) == 1, "the columns stand under each other"
    ours, _, rest = said["zh"].partition("注：")  # the library's own notes are not translated
    for line in (ours + rest.partition("\n\n")[2]).splitlines():
        assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", line.replace("pip install matplotlib", "")), line


def test_the_figures_speak_the_language_of_the_demo(tmp_path, monkeypatch):
    """Without a font for it they speak English; then one note says so."""
    series = sa.datasets.noisy_sine(seed=0)
    models = {demo.NET["zh"]: sa.MLP(4), "AR(4)": sa.AR(4), "AR(64)": sa.AR(64)}
    result = sa.evaluate(models | {"StateSpace(auto)": sa.StateSpace(cycles=1)}, series, 64, train=604)
    drawn: dict[str, list[str]] = {}
    monkeypatch.setattr(demo.figures, "save", lambda figure, path: drawn.setdefault(path.stem, words(figure)))

    def draw() -> str:
        drawn.clear()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert len(list(demo._draw(result, result[demo.NET["zh"]].model, series, tmp_path, "zh"))) == 6
        assert len(drawn) == 6
        return "".join(str(one.message) for one in caught)

    assert draw() == ""
    for name, texts in drawn.items():
        assert any(re.search("[\u4e00-\u9fff]", text) for text in texts), name
        assert not any(re.search(r"[a-z]{2,} [a-z]{2,}", text) for text in texts), name
    monkeypatch.setattr(fonts, "installed", lambda: {"DejaVu Sans"})
    assert draw().count("no font with Chinese letters") == 1
    assert not re.search("[\u4e00-\u9fff]", "".join(text for texts in drawn.values() for text in texts))


def words(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


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
        for name in (*models, *result.baselines):
            found.setdefault(name, []).append(result[name].rmse())  # what a model chose stands in its name there
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
