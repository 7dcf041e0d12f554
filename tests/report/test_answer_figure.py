"""The figure of an answer shows what was measured, is legible at its size, and needs matplotlib only when asked for."""

from __future__ import annotations

import dataclasses
import itertools
import re
import sys
import unicodedata
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import stepahead as sa
from stepahead.report import answer_figure, figures, fonts, palette
from stepahead.report.picture import Picture

from ..data import sine

WIDE = re.compile("[\u2e80-\uffef]")


@pytest.fixture(scope="module")
def temperature():
    return sa.evaluate([sa.AR(4), sa.AR(24)], sa.datasets.seattle_temperature(), 16)


@pytest.fixture(scope="module")
def waves():
    models = {"AR(4)": sa.AR(4), "AR(32)": sa.AR(32), "SSA": sa.SSA(rank=2), "Ä长名": sa.AR(8), "net": sa.MLP(4)}
    return sa.evaluate(models, sa.datasets.noisy_sine(seed=0), 64, train=604)


FIGURES: dict[tuple, Figure] = {}


def plotted(result, language="en") -> Figure:
    """The figure of a result, made once and without a warning; nobody here changes it."""
    key = id(result), language
    if key not in FIGURES:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            FIGURES[key] = result.plot(language=language)
    return FIGURES[key]


def lines(axes) -> list[np.ndarray]:
    return [np.asarray(line.get_ydata(), dtype=float) for line in axes.get_lines()]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def said(figure: Figure) -> str:
    """What stands over the chart, put together again."""
    return " ".join(text.get_text() for text in figure.texts)


def drawn_width(text: Text) -> float:
    return Text.get_window_extent(text).x1


def test_what_is_drawn_is_what_was_measured(temperature):
    figure = plotted(temperature)
    chart, below = figure.axes
    drawn = lines(chart)
    for name in ("AR(4)", "AR(24)"):
        assert any(np.array_equal(line, temperature[name].rmse()) for line in drawn), name
    best = np.min([temperature[name].rmse() for name in temperature.baselines], axis=0)
    edges = [line[1:-1] for line in drawn if len(line) == len(best) + 2]
    # The best baseline keeps its name, and its error, while no other is one in a hundred better in squares.
    assert any((line >= best).all() and (line**2 <= 1.01 * best**2 * (1 + 1e-12)).all() for line in edges)
    assert {"AR(4)", "AR(24)", "typical error (RMSE, °C)"} <= set(words(figure))
    assert "Use" in [text.get_text() for text in below.texts]


def test_the_title_is_the_answer_and_the_two_lines_stand_under_it(temperature, waves):
    for result, language in itertools.product((temperature, waves), ("en", "zh")):
        told = result.answer.told(language)
        space = " " if language == "en" else ""
        wanted = told.headline + space.join(filter(None, [told.second, told.third]))
        assert said(plotted(result, language)).replace(" ", "").startswith(wanted.replace(" ", ""))


def test_the_noise_is_drawn_where_it_is_known_and_named_in_the_language(waves):
    assert any(np.array_equal(line, np.full(64, 0.2)) for line in lines(plotted(waves).axes[0]))
    assert "noise floor" in words(plotted(waves))
    assert "噪声下限" in words(plotted(waves, "zh"))


def test_the_line_is_thick_where_the_gain_is_clear_and_only_there(temperature, waves):
    for result in (temperature, waves):
        chart = plotted(result).axes[0]
        thick = [line for line in chart.get_lines() if line.get_linewidth() > 3]
        assert {to_hex(line.get_color()) for line in thick} == {palette.MODELS[0]}
        covered = [k for k in result.steps if any(min(x) <= k <= max(x) for x in (line.get_xdata() for line in thick))]
        assert covered == result.steps[result.answer.shown[result.answer.model]].tolist()
        ends = sorted(end for line in thick for end in (min(line.get_xdata()), max(line.get_xdata())))
        halves = np.sqrt(result.steps[1:] * result.steps[:-1])  # half-way where each doubling takes as much room
        assert all(end < 1 or end > result.steps[-1] or np.isclose(end, halves, rtol=1e-9).any() for end in ends)


def boxes(axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def kind(box: Rectangle) -> str:
    return "hatched" if box.get_hatch() else to_hex(box.get_facecolor())


def test_the_strip_and_the_bars_say_what_the_answer_says_at_every_step(temperature, waves):
    for result in (temperature, waves):
        answer = result.answer
        below = plotted(result).axes[1]
        slots = palette.slots(result.answer.judgement)
        tall = max(box.get_height() for box in boxes(below))
        rows = sorted({round(box.get_y() + box.get_height() / 2, 6) for box in boxes(below)}, reverse=True)
        for place, k in enumerate(result.steps):
            here = [box for box in boxes(below) if box.get_x() < k < box.get_x() + box.get_width()]
            (used,) = (box for box in here if box.get_height() == tall)
            name = answer.use[place]
            if name in result.baselines:
                assert kind(used) == palette.LIGHT["rule"]
            else:
                colour = palette.MODELS[slots[name] - 1]
                assert to_hex(used.get_edgecolor() if used.get_hatch() else used.get_facecolor()) == colour
                assert bool(used.get_hatch()) != bool(answer.shown[name][place])
            for row, name in zip(rows[1:], drawn_models(result), strict=True):
                (*_, top) = (box for box in here if abs(box.get_y() + box.get_height() / 2 - row) < 1e-3)
                state = (
                    palette.MODELS[slots[name] - 1]
                    if answer.shown[name][place]
                    else "hatched"  # as in the strip above
                    if answer.saving[name][place] >= 0.01
                    else palette.LIGHT["faint"]
                )
                assert kind(top) == state, (name, k)


def drawn_models(result) -> list[str]:
    """The rows of the bars: all, or of more than four the first three."""
    names = list(palette.slots(result.answer.judgement))
    return names if len(names) <= 4 else names[:3]


def test_of_many_models_three_are_drawn(waves):
    found = plotted(waves)
    assert len(palette.slots(waves.answer.judgement)) == 5
    assert set(drawn_models(waves)) == set(palette.slots(waves.answer.judgement)) & set(words(found))
    assert "3 of 5 models" in said(found)


def test_one_map_of_colours_and_its_order(waves):
    slots = palette.slots(waves.answer.judgement)
    assert next(iter(slots)) == waves.answer.model
    mean = {name: np.mean(1.0 - waves.answer.saving[name]) for name in slots}
    others = list(slots)[1:]
    assert others == sorted(others, key=mean.get)
    assert list(slots.values()) == [1, 2, 3, 4, 5]
    chart = plotted(waves).axes[0]
    for name in drawn_models(waves):
        (line,) = (line for line in chart.get_lines() if np.array_equal(line.get_ydata(), waves[name].rmse()))
        assert to_hex(line.get_color()) == palette.MODELS[slots[name] - 1]
        (text,) = (text for text in chart.texts if text.get_text() == name)
        assert text.get_color() == palette.MODELS[slots[name] - 1]


def test_given_axes_get_the_chart_alone(temperature):
    figure = Figure(figsize=(8, 4))
    axes = figure.subplots(1, 2)
    assert temperature.plot(ax=axes[1]) is figure
    assert len(figure.axes) == 2
    assert not axes[0].lines
    assert any(np.array_equal(line, temperature["AR(4)"].rmse()) for line in lines(axes[1]))
    assert axes[1].get_xlabel() == "days ahead"
    assert not figure.texts


def test_one_result_is_drawn_beside_its_baselines_and_claims_nothing(temperature):
    one = temperature["AR(24)"]
    figure = one.plot()
    assert len(figure.axes) == 1
    assert any(np.array_equal(line, one.rmse()) for line in lines(figure.axes[0]))
    assert all(line.get_linewidth() < 3 for line in figure.axes[0].get_lines())
    assert said(figure).startswith("AR(24): error by number of steps ahead")
    assert said(one.plot(language="zh")).startswith("AR(24)：各步的误差")
    alone = sa.k_step(sa.AR(2).fit(sine(0, 200)), sine(0, 200), 4, train=150)
    assert any(np.array_equal(line, alone.rmse()) for line in lines(alone.plot().axes[0]))


def test_training_origins_and_models_without_a_baseline_have_no_answer_to_show(temperature):
    inside = temperature.training.plot()
    assert len(inside.axes) == 1
    assert said(inside).startswith("Error by number of steps ahead")
    for name, found in temperature.training.items():
        if name not in temperature.baselines:
            assert any(np.array_equal(line, found.rmse()) for line in lines(inside.axes[0]))


def test_symbols_are_drawn_by_their_log_loss():
    result = sa.evaluate(sa.MarkovChain(), list("sssrrs" * 40), 3)
    chart = result.plot().axes[0]
    assert chart.get_title(loc="left") == "log loss"
    (name,) = (name for name in result if name not in result.baselines)
    assert any(np.array_equal(line, result[name].log_loss()) for line in lines(chart))


@pytest.mark.parametrize("steps", [None, [1, 3, 7]])
def test_one_step_and_chosen_steps_have_a_figure_too(steps):
    for horizon in (1, 7):
        result = sa.evaluate(sa.AR(4), sine(0, 400), horizon, steps=steps if horizon == 7 else None)
        FigureCanvasAgg(result.plot()).draw()


def outside(figure: Figure) -> list[Text]:
    """Labels of ticks that lie beyond the ends of their axis, and are not drawn."""
    ticks = [
        (tick, axis) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()
    ]
    beyond = [
        tick
        for tick, axis in ticks
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    ]
    return [label for tick in beyond for label in (tick.label1, tick.label2)]


def test_every_text_is_legible_and_inside_the_picture(tmp_path, temperature, waves):
    x = sine(0)
    for figure in (
        *(plotted(result, language) for result in (temperature, waves) for language in ("en", "zh")),
        waves.plot(size=(5, 6)),
        figures.along(np.arange(1000), x, {"a line": (np.arange(1000), x)}, title="A title", known_until=604),
    ):
        figures.save(figure, tmp_path / "f.png")
        FigureCanvasAgg(figure).draw()
        width, height = figure.bbox.size
        for text in figure.findobj(Text):
            if not text.get_text() or text in outside(figure):
                continue
            box = Text.get_window_extent(text)  # of the words alone, without the line that leads to them
            assert text.get_fontsize() >= 8, text.get_text()
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= width + 1, text.get_text()
            assert box.y0 >= -1, text.get_text()
            assert box.y1 <= height + 1, text.get_text()


def test_a_long_name_loses_its_middle_and_keeps_its_room():
    long = "quarterly revenue of every shop in the eastern provinces, autoregression of the month calendar"
    result = sa.evaluate({long: sa.AR(4)}, sine(0, 400), 8)
    figure = result.plot()
    FigureCanvasAgg(figure).draw()
    for text in figure.findobj(Text):
        assert Text.get_window_extent(text).x1 <= figure.bbox.width + 1, text.get_text()
    assert any(text.startswith("quart") and "…" in text and text.endswith("endar") for text in words(figure))


def test_a_size_that_has_no_room_says_which_one_has(temperature):
    assert temperature.plot(size=(8, 6)).get_size_inches().tolist() == [8, 6]
    for size in ((3, 5), (7, 1.5)):
        with pytest.raises(sa.errors.ParameterError, match="inches at least"):
            temperature.plot(size=size)


def test_the_names_of_baselines_lie_in_the_area_and_on_no_line(temperature):
    figure = plotted(temperature)
    FigureCanvasAgg(figure).draw()
    chart = figure.axes[0]
    plain = {"recent average", "yearly curve", "last value"}
    named = [text for text in chart.texts if text.get_text() in plain]
    assert named
    for text in named:
        box = text.get_window_extent()
        for line in chart.get_lines():
            x, y = chart.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()])).T
            grid = np.linspace(box.x0, box.x1, 50)
            at = np.interp(grid, x, y)
            assert not ((at > box.y0) & (at < box.y1)).any(), text.get_text()


def test_chinese_is_drawn_with_the_letters_of_a_chinese_font_and_without_a_warning(tmp_path, temperature, waves):
    for result, kind in itertools.product((temperature, waves), (".png", ".svg")):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figures.save(plotted(result, "zh"), tmp_path / f"zh{kind}")
            figures.save(plotted(result), tmp_path / f"en{kind}")
    assert any(WIDE.search(text) for text in words(plotted(temperature, "zh")))
    assert not any(WIDE.search(text) for text in words(plotted(temperature)))


def test_the_settings_are_touched_only_for_wide_letters_and_only_while_it_is_drawn(temperature):
    before = list(mpl.rcParams["font.family"])
    english, chinese = temperature.plot(), temperature.plot(language="zh")
    assert list(mpl.rcParams["font.family"]) == before
    assert all(text.get_fontfamily() == before for text in english.texts)
    (added,) = set(chinese.texts[0].get_fontfamily()) - set(before)
    assert added in fonts.CHINESE
    assert chinese.texts[0].get_fontfamily()[: len(before)] == before, "Latin letters look the same in both"


def test_without_a_chinese_font_the_figure_is_english_with_one_note_and_no_box(monkeypatch, tmp_path, waves):
    monkeypatch.setattr(fonts, "installed", lambda: {"DejaVu Sans"})
    with pytest.warns(sa.errors.StepaheadWarning, match="no font with Chinese letters") as caught:
        figure = waves.plot(language="zh")
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.save(figure, tmp_path / "a.png")
        figures.save(waves.plot(), tmp_path / "b.png")
    assert said(figure) == said(plotted(waves))
    for text in words(figure):
        assert not any(unicodedata.east_asian_width(letter) in "WF" for letter in text), text


def test_a_letter_that_no_font_has_is_a_question_mark(tmp_path):
    result = sa.evaluate({"model \U0001fae8 \ue000": sa.AR(4)}, sine(0, 400), 8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.save(figure := result.plot(), tmp_path / "a.png")
        figures.save(
            figures.error_by_k(np.arange(1, 5), {"\U0001fae8": np.ones(4)}, title="\ue000"), tmp_path / "b.png"
        )
    assert "model ? ?" in words(figure)


def test_a_name_is_text_not_mathematics(tmp_path):
    figure = figures.error_by_k(np.arange(1, 5), {"cost in $ and $x$ \\frac": np.ones(4)})
    figures.save(figure, tmp_path / "a.svg")
    assert "cost in $ and $x$" in (tmp_path / "a.svg").read_text()
    result = sa.evaluate({"$x$": sa.AR(4)}, sine(0, 400), 8)
    assert all(not text.get_parse_math() for text in result.plot().findobj(Text) if "$" in text.get_text())


def test_an_svg_carries_its_letters_as_paths(tmp_path, temperature):
    figures.save(plotted(temperature, "zh"), tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    assert "<text" not in drawn
    assert "font-family" not in drawn


def test_without_matplotlib_the_install_line_is_named(monkeypatch):
    result = sa.evaluate(sa.AR(2), sine(0, 200), 4)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(sa.errors.MissingExtraError, match=r'pip install "stepahead\[plot\]"') as caught:
        result.plot()
    assert isinstance(caught.value, ImportError)


@pytest.mark.parametrize("layout", ["constrained_layout.use", "autolayout"])
def test_a_layout_that_is_set_for_all_figures_moves_nothing(temperature, layout):
    def places(figure):
        FigureCanvasAgg(figure).draw()
        return [axes.get_position().bounds for axes in figure.axes]

    wanted = places(temperature.plot())
    with mpl.rc_context({f"figure.{layout}": True}), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert places(temperature.plot()) == wanted


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_strip_that_changes_at_every_step_is_one_part_that_says_so(waves, language):
    answer = waves.answer
    places = np.arange(len(answer.steps))
    flips = dataclasses.replace(answer.judgement)
    flips.__dict__["use"] = np.where(places < 40, answer.judgement.head, places % 2 + len(answer.judgement.models))
    picture = Picture(waves, language)
    picture.answer = flips
    with fonts.fonts(picture.texts()):
        figure = answer_figure.Drawing(picture).whole(Figure, None)
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert texts.count({"en": "changes", "zh": "逐步不同"}[language]) == 1
