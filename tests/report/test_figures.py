"""Lines along time and by number of steps: names at their ends, colours, the files that are written."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import stepahead as sa
from stepahead.report import figures, palette


def test_names_at_the_ends_do_not_cover_each_other():
    steps = np.arange(1, 65)
    figure = figures.error_by_k(steps, {f"model {i}": np.full(64, 0.5 + 0.001 * i) for i in range(8)})
    FigureCanvasAgg(figure).draw()
    found = [Text.get_window_extent(text) for text in figure.axes[0].texts]
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            assert min(one.y1, other.y1) - max(one.y0, other.y0) < 0.35 * one.height


def test_no_two_models_share_colour_and_dash():
    steps = np.arange(1, 9)
    figure = figures.error_by_k(steps, {str(i): np.full(8, float(i + 1)) for i in range(42)})
    styles = [(line.get_color(), str(line._dash_pattern)) for line in figure.axes[0].get_lines()]
    assert len(set(styles)) == 42
    assert len({palette.colour_and_dash(slot) for slot in range(1, 43)}) == 42


def test_the_same_figure_is_the_same_file(tmp_path):
    for name in ("a", "b"):
        for kind in (".png", ".svg"):
            figures.save(figures.along(np.arange(9.0), np.arange(9.0), title="t"), tmp_path / (name + kind))
    for kind in (".png", ".svg"):
        assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()
    with pytest.raises(sa.errors.ParameterError):
        figures.save(figures.along(np.arange(9.0), np.arange(9.0)), tmp_path / "a.jpg")


def test_the_wall_of_a_short_window_is_the_published_one():
    limit = sa.datasets.noisy_sine(seed=0).limit
    for lags, wanted in ((2, [0.269, 0.483]), (4, [0.254, 0.480]), (64, [0.210, 0.229])):
        np.testing.assert_allclose(limit.window(lags, 64)[[15, 63]], wanted, atol=1e-3)


def test_a_part_below_zero_takes_away_in_the_picture():
    parts = {"noise": np.array([1.0, 1.0]), "fit": np.array([1.0, 2000.0]), "feedback": np.array([-0.5, 0.25])}
    figure = figures.bands_by_k(np.array([1, 2]), parts, title="Parts")
    assert figure.axes[0].get_lines()[-1].get_ydata().tolist() == [1.5, 2001.25]
    assert {text.get_text() for text in figure.axes[0].texts} == {"noise 1.000", "fit 2000", "feedback 0.250"}
