"""What a forecast is to numpy, to a reader, in a notebook and in a frame."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import stepahead as sa

DAYS = np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]")
LINE = np.arange(1.0, 21.0)


def line(**how):
    """The drift of 1, 2, .., 20 goes on as 21, 22, ..: its errors are 0, and so is the width of its intervals."""
    series = sa.Series(LINE, **how)
    return sa.baselines.Drift().fit(series), series


def test_to_numpy_it_is_an_array():
    found = sa.forecast(*line(), 3)
    assert np.asarray(found).tolist() == found.values.tolist() == list(found) == [21.0, 22.0, 23.0]
    assert (np.asarray(found).dtype, len(found), found[1], found[-2:].tolist()) == (np.float64, 3, 22.0, [22.0, 23.0])
    assert (np.array([1.0, 1.0, 1.0]) + found).tolist() == [22.0, 23.0, 24.0]
    assert np.asarray(found, dtype=np.float32).dtype == np.float32
    copied = np.array(found)
    copied[0] = 0.0
    assert found[0] == 21.0
    assert (found.low, found.high, found.level, found.times, found.notes) == (None, None, None, None, ())


def test_it_does_not_change():
    found = sa.forecast(*line(), 3, level=0.5)
    for array in (found.values, found.low, found.high, np.asarray(found)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.values = LINE


def test_symbols_come_back_as_symbols():
    series = sa.Series(list("abab" * 5), name="letters")
    found = sa.forecast(sa.MarkovChain(1).fit(series), series, 3)
    assert (np.asarray(found).dtype, list(found)) == (object, ["a", "b", "a"])
    assert repr(found).splitlines() == [
        "MarkovChain(1): 3 steps ahead of 'letters'",
        "step  value",
        *("1         a", "2         b", "3         a"),
    ]
    assert found.to_frame()["value"].tolist() == ["a", "b", "a"]


def test_its_text_has_the_time_and_the_ends():
    found = sa.forecast(*line(times=DAYS, name="line"), 2, level=0.5)
    assert repr(found).splitlines() == [
        "Drift: 2 steps ahead of 'line', with intervals meant to hold 50 % of what comes",
        "time        value   low  high",
        "2024-01-21   21.0  21.0  21.0",
        "2024-01-22   22.0  22.0  22.0",
    ]
    page = found._repr_html_()
    assert page.count("<tr>") == 3
    assert "2024-01-22" in page


def test_a_long_one_shows_both_ends():
    lines = repr(sa.forecast(*line(), 1000)).splitlines()
    assert len(lines) == 2 + 25
    assert [text.split()[0] for text in lines[12:16]] == ["11", "12", "...", "989"]
    assert lines[-1].split()[0] == "1000"


def test_a_name_cannot_write_on_the_terminal_or_into_the_page():
    found = sa.forecast(*line(name="<b>\x1b[31m"), 1)
    assert "\x1b" not in repr(found)
    assert "<b>" not in found._repr_html_()


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_frame_is_of_the_kind_that_came(kind):
    frames = pytest.importorskip(kind)
    frame = frames.DataFrame({"day": DAYS.astype("datetime64[ms]"), "y": LINE})
    series = sa.read(frame, value="y", time="day")
    found = sa.forecast(sa.baselines.Drift().fit(series), series, 2, level=0.5).to_frame()
    assert type(found).__module__.split(".")[0] == kind
    assert list(found.columns) == ["k", "time", "value", "low", "high"]
    assert (
        np.array(found["time"]).astype("datetime64[D]").tolist()
        == np.array(["2024-01-21", "2024-01-22"], "datetime64[D]").tolist()
    )


def test_a_frame_without_times_and_ends_has_neither():
    found = sa.forecast(*line(), 2).to_frame()
    assert list(found.columns) == ["k", "value"]
    assert list(found["k"]) == [1, 2]
