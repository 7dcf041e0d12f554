"""Figures show the numbers they are given, are legible at their size, and need matplotlib only when asked for."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import stepahead as sa
from stepahead.report import figures

from ..data import sine


def lines(figure: Figure) -> list[np.ndarray]:
    return [line.get_ydata() for line in figure.axes[0].get_lines()]


def test_what_is_drawn_is_what_was_measured():
    result = sa.evaluate([sa.AR(4), sa.AR(32)], sa.datasets.noisy_sine(seed=0), 64, train=604)
    figure = result.plot()
    assert isinstance(figure, Figure)
    drawn = lines(figure)
    for name, run in result.items():
        assert any(np.array_equal(line, run.rmse()) for line in drawn), name
    assert any(np.array_equal(line, np.full(64, 0.2)) for line in drawn), "the noise floor"
    texts = [text.get_text() for text in figure.axes[0].texts]
    marks = {str(found.claim) for found in result.trusted_horizon().values() if 0 < found.claim < 64}
    assert set(texts) == {*result, "noise floor", *marks}
    assert result.answer.partition("\n")[0] in figure.axes[0].get_title(loc="left").replace("\n", " ")
    single = result["AR(4)"].plot()
    assert np.array_equal(lines(single)[0], result["AR(4)"].rmse())


def test_every_text_is_legible_and_inside_the_picture(tmp_path):
    result = sa.evaluate(
        [sa.AR(4), sa.AR(32), sa.SSA(rank=2), sa.MLP(4)], sa.datasets.noisy_sine(seed=0), 64, train=604
    )
    x = sine(0)
    for figure in (
        result.plot(),
        figures.along(np.arange(1000), x, {"a line": (np.arange(1000), x)}, title="A title", known_until=604),
    ):
        figures.save(figure, tmp_path / "f.png")
        FigureCanvasAgg(figure).draw()
        width, height = figure.bbox.size
        axes = figure.axes[0]
        low, high = axes.get_xlim()
        ticks = [tick.label1 for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
        texts = [*axes.texts, axes.xaxis.label, axes.yaxis.label, *ticks]
        legend = axes.get_legend()
        texts += legend.get_texts() if legend else []
        for text in texts:
            assert text.get_fontsize() >= 8, text.get_text()
            box = Text.get_window_extent(text)  # of the words alone, without the line that leads to them
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= width + 1, text.get_text()
            assert box.y0 >= -1, text.get_text()
            assert box.y1 <= height + 1, text.get_text()


def test_names_at_the_ends_do_not_cover_each_other():
    steps = np.arange(1, 65)
    figure = figures.error_by_k(steps, {f"model {i}": np.full(64, 0.5 + 0.001 * i) for i in range(8)})
    FigureCanvasAgg(figure).draw()
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert min(one.y1, other.y1) - max(one.y0, other.y0) < 0.35 * one.height


def test_no_two_models_share_colour_and_dash():
    steps = np.arange(1, 9)
    figure = figures.error_by_k(steps, {str(i): np.full(8, float(i + 1)) for i in range(12)})
    styles = [(line.get_color(), str(line._dash_pattern)) for line in figure.axes[0].get_lines()]
    assert len(set(styles)) == 12


def test_a_name_is_text_not_mathematics(tmp_path):
    figure = figures.error_by_k(np.arange(1, 5), {"cost in $ and $x$ \\frac": np.ones(4)})
    figures.save(figure, tmp_path / "a.svg")
    assert "cost in $" in (tmp_path / "a.svg").read_text()


def test_the_same_figure_is_the_same_file(tmp_path):
    for name in ("a", "b"):
        for kind in (".png", ".svg"):
            figures.save(figures.along(np.arange(9.0), np.arange(9.0), title="t"), tmp_path / (name + kind))
    for kind in (".png", ".svg"):
        assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()
    with pytest.raises(sa.errors.ParameterError):
        figures.save(figures.along(np.arange(9.0), np.arange(9.0)), tmp_path / "a.jpg")


def test_without_matplotlib_the_install_line_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(sa.errors.MissingExtraError, match=r'pip install "stepahead\[plot\]"') as caught:
        sa.evaluate(sa.AR(2), sine(0, 200), 4).plot()
    assert isinstance(caught.value, ImportError)


def test_symbols_have_no_error_plot():
    with pytest.raises(sa.errors.InputError):
        sa.evaluate(sa.MarkovChain(), ["a", "b", "a"] * 30, 2).plot()


def test_names_at_the_ends_are_apart_and_near_where_they_belong():
    wanted = [0.19, 0.191, 0.2, 0.237, 0.5, 0.51, 0.7]
    places = figures._apart(wanted, 0.05, 0.0, 0.72)
    assert all(b - a >= 0.05 - 1e-12 for a, b in itertools.pairwise(places))
    assert places[-1] <= 0.72
    assert np.mean(places[:4]) == pytest.approx(np.mean(wanted[:4])), "a crowd settles about its middle"
    assert max(abs(p - w) for p, w in zip(places, wanted, strict=True)) < 0.1
    crowded = figures._apart([0.71] * 5, 0.05, 0.0, 0.72)
    assert crowded[-1] <= 0.72
    assert crowded[0] >= 0.0


def test_the_wall_of_a_short_window_is_the_published_one():
    limit = sa.datasets.noisy_sine(seed=0).limit
    for lags, wanted in ((2, [0.269, 0.483]), (4, [0.254, 0.480]), (64, [0.210, 0.229])):
        np.testing.assert_allclose(limit.window(lags, 64)[[15, 63]], wanted, atol=1e-3)


def test_a_part_below_zero_takes_away_in_the_picture():
    parts = {"noise": np.array([1.0, 1.0]), "fit": np.array([1.0, 2000.0]), "feedback": np.array([-0.5, 0.25])}
    figure = figures.bands_by_k(np.array([1, 2]), parts, title="Parts")
    assert figure.axes[0].get_lines()[-1].get_ydata().tolist() == [1.5, 2001.25]
    assert {text.get_text() for text in figure.axes[0].texts} == {"noise 1.000", "fit 2000", "feedback 0.250"}
