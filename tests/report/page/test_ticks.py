"""Where an axis is labelled."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stepahead as sa
from stepahead.report.page import ticks


@pytest.mark.parametrize(
    ("start", "step", "count", "first", "most"),
    [
        ("2024-01-01T00:00", "15m", 500, "2024-01-01 00:00", 12),
        ("2024-01-01", "1D", 1461, "2024-01", 12),
        ("2024-01", "1M", 400, "2025", 12),
        ("1871", "1Y", 100, "1880", 12),
        ("2024-01-01T00:00:00.000", "20ms", 300, "2024-01-01 00:00:00", 12),
    ],
)
def test_dates_are_labelled_where_they_are_round(start, step, count, first, most):
    number, unit = re.fullmatch(r"(\d+)(\w+)", step).groups()
    times = np.datetime64(start) + np.arange(count) * np.timedelta64(int(number), unit)
    found = ticks.ticks(times, 0, count - 1)
    assert 3 <= len(found) <= most
    assert found[0][1].startswith(first[:4])
    for at, text in found:
        assert 0 <= at <= count - 1
        nearest = str(times[round(at)]).replace("T", " ")
        assert nearest.startswith(text[:7]) or unit == "W", (nearest, text)
    assert len({text for _, text in found}) == len(found)


def test_numbers_are_labelled_where_they_are_round():
    assert [text for _, text in ticks.ticks(np.arange(1700, 2009), 100, 308)][:3] == ["1800", "1820", "1840"]
    assert ticks.ticks(np.arange(1700, 2009), 100, 308)[0][0] == 100.0
    seconds = ticks.ticks(np.arange(1000) / 16000, 0, 999)
    assert [text for _, text in seconds][:3] == ["0", "0.01", "0.02"]
    assert seconds[1][0] == pytest.approx(160)
    assert ticks.ticks(None, 5, 5) == [(5.0, "5")]
    assert [text for _, text in ticks.ticks(None, 0, 4)] == ["0", "1", "2", "3", "4"]


def test_a_lone_or_odd_time_still_has_a_label():
    times = np.array(["2024-01-05T11:13:17", "2024-01-05T11:13:17.003"], dtype="datetime64[ms]")
    assert ticks.ticks(times, 0, 1)
    assert ticks.ticks(times, 1, 1)
    series = sa.Series(np.arange(3.0), times=np.datetime64("2024-01-05T10:00:00") + 3600 * np.arange(3))
    assert ticks.moment(series, 1) == "2024-01-05 11:00"
