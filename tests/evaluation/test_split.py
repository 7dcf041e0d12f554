"""How a split of the error shows itself."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import stepahead as sa
from stepahead.report import figures


def test_a_split_shows_itself(tmp_path):
    found = sa.diagnostics.split_error(sa.AR(4), sa.datasets.noisy_sine, 24, train=604, seeds=(0, 1))
    assert found.steps.tolist() == [1, 2, 4, 8, 16, 24]
    frame = found.to_frame()
    assert list(frame.columns) == ["k", "noise", "window", "fit", "feedback", "mse"]
    np.testing.assert_allclose(found.share("noise"), 0.04 / found.mse())
    with pytest.raises(sa.errors.ParameterError, match="noise"):
        found.share("luck")
    assert "(variance)" in found.table()
    assert "<table>" in found._repr_html_()
    assert repr(found.typical()).startswith("Squared error of AR(4)")
    figure = found.plot()
    figures.save(figure, tmp_path / "split.png")
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    top = [line.get_ydata() for line in axes.get_lines()]
    np.testing.assert_allclose(top[-1], found.mse())
    np.testing.assert_allclose(top[1], found.parts["noise"] + found.parts["window"])
    assert [text.get_text().rsplit(" ", 1)[0] for text in axes.texts] == list(found.parts)
    width, height = figure.bbox.size
    for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label):
        box = Text.get_window_extent(text)
        assert text.get_fontsize() >= 8
        assert min(box.x0, box.y0) >= -1
        assert box.x1 <= width + 1
        assert box.y1 <= height + 1
