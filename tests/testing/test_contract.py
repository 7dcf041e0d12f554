"""The public check of the contract: every promise can be broken, and the message says which one."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import stepahead as sa
from stepahead import known_ahead, testing, walk
from stepahead.testing.contract import COLUMN_PROMISES

from .. import column_zoo
from ..data import sine
from ..strangers import Steady, Stranger


def test_the_contract_of_a_model_that_keeps_it():
    assert testing.check_forecaster(Steady()).left_out == {}


def test_a_list_is_one_fit_and_gives_back_the_model():
    class Forgets(Steady):
        def fit(self, series):
            super().fit(series)
            return None if isinstance(series, list) else self

    with pytest.raises(testing.ContractError, match="fit on a list must return the model itself") as caught:
        testing.check_forecaster(Forgets())
    assert caught.value.promise == "many series"


def test_every_piece_has_a_row_for_each_of_its_values():
    class Loses(Steady):
        def encode(self, values, after=None):
            (found,) = super().encode(values, after)
            return (found[1:] if after is not None and len(values) == 1 else found,)

    with pytest.raises(testing.ContractError, match="of a piece of 1 values encode gave 0 rows") as caught:
        testing.check_forecaster(Loses())
    assert caught.value.promise == "pieces"


def test_a_series_too_short_for_two_pieces_is_not_asked_of():
    class Long(Steady):
        lags = 100

    report = testing.check_forecaster(Long())
    assert report.left_out == {"pieces": "the series is too short for two pieces"}


def test_a_fit_that_fails_is_the_first_broken_promise():
    class Fails(Steady):
        def fit(self, series):
            raise RuntimeError("no")

    with pytest.raises(testing.ContractError, match="it raised RuntimeError: no") as caught:
        testing.check_forecaster(Fails())
    assert caught.value.promise == "fit"


Y = sine(0, 200)


def declining(state, horizon):
    ahead = np.repeat(state[0], horizon, axis=1).copy()
    ahead[ahead > 0] = np.nan
    return ahead


@pytest.mark.parametrize(
    ("model", "kind", "word"),
    [
        (Stranger(rollout=declining), sa.errors.FitError, "no finite forecast"),
        (Stranger(rollout=lambda s, h: s[0]), sa.errors.ParameterError, "[rows, horizon]"),
        (Stranger(rollout=lambda s, h: np.zeros(h)), sa.errors.ParameterError, "[rows, horizon]"),
        (Stranger(encode=lambda x: (x[:-1, None],)), sa.errors.ParameterError, "a row for each origin"),
        (Stranger(encode=lambda x: (np.append(x, 0.0)[:, None],)), sa.errors.ParameterError, "a row for each origin"),
        (Stranger(encode=lambda x: x[:, None]), sa.errors.ParameterError, "a row for each origin"),
    ],
    ids=[
        "declines the hard rows",
        "one step for all",
        "one row for all",
        "a row too few",
        "a row too many",
        "no tuple",
    ],
)
def test_the_contract_of_a_model_is_checked(model, kind, word):
    for call in (
        lambda: sa.evaluate({"m": model}, Y, 3),
        lambda: sa.forecast(model.fit(Y), Y, 3),
        lambda: sa.audit(model, Y),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert word in str(caught.value)


class Median:
    """A clean model that inherits nothing."""

    def __init__(self, lags=5):
        self.lags = lags

    def fit(self, series):
        self.context = self.lags
        return self

    def encode(self, values):
        return (np.lib.stride_tricks.sliding_window_view(sa.Series(values, missing="skip").numbers, self.lags).copy(),)

    def rollout(self, state, horizon):
        return np.repeat(np.median(state[0], axis=1)[:, None], horizon, axis=1)


class FitGivesNothing(Median):
    def fit(self, series):
        self.context = 5


class NoContext(Median):
    def fit(self, series):
        return self


class NegativeContext(Median):
    def fit(self, series):
        self.context = -1
        return self


class StateIsAList(Median):
    def encode(self, values):
        return list(super().encode(values))


class RowTooFew(Median):
    def encode(self, values):
        return (super().encode(values)[0][:-1],)


class WholeNumbers(Median):
    def encode(self, values):
        return (super().encode(values)[0].astype(int),)


class HalfTheSteps(Median):
    def rollout(self, state, horizon):
        return super().rollout(state, horizon)[:, : horizon // 2]


class Explodes(Median):
    def rollout(self, state, horizon):
        return super().rollout(state, horizon) * np.inf


class HoleInTheState(Median):
    def encode(self, values):
        (windows,) = super().encode(values)
        windows[7] = np.nan
        return (windows,)


class LooksAtTheHorizon(Median):
    def rollout(self, state, horizon):
        return super().rollout(state, horizon) + horizon


class BatchMean(Median):
    def rollout(self, state, horizon):
        return super().rollout(state, horizon) - np.median(state[0])


class BatchSize(Median):
    def rollout(self, state, horizon):
        return super().rollout(state, horizon) + 1e-10 * len(state[0])


class WritesToTheSeries(Median):
    def encode(self, values):
        values.values[0] = 0.0
        return super().encode(values)


class WritesToTheState(Median):
    def rollout(self, state, horizon):
        out = super().rollout(state, horizon)
        state[0][:] = 0.0
        return out


class BadCopy(Median):
    def __deepcopy__(self, memo):
        made = type(self)(self.lags)
        made.__dict__.update(copy.copy(self.__dict__))
        made.off = getattr(self, "off", 0) + hasattr(self, "context")
        return made

    def rollout(self, state, horizon):
        return super().rollout(state, horizon) + (0.1 if getattr(self, "off", 0) else 0.0)


class Unseeded(Median):
    def fit(self, series):
        self.shift_ = np.random.default_rng().normal()
        return super().fit(series)


class ForgetsBetweenPieces(sa.baselines.Line):
    def encode(self, values, after=None):
        return (super().encode(values)[0][(after is not None) :],)


class OneSeriesAlone(Median):
    def fit(self, series):
        if isinstance(series, list):
            raise TypeError("one series, please")
        return super().fit(series)


class Centred(Median):
    def encode(self, values):
        (windows,) = super().encode(values)
        return (np.vstack([windows[2:], windows[-2:]]),)


class KnowsTheMean(Median):
    def encode(self, values):
        return (super().encode(values)[0] - sa.Series(values).numbers.mean(),)


BROKEN = {
    FitGivesNothing: ("fit", "NoneType"),
    NoContext: ("fit", "context"),
    NegativeContext: ("fit", "-1"),
    StateIsAList: ("states", "tuple of arrays"),
    RowTooFew: ("states", "row for each origin"),
    WholeNumbers: ("states", "int64"),
    HalfTheSteps: ("roll-out", r"\[rows, horizon\]"),
    Explodes: ("roll-out", "no finite forecast"),
    HoleInTheState: ("roll-out", "the first 12"),
    LooksAtTheHorizon: ("fewer steps", "1 steps are not the first 1 of 8"),
    BatchMean: ("causal", "check A"),
    BatchSize: ("one origin", "differs from its row"),
    WritesToTheSeries: ("states", "read-only"),
    WritesToTheState: ("your data", "rollout wrote"),
    BadCopy: ("copies", "deep copy"),
    Unseeded: ("same fit", "seed"),
    ForgetsBetweenPieces: ("pieces", "array 0"),
    OneSeriesAlone: ("many series", "one series, please"),
    Centred: ("causal", "check A"),
    KnowsTheMean: ("causal", "check A"),
}


@pytest.mark.parametrize(("kind", "words"), BROKEN.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_each_promise_can_be_broken_and_is_named(kind, words):
    promise, how = words
    with pytest.raises(testing.ContractError, match=how) as caught:
        testing.check_forecaster(kind())
    assert caught.value.promise == promise
    assert caught.value.code == "contract"
    assert isinstance(caught.value, AssertionError)
    assert kind.__name__ in str(caught.value) or isinstance(kind(), sa.baselines.Line)


def test_every_promise_is_broken_by_one_of_them():
    assert {promise for promise, _ in BROKEN.values()} == set(testing.PROMISES)


def test_a_clean_model_of_anybody_passes_and_what_is_not_asked_is_said():
    report = testing.check_forecaster(Median())
    assert report.model == "Median"
    assert report.left_out == {"pieces": "encode takes no after="}
    assert set(report.kept) == set(testing.PROMISES) - {"pieces"}
    assert report.audit.causal
    assert report.audit.sensitive
    assert "not asked: pieces" in str(report)


def test_an_encode_that_ignores_after_is_not_asked_for_pieces():
    class Ignores(Median):
        def encode(self, values, after=None):
            return super().encode(values)

    assert "does not go on" in testing.check_forecaster(Ignores()).left_out["pieces"]


def test_models_of_symbols_are_given_text():
    assert testing.check_forecaster(sa.MarkovChain()).audit.causal
    assert testing.check_forecaster(sa.MarkovChain(), ["fog", "sun", "sun", "rain"] * 25, horizon=3).audit.causal


def test_series_with_holes_and_your_own_length():
    values = sa.datasets.noisy_sine(length=90, seed=3).values.copy()
    values[[20, 60]] = np.nan
    report = testing.check_forecaster(sa.AR(3), sa.Series(values, missing="skip"), horizon=4)
    assert report.audit.cuts == 90 - 45 - 4 + 1
    with pytest.raises(sa.errors.InputError, match="too short"):
        testing.check_forecaster(Median(40), np.arange(45.0))
    for bad in ({"horizon": 1}, {"tolerance": 0.0}):
        with pytest.raises(sa.errors.ParameterError):
            testing.check_forecaster(Median(), **bad)
    with pytest.raises(sa.errors.ParameterError, match="not a Forecaster"):
        testing.check_forecaster(np.median)


# -- of a model that uses columns


def test_a_stranger_who_uses_columns_keeps_what_columns_ask_for():
    report = testing.check_forecaster(column_zoo.Plain(), column_zoo.shelves(), 4)
    assert report.kept[-2:] == ("columns by name", "columns of their kind")
    assert report.left_out["columns far enough"] == "no column is known ahead"
    known = testing.check_forecaster(column_zoo.OneStepBehind((column_zoo.PROMO,), leads=1), column_zoo.shelves(), 3)
    assert known.kept == (*testing.PROMISES, *COLUMN_PROMISES)
    calendar = testing.check_forecaster(sa.AR(2, using="weekday"))
    assert calendar.left_out["columns far enough"] == "the columns of the calendar go on"
    short = column_zoo.shelves()
    closed = testing.check_forecaster(sa.AR(2, using="promo"), short.closed(), 3)
    assert closed.left_out["columns far enough"] == "the columns of the series end too soon to tell"


def test_a_model_that_uses_columns_is_tried_on_the_shop():
    for model in (
        sa.AR(2, using="promo"),
        sa.wrappers.Logged(sa.AR(2, using="promo")),
        sa.Regressed(sa.AR(2), "promo"),
    ):
        report = testing.check_forecaster(model, horizon=3)
        assert report.audit.known_cuts == report.audit.cuts > 0
    with pytest.raises(testing.ContractError, match="uses 'price', which the series does not have; it has known promo"):
        testing.check_forecaster(sa.AR(2, using="price"))


class ByPlace(column_zoo.Plain):
    """Takes the first past column, whatever it is called."""

    def seen(self, series):
        return series.past.values[:, 0]


class KnownByPlace(column_zoo.Plain):
    def seen(self, series):
        return series.known.values[: len(series), 0]


@pytest.mark.parametrize("model", [ByPlace(), KnownByPlace((column_zoo.PROMO,))])
def test_columns_by_place_are_a_broken_promise(model):
    with pytest.raises(testing.ContractError, match="columns in another order, with others among them") as caught:
        testing.check_forecaster(model, column_zoo.shelves(), 4)
    assert caught.value.promise == "columns by name"


class Guesses(column_zoo.Plain):
    """Goes on without a column that is not there, or is of another kind."""

    def seen(self, series):
        both = (*series.past.names, *series.known.names)
        return column_zoo.column(series, "warmth") if "warmth" in both else np.zeros(len(series))


def test_a_column_that_is_not_there_is_said_wherever_a_series_comes_in(monkeypatch):
    assert "columns by name" in testing.check_forecaster(Guesses(), column_zoo.shelves(), 4).kept
    for module in (walk, known_ahead):
        monkeypatch.setattr(module, "check_present", lambda beside, columns, name: None)
    with pytest.raises(
        testing.ContractError, match="given the series without warmth, it forecasts all the same"
    ) as caught:
        testing.check_forecaster(Guesses(), column_zoo.shelves(), 4)
    assert caught.value.promise == "columns by name"
    monkeypatch.setitem(COLUMN_PROMISES, "columns by name", lambda trial: None)
    with pytest.raises(
        testing.ContractError, match="given warmth as another kind, it forecasts all the same"
    ) as caught:
        testing.check_forecaster(Guesses(), column_zoo.shelves(), 4)
    assert caught.value.promise == "columns of their kind"


def test_columns_that_end_too_soon_have_to_be_said(monkeypatch):
    def padded(model, series, origin, horizon, name):
        found = known_ahead.handed(model, series, name)
        return (found.at(np.array([origin]), horizon),)

    monkeypatch.setattr(walk, "known_at", padded)
    with pytest.raises(testing.ContractError, match="more steps than the columns are known for is no error") as caught:
        testing.check_forecaster(sa.AR(2, using="promo"), column_zoo.shelves(), 4)
    assert caught.value.promise == "columns far enough"
