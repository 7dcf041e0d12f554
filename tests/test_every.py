"""`every=`: every spelling of a step is read as what it means, or refused by name."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead.every import Week, step_of

# One spelling a row: of pandas (new and old), of polars, of numpy and Python; the count and the unit by eye.
STEPS = {
    "15min": (15, "m"), "15T": (15, "m"), "90s": (90, "s"), "1S": (1, "s"), "250ms": (250, "ms"), "10L": (10, "ms"),
    "5us": (5, "us"), "7ns": (7, "ns"), "h": (1, "h"), "2H": (2, "h"), "D": (1, "D"), "1d": (1, "D"), "1 day": (1, "D"),
    "3 hours": (3, "h"), "W": (1, "W"), "2w": (2, "W"), "1M": (1, "M"), "1mo": (1, "M"), "MS": (1, "M"), "ME": (1, "M"),
    "1q": (3, "M"), "QE": (3, "M"), "QS-OCT": (3, "M"), "1y": (12, "M"), "YE": (12, "M"), "A-JUN": (12, "M"),
    "2Y": (24, "M"), "1d12h": (129_600, "s"), "1h30min": (5400, "s"),
}  # fmt: skip
OBJECTS = [
    (pd.Timedelta("15min"), (900, "s")), (dt.timedelta(hours=1), (3600, "s")), (np.timedelta64(3, "M"), (3, "M")),
    (np.timedelta64(1, "Y"), (12, "M")), (pd.Timedelta("1D"), (1, "D")), (pd.offsets.Hour(2), (2, "h")),
    (pd.offsets.MonthEnd(), (1, "M")), (pd.offsets.QuarterBegin(startingMonth=2), (3, "M")),
    (pd.DateOffset(months=1), (1, "M")), (2 * pd.DateOffset(months=3), (6, "M")),
    (pd.tseries.frequencies.to_offset("30min"), (30, "m")),
]  # fmt: skip


@pytest.mark.parametrize("text", STEPS)
def test_spellings_of_pandas_and_polars(text):
    found = step_of(text)
    assert (found.count, found.unit) == STEPS[text]


EDGES = {
    "start": ["MS", "QS-OCT", "YS", "AS-APR", "qs"],
    "end": ["ME", "QE", "YE-JUN"],
    "business start": ["BMS", "BQS", "BYS", "BAS"],
    "business end": ["BME", "BM", "BQE", "BQ", "BYE", "BY", "BA"],
    "": ["M", "1mo", "1MO", "1 Month", "MONTHS", "Quarter", "2 Years", "Q-JAN", "A-JUN", np.timedelta64(1, "M")],
}


@pytest.mark.parametrize("edge", EDGES)
def test_only_the_names_of_pandas_tell_the_first_or_last_day(edge):
    for given in EDGES[edge]:
        assert step_of(given).edge == edge
        assert step_of(given).typed


@pytest.mark.parametrize(("given", "expected"), OBJECTS, ids=[repr(given) for given, _ in OBJECTS])
def test_objects_of_libraries(given, expected):
    found = step_of(given)
    assert (found.count, found.unit) == expected


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("15m", ("15 minutes", '"15min"', "15 months", '"15mo"')),
        ("m", ("1 minute", '"1min"', "1 month", '"1mo"')),
        ("Ms", ("1 millisecond", '"1ms"', "1 month", '"1MS"')),
        ("2mS", ("2 milliseconds", '"2ms"', "2 months", '"2MS"')),
    ],
)
def test_an_ambiguous_spelling_is_refused_with_both_readings(text, readings):
    with pytest.raises(sa.errors.ParameterError) as caught:
        step_of(text)
    for reading in readings:
        assert reading in str(caught.value)
    for typed in vars(caught.value)["allowed"]:
        assert step_of(typed).count >= 1


@pytest.mark.parametrize(
    ("text", "says"),
    [("bh", "opening hours are found"), ("C", "busdaycalendar"), ("2B", "next day"), ("SME", "no even step"),
     ("0D", "15min"), ("x", "15min"), ("", "15min"), ("1M12h", "no fixed length"), ("W-ABC", "W-SUN"),
     ("QE-FOO", "QE-JAN"), ("B, 2024-02-30", "no date"), ("B, ?", "dates such as"), ("1D, 2024-01-01", "days off"),
     (3, "15min"), (None, "15min"), (dt.timedelta(0), "longer"), (np.timedelta64("NaT"), "15min"),
     (pd.offsets.CustomBusinessDay(2), "a week and its days off"), (pd.offsets.CustomBusinessHour(), "opening hours"),
     (pd.offsets.CustomBusinessMonthEnd(), "15min"), (pd.DateOffset(month=3), "15min")],
)  # fmt: skip
def test_what_is_no_step_is_refused_by_name(text, says):
    with pytest.raises(sa.errors.ParameterError, match="every") as caught:
        step_of(text)
    assert says in str(caught.value)


MON_FRI = (True,) * 5 + (False,) * 2
SUN_THU = (True,) * 4 + (False, False, True)


@pytest.mark.parametrize(
    ("given", "mask"),
    [("B", MON_FRI), ("Mon-Fri", MON_FRI), ("1111100", MON_FRI), ("monday to friday".replace(" to ", "-"), MON_FRI),
     ("Sun-Thu", SUN_THU), ("Sun Mon Tue Wed Thu", SUN_THU), ("1111001", SUN_THU),
     ("Mon, Wed, Fri", (True, False) * 3 + (False,)),
     (pd.offsets.BDay(), MON_FRI), (np.busdaycalendar("1111001"), SUN_THU),
     (pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu"), SUN_THU)],
)  # fmt: skip
def test_a_week_in_every_spelling(given, mask):
    found = step_of(given)
    assert found.unit == "B"
    assert found.week.mask == mask
    assert step_of(found.week.typed).week == found.week


def test_days_off_are_dates_or_places():
    found = step_of("B, 2024-12-26, 20241225").week
    assert found.holidays == ("2024-12-25", "2024-12-26")
    offset = pd.offsets.CustomBusinessDay(holidays=["2024-12-25"])
    assert step_of(offset).week == Week(MON_FRI, ("2024-12-25",))
    assert (str(Week(SUN_THU)), str(Week((True,) * 7))) == ("Sunday to Thursday", "every day")


def test_holidays_of_a_country_are_those_of_the_library():
    holidays = pytest.importorskip("holidays")
    found = step_of("B, US-CA").week
    expected = np.array(sorted(holidays.country_holidays("US", subdiv="CA", years=[2024, 2025])), dtype="M8[D]")
    assert (found.days_off(2024, 2025) == expected).all()
    assert step_of("B, NYSE").week.places == ("NYSE",)
    with pytest.raises(sa.errors.InputError, match="knows no 'ZZ'"):
        step_of("B, ZZ")


def test_without_the_library_a_country_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[calendar\]"):
        step_of("B, DE")
