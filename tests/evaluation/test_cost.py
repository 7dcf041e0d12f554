"""What slow calls will take, from the quicker of the first two; a clock of our own is read."""

from __future__ import annotations

import pytest

import stepahead as sa
from stepahead.evaluation import cost


def told(monkeypatch, model, rows, ends):
    """What is told of a model at some (rows done, time)."""
    now, found = [0.0], []
    monkeypatch.setattr(cost, "clock", lambda: now[0])
    monkeypatch.setattr(cost, "note", found.append)
    one = cost.Cost(model, rows)
    for done, time in ends:
        now[0] = time
        one.done(done)
    return found


SLOW = sa.from_function(lambda w, h: w, 3, batch=64, name="slow")


@pytest.mark.parametrize(
    ("rows", "ends", "text"),
    [
        (640, [(64, 30.0), (128, 40.0)], "slow: 640 rows, about 10 s a call of 64, 100 s in all"),
        (640, [(64, 30.0), (128, 40.0), (192, 90.0)], "slow: 640 rows, about 10 s a call of 64, 100 s in all"),
        (6400, [(64, 6.4), (128, 51.2)], "slow: 6,400 rows, about 6.4 s a call of 64, 11 min in all"),
        (640_000, [(64, 6.4), (128, 12.8)], "slow: 640,000 rows, about 6.4 s a call of 64, 18 h in all"),
        (640, [(64, 3.0), (128, 4.0)], None),
        (64, [(64, 300.0)], None),
    ],
)
def test_it_is_told_once_where_it_is_long(rows, ends, text, monkeypatch):
    found = told(monkeypatch, SLOW, rows, ends)
    assert found == ([] if text is None else [f"{text}; stride= scores fewer origins"])


def test_of_a_model_that_is_not_asked_in_calls_nothing_is_timed(monkeypatch):
    assert told(monkeypatch, sa.AR(3), 640, [(64, 300.0), (128, 600.0)]) == []
