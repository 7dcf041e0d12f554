"""The note, line by line: every heading, formula and picture has a row, and every row runs."""

from __future__ import annotations

import importlib.util
import re
import sys

import nbformat
import numpy as np
import pytest

from ..data import ROOT
from ..repository.test_lesson_notebooks import lesson

SCRIPT = ROOT / "docs" / "make_lesson.py"
_spec = importlib.util.spec_from_file_location("make_lesson", SCRIPT)


_note_spec = importlib.util.spec_from_file_location("make_note", ROOT / "docs" / "make_note.py")
note = importlib.util.module_from_spec(_note_spec)
sys.modules["make_note"] = note  # dataclasses look their module up
_note_spec.loader.exec_module(note)

SHARED = ROOT.parent / "shared" / "note.md"
HEADINGS = [
    "1.1 什么是序列模型？",
    "1.2 常见的统计方法",
    "1.2.1 自回归模型",
    "1.2.2 隐变量自回归模型",
    "1.2.3 马尔可夫模型",
    "1.2.4 因果关系",
    "1.3 总结",
    "1.3 代码实践",
    "1.3.1 原始数据",
    "1.3.2 转化",
    "1.3.3 基本数据处理",
    "1.3.4 模型架构",
    "1.3.4 预测",
    "单步预测",
    "多步预测",
    "K步预测",
    "为什么出现公式",
]
PICTURES = ["Picture", "Figure 1", "Figure 2", "Figure 3", "Figure 4", "Figure 5"]
FORMULAS = [
    "x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})",
    "h_t = f(h_{t-1}, x_{t-1}), x_t ~ P(x_t | h_t)",
    "P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)",
    "P(z_{t+1} | z_t)",
    "P(z_t | z_{t+1})",
    "x = sin(0.01 time) + N(0, 0.2^2)",
    "X_i = [x_i .. x_{i+tau-1}], Y_i = x_{i+tau}",
    "features[:, i] = x[i : T - tau + i]",
    "x[tau:]",
    "Linear(tau, 10) - ReLU - Linear(10, 1)",
    "reduction='none'",
    "epoch 1, loss: 0.0xxxxx",
    "time[tau + k - 1 : T - max_steps + k]",
]
EXAMPLES = ["tau = 5, x1..x10", "tau = 3, T = 6", "T = 6, tau = 2"]
SLIPS = ["Linear(2, 10)", "max_steps = 64", "Paddle", "d2l", "autograd", "training origins", "never prints"]
LANGUAGES = list(note.PAGES)


def test_the_list_is_that_of_the_note():
    if not SHARED.exists():
        pytest.skip("the note itself is not here (../shared/note.md); the list by name is what the rows are held to")
    text = SHARED.read_text()
    body, wrong = text.split("## What the note gets wrong")
    found = []
    for line in body.splitlines():
        chapter = re.match(r"## (\d\.\d [\u4e00-\u9fff？]+)", line)
        item = re.match(r"\s*\* \*\*((?:1\.\d\.\d )?[K\u4e00-\u9fff]+)", line)
        why = re.match(r"\s*\* \*\*Why [^(]*\(([\u4e00-\u9fff]+)\)", line)
        found += [match[1] for match in (chapter, item, why) if match]
    assert found == HEADINGS
    assert re.findall(r"\*\*(Picture|Figure \d)\*\*", body) == PICTURES
    assert sorted(re.findall(r"`([^`]+)`", body.replace("\n", " "))) == sorted(FORMULAS)
    assert len(re.findall(r"[Ww]orked example", body)) == len(EXAMPLES)
    for example in EXAMPLES:
        assert example in body
    bullets = re.findall(r"^\* (.*)", wrong, re.MULTILINE)
    assert len(bullets) == len(SLIPS)
    for slip, bullet in zip(SLIPS, bullets, strict=True):
        assert slip in bullet


def test_every_heading_picture_formula_and_example_has_a_row():
    named = [name for row in note.ROWS for name in row.names]
    in_order = [name for name in dict.fromkeys(named) if name in HEADINGS]
    assert in_order == HEADINGS, "each has a row, in the note's order"
    assert [name for name in dict.fromkeys(named) if name in PICTURES] == PICTURES
    assert {name for name in named if name not in HEADINGS + PICTURES} == {f"slip {i + 1}" for i in range(len(SLIPS))}
    for language in LANGUAGES:
        says = [getattr(row, language) for row in note.ROWS]
        for formula in FORMULAS:
            assert any(f"`{formula}`" in text for text in says), formula
        for example in EXAMPLES:
            word = {"en": "example", "zh": "例子"}[language]
            assert any(example in text.replace("，", ", ") and word in text for text in says), example
    for slip, row in zip(SLIPS, [row for row in note.ROWS if row.names[0].startswith("slip")], strict=True):
        assert slip in row.en


def test_every_row_says_both_languages_and_holds_something():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for row in note.ROWS:
        assert row.holds.strip()
        assert row.ours.strip()
        assert row.figure.strip()
        for english, other in ((row.en, row.zh), (row.equal_en, row.equal_zh)):
            assert not chinese.search(re.sub(r"《.*?》", "", english)), english
            assert chinese.search(other), other
            assert sorted(re.findall(r"`[^`]+`", english)) == sorted(re.findall(r"`[^`]+`", other)), (
                "the same code in both"
            )
            assert english.count("](") == other.count("](")


@pytest.fixture(scope="module")
def figures():
    return note.run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_runs_and_the_pages_say_what_it_gives(figures, language):
    fresh, kept = note.page(language, figures), note.PAGES[language].read_text()
    assert len(fresh.splitlines()) == len(kept.splitlines()), "python docs/make_note.py"
    for new, old in zip(fresh.splitlines(), kept.splitlines(), strict=True):
        assert not lesson.differs(new, old), f"python docs/make_note.py: {new[:120]}"
    for heading in HEADINGS:
        assert f"## {note.title(heading, language)}\n" in kept
        assert heading.split(" ")[-1] in note.title(heading, language), "the note's own title"
    assert len(re.findall(r"^\| (?!The note|笔记 \|)", kept, re.MULTILINE)) == len(note.ROWS)
    assert "latent-chain.svg" in kept
    assert "error-by-tau.png" in kept


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("1.3.3 基本数据处理", "sa.pairs(series, lags=tau)", "sa.pairs(series[1:], lags=tau)"),
        ("1.2.2 隐变量自回归模型", "0.3 * (x[t - 1]", "0.3 * (x[t - 2]"),
        ("1.2.3 马尔可夫模型", "chain.power(7)", "chain.power(8)"),
        ("1.3.4 模型架构", "training=None)", "training=sa.Training(epochs=1)).fit(series[:604])"),
    ],
)
def test_a_row_that_does_not_hold_fails(monkeypatch, name, old, new):
    def changed(row):
        values = {k: v.replace(old, new) if isinstance(v, str) else v for k, v in vars(row).items()}
        return note.Row(**values) if name in row.names else row

    rows = tuple(changed(row) for row in note.ROWS)
    assert rows != note.ROWS
    monkeypatch.setattr(note, "ROWS", rows)
    with pytest.raises(AssertionError, match=re.escape(name)):
        note.run()


def test_the_picture_of_the_error_against_tau_is_that_of_the_figures():
    taus, errors = note.errors_by_tau(seeds=3)
    assert taus == [2**i for i in range(8)]
    assert errors[:, 0].argmin() < errors[:, 1].argmin() == 7, "a short window for one step, the longest for 64"
    assert 0.2 < errors[4, 0] < 0.24
    assert errors[7, 1] < 0.26 < 0.45 < errors[2, 1]
    assert (ROOT / "docs/images/error-by-tau.png").read_bytes()[:4] == b"\x89PNG"


def test_the_latent_chain_has_its_arrows():
    text = (ROOT / "docs/images/latent-chain.svg").read_text()
    feeds, gives, goes_on = (text.count(f'stroke="{c}" d=') for c in ("#2f78e0", "#a33b00", "#1b8246"))
    assert (feeds, gives, goes_on) == (3, 3, 3)
    for i in (1, 2, 3):
        for letter in "hx":
            assert re.search(rf">{letter}<tspan[^>]*>{i}</tspan>", text)
    assert "小结" in text
    assert "summary" in text
    assert not re.search(r"https?://(?!www\.w3\.org)", text)


SOURCE = lesson.SOURCES["note"]
OWN = ["get_net", "train", "load_array", "evaluate_loss", "plot"]


@pytest.fixture(scope="module")
def ran():
    """The notebook of each language, out of one run in a fresh kernel."""
    cells = lesson.read(SOURCE)
    outputs, prose = lesson.run(cells)
    return {language: lesson.notebook(cells, outputs, prose, language) for language in lesson.LANGUAGES}


def test_the_notes_cells_run_and_their_asserts_hold(monkeypatch, capsys):
    """In this process; by night in a kernel of its own, as whoever opens the notebook runs them."""
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    space = {"__name__": "cells"}
    for cell in lesson.read(SOURCE):
        if cell.cell_type == "code":
            exec(cell.source, space)  # noqa: S102
    assert "Paddle's name in PyTorch: False" in capsys.readouterr().out
    monkeypatch.undo()
    space["plt"].close("all")


@pytest.mark.slow
@pytest.mark.parametrize("language", lesson.LANGUAGES)
def test_the_notebook_of_the_notes_cells_runs_and_is_the_one_kept(ran, language):
    kept = nbformat.read(lesson.path(SOURCE, language), as_version=4)
    assert lesson.changes(ran[language], kept) == []
    for cell in ran[language].cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error"
            assert output.get("name") != "stderr"
        assert not re.search(r"/(?:home|root|tmp|work|Users)/|https?://", cell.source)
    titles = "\n".join(cell.source for cell in kept.cells if cell.cell_type == "markdown")
    for heading in HEADINGS:
        number, _, words = heading.rpartition(" ")
        assert words in titles, heading
        assert number in titles


def test_the_notebook_has_the_notes_names_each_slip_and_an_assert_after_each_cell():
    code = [cell.source for cell in lesson.read(SOURCE) if cell.cell_type == "code"]
    everything = "\n".join(code)
    for name in OWN:
        assert f"def {name}(" in everything
    assert "train_iter = load_array(" in everything
    assert "import d2l" not in everything
    assert len(re.search(r"def plot\(.*?plt\.show\(\)", everything, re.DOTALL)[0].splitlines()) <= 13
    for marked in ("Linear(2, 10)", "except NameError", "clear_grad", "torch.no_grad()"):
        assert marked in everything
    ours = [text for text in code if "# ours" in text]
    assert len(ours) == 6, "one for each of the six cells"
    assert all("assert " in text for text in ours)
    for language in lesson.LANGUAGES:
        prose = "\n".join(cell.source for cell in lesson.read(SOURCE) if lesson.language(cell) == language)
        assert prose.count({"en": "ended", "zh": "已改"}[language]) >= 5
    own_net = next(text for text in code if text.startswith("own = sa.from_torch(net"))
    assert len(own_net.splitlines()) <= 15


def test_two_lines_from_pairs_to_a_loader():
    torch = pytest.importorskip("torch")
    import stepahead as sa

    lines = next(row.ours for row in note.ROWS if "DataLoader" in row.ours).splitlines()
    assert len(lines) == 2
    series = sa.datasets.noisy_sine(seed=0)
    space = {"torch": torch, "sa": sa, "series": series, "tau": 4}
    exec("\n".join(lines), space)  # noqa: S102
    X, y = zip(*space["loader"], strict=True)
    inputs, labels = torch.cat(X).double().numpy(), torch.cat(y).double().numpy()
    assert inputs.shape == (600, 4)
    order = np.argsort(labels)
    x = series.values
    wanted = np.argsort(np.float32(x[4:604]))
    np.testing.assert_array_equal(
        inputs[order], np.float32(np.lib.stride_tricks.sliding_window_view(x[:603], 4))[wanted]
    )
