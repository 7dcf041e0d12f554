"""The states of symbols: from state to state, from one origin, and those that came."""

from __future__ import annotations

import base64
from collections import Counter

import numpy as np

import stepahead as sa

from ...data import EXAMPLES
from ...pages import data_of, page_of, unpacked


def weather(horizon=8, length=400):
    series = sa.read(EXAMPLES / "seattle_weather_daily.csv", "weather", "date")[:length]
    return sa.evaluate([sa.MarkovChain(1, smoothing=1.0), sa.MarkovChain(2, smoothing=1.0)], series, horizon)


def codes(text):
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8)


def test_states_are_drawn_as_the_chain_says():
    result = weather()
    head = result.answer.model
    text = page_of(result)
    found = data_of(text)["states"]
    series = result[head]._panel[0]
    assert [name[1:-1] for name in found["names"]] == list(series.categories)
    width, size = len(data_of(text)["slider"]), len(series.categories)
    chain = sa.MarkovChain(1, smoothing=1.0).fit(series[: result[head].start[0]])
    chain = result["MarkovChain(1)"].model if head == "MarkovChain(1)" else chain
    drawn = unpacked(found["matrix"]).reshape(width, size, size)
    for k in (1, 2, 8):
        by_hand = np.eye(size)
        for _ in range(k):
            by_hand = np.array(
                [[sum(row[i] * chain.transition_[i, j] for i in range(size)) for j in range(size)] for row in by_hand]
            )
        np.testing.assert_allclose(drawn[k - 1], by_hand, atol=2e-5)
    rows = len(found["origins"])
    came = codes(found["came"]).reshape(rows, width)
    likely = unpacked(found["likely"], "u1").reshape(rows, width, size)
    np.testing.assert_allclose(likely.sum(axis=-1), 1.0, atol=size / 254)
    for place in (0, rows // 2, rows - 1):
        origin = found["origins"][place]
        assert found["known"][place] == series.when(origin - 1)
        assert found["now"][place] == series.numbers[origin - 1]
        assert came[place].tolist() == series.numbers[origin : origin + width].tolist()
        # The log loss at an origin is that of the probability that is drawn for what came.
        own = result[head]._loss_columns("log")(slice(None))[place]
        np.testing.assert_allclose(likely[place][np.arange(width), came[place]], np.exp(-own), atol=0.003)
    assert ("the chain of order 1" in text) == (head != "MarkovChain(1)")
    line = found["timeline"]
    np.testing.assert_array_equal(codes(line["codes"]), series.numbers[line["places"]])


def test_rare_states_are_one():
    rng = np.random.default_rng(0)
    names = [f"s{i:02d}" for i in range(20)]
    series = [names[i] for i in rng.choice(20, 600, p=np.arange(1, 21) / 210)]
    result = sa.evaluate([sa.MarkovChain(1, smoothing=1.0)], series, 3)
    found = data_of(page_of(result))["states"]
    common = sorted(name for name, _ in Counter(series).most_common(12))
    assert [name[1:-1] for name in found["names"]] == [*common, "other"]
    width = 3
    matrix = unpacked(found["matrix"]).reshape(width, 13, 13)
    np.testing.assert_allclose(matrix.sum(axis=-1), 1.0, atol=1e-3)
    origin = found["origins"][0]
    wanted = [common.index(name) if name in common else 12 for name in series[origin : origin + 3]]
    assert codes(found["came"])[:3].tolist() == wanted
