"""Tests of stepahead.models.frequencies: months against a count by hand, the clock, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.models.frequencies import Frequencies, has_months

DAYS = np.arange("2020-01-01", "2023-06-01", dtype="datetime64[D]")
TRAIN = 800


def sky(seed: int = 0) -> sa.Series:
    """Three symbols whose chances change with the month."""
    month = DAYS.astype("datetime64[M]").astype(int) % 12
    wet = 0.2 + 0.6 * (month < 5)
    draws = np.random.default_rng(seed).random(len(DAYS))
    return sa.Series(np.where(draws < wet, "rain", np.where(draws < wet + 0.1, "fog", "sun")), times=DAYS)


def test_the_shares_are_those_counted_by_hand():
    series, model = sky(), Frequencies().fit(sky()[:TRAIN])
    assert model.states_ == ("fog", "rain", "sun")
    for month in range(1, 13):
        seen = [series[t] for t in range(TRAIN) if int(str(DAYS[t])[5:7]) == month]
        for place, symbol in enumerate(model.states_):
            assert model.shares_[month - 1, place] == pytest.approx(seen.count(symbol) / len(seen), abs=1e-15)


def test_each_target_has_the_frequencies_of_its_own_month():
    series, model = sky(), Frequencies().fit(sky()[:TRAIN])
    state = model.encode(series)
    ahead, found = model.rollout(state, 40), model.predictive(state, 40)
    for origin in (0, 1, 300, TRAIN, len(series) - 40):
        for k in (1, 17, 40):
            month = int(str(DAYS[origin + k - 1])[5:7]) - 1
            np.testing.assert_array_equal(found.probabilities[origin, k - 1], model.shares_[month])
            assert ahead[origin, k - 1] == model.shares_[month].argmax()


def test_a_piece_goes_on_where_the_one_before_ended():
    series, model = sky(), Frequencies().fit(sky()[:TRAIN])
    whole = model.encode(series)[0]
    before = model.encode(series[:500])
    after = model.encode(series[500:], tuple(part[-1:] for part in before))
    np.testing.assert_array_equal(np.concatenate([before[0], after[0]]), whole)


def test_a_series_that_begins_elsewhere_has_the_months_of_its_own_dates():
    series, model = sky(), Frequencies().fit(sky()[:TRAIN])
    whole = model.encode(series)[0]
    np.testing.assert_array_equal(model.encode(series[182:])[0], whole[182:])
    np.testing.assert_array_equal(model.encode(sa.Series(series.symbols[182:]))[0], whole[:-182])
    late = sa.Series(series.symbols[182:], times=DAYS[182:], name="late")
    run = sa.evaluate(sa.MarkovChain(1), [sa.Series(series, name="early"), late], 5, train=0.7)["Frequencies"]
    for origin, part, ahead in zip(run.origins, run.part, run.predictions, strict=True):
        months = [int(str(DAYS[182 * part + origin + k])[5:7]) - 1 for k in range(5)]
        assert ahead.tolist() == run.model.shares_[months].argmax(axis=1).tolist()


def test_it_stands_in_the_table_where_the_months_are_full():
    table = sa.evaluate([sa.MarkovChain(1)], sky(), 5, train=TRAIN)
    assert list(table) == ["MarkovChain(1)", "MarkovChain(0)", "Frequencies"]
    assert table["Frequencies"].log_loss()[0] < table["MarkovChain(0)"].log_loss()[0], "the months say something"
    assert list(sa.evaluate([sa.MarkovChain(1)], sky(), 5, train=300)) == ["MarkovChain(1)", "MarkovChain(0)"]
    bare = sa.Series(sky().symbols)
    assert list(sa.evaluate([sa.MarkovChain(1)], bare, 5, train=TRAIN)) == ["MarkovChain(1)", "MarkovChain(0)"]


def test_it_reads_nothing_behind_the_origin_and_lives_in_a_file(tmp_path):
    series = sky()
    assert sa.audit(Frequencies(), series[:1000], 7, TRAIN).causal
    model = Frequencies().fit(series[:TRAIN])
    model.save(tmp_path / "f.safetensors")
    again = sa.load(tmp_path / "f.safetensors")
    assert again.states_ == model.states_
    assert again.rollout(again.encode(series), 9).tobytes() == model.rollout(model.encode(series), 9).tobytes()


@pytest.mark.parametrize(
    "series",
    [
        ["dry", "wet"] * 400,
        sa.Series(["dry", "wet"] * 183, times=np.arange("2020-01", "2050-07", dtype="datetime64[M]")),
        sa.Series(["dry", "wet"] * 100, times=DAYS[:200]),
        sa.Series([1.0, 2.0] * 400, times=DAYS[:800]),
    ],
    ids=["no times", "months", "too short", "numbers"],
)
def test_what_has_no_full_months_is_refused(series):
    with pytest.raises(sa.errors.StepaheadError):
        Frequencies().fit(series)
    assert not has_months(series if isinstance(series, sa.Series) else sa.Series(series))
