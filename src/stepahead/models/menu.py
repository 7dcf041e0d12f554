"""Models that the command line builds from a short name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import note
from ..known_ahead import chosen, told
from ..parameters import refuse
from ..seasons import Seasons, resolve
from ..series import Series
from .ar import AR
from .auto import Auto
from .averaged_ar import AveragedAR
from .baselines import Drift, Mean, Naive, SeasonalNaive
from .curves import Harmonic, Line, LinePhases, Phases
from .exponential_smoothing import ExponentialSmoothing
from .hmm import HMM
from .markov import MarkovChain
from .mlp import MLP
from .regressed import Regressed
from .smoothing import SES
from .ssa import SSA
from .statespace import StateSpace
from .switching import MarkovSwitchingAR
from .theta import Theta
from .torch_cells import GRU, LSTM
from .wrappers import Scaled

LONGEST_NET = 16

# word -> (what it is, how it is built from the number of lags and the horizon)
MENU: dict[str, tuple[str, Callable[[Any, int], Any]]] = {
    "auto": ("the mean of the next four, weighted by their errors at each step", lambda lags, horizon: Auto()),
    "exponential": (
        "exponential smoothing of level, trend and season, averaged",
        lambda lags, horizon: ExponentialSmoothing(),
    ),
    "theta": ("dynamic Theta, averaged", lambda lags, horizon: Theta()),
    "averaged-ar": ("autoregressions on several sets of lags, averaged", lambda lags, horizon: AveragedAR()),
    "averaged-ar-steps": ("the same of the steps from value to value", lambda lags, horizon: AveragedAR(steps=True)),
    "ar": ("linear autoregression, recursive", lambda lags, horizon: AR(lags)),
    "direct": ("linear autoregression, one regression per step", lambda lags, horizon: AR(lags, chunk=horizon)),
    "regressed": (
        "regression on the columns known ahead, and an autoregression of what is left",
        lambda lags, horizon: Regressed(AR(lags), on="known"),
    ),
    "mlp": ("small neural network, on the scaled series", lambda lags, horizon: Scaled(MLP(lags))),
    "gru": (
        "gated recurrent unit, trained on 16-step forecasts; needs torch",
        lambda lags, horizon: GRU(32, unroll=min(horizon, 16)),
    ),
    "lstm": ("long short-term memory, the same; needs torch", lambda lags, horizon: LSTM(32, unroll=min(horizon, 16))),
    "ssa": ("singular spectrum analysis, rank and window chosen", lambda lags, horizon: SSA()),
    "statespace": ("state space model of level and cycles, chosen by BIC", lambda lags, horizon: StateSpace()),
    "hmm": ("hidden Markov model of two states, for numbers or symbols", lambda lags, horizon: HMM(states=2)),
    "switching": ("autoregression whose mean switches between two regimes", lambda lags, horizon: MarkovSwitchingAR()),
    "drift": ("a straight line through the first and the last value", lambda lags, horizon: Drift()),
    "markov": ("first-order Markov chain, for symbols", lambda lags, horizon: MarkovChain(order=1)),
    "markov-smooth": (
        "the same, smoothed so that every transition is possible: for states that are rarely left",
        lambda lags, horizon: MarkovChain(order=1, smoothing=1.0),
    ),
    "naive": ("repeat the last value", lambda lags, horizon: Naive()),
    "mean": ("the mean of the training part", lambda lags, horizon: Mean()),
    "ses": ("simple exponential smoothing, a recent average", lambda lags, horizon: SES()),
    "line": ("a straight line fitted to the training part", lambda lags, horizon: Line()),
}
SEASONAL: dict[str, tuple[str, Callable[[int], Any]]] = {
    "seasonal-naive": ("repeat the last season", SeasonalNaive),
    "phases": ("the mean of each phase of the season", Phases),
    "line-phases": ("the same, and a straight line", LinePhases),
    "harmonic": ("a smooth curve of the season", Harmonic),
}
"""Baselines of the one season that the series has."""
FEWEST_VALUES_OF_SSA, MOST_VALUES_OF_SSA = 24, 20_000
"""Values between which singular spectrum analysis is among the defaults: fewer leave it no choice, more take long."""
CHOOSES_ITSELF = ("ar", "regressed")
READS_LAGS = ("ar", "direct", "regressed", "mlp")
USE_COLUMNS = ("ar", "direct")
"""They take columns beside the values, known ahead and past ones."""
WITHOUT_COLUMNS = ("markov", "markov-smooth", "drift", "naive", "mean", "ses", "line")
"""Baselines and models of symbols: they are given none. Any other is given those known ahead, by a regression."""


def default_words(training: Sequence[Series]) -> tuple[str, ...]:
    """The models that are compared where none is named: for trends, windows and waves; of symbols a Markov chain."""
    if training[0].categories is not None:
        return ("markov",)
    few = sum(len(part) for part in training) <= MOST_VALUES_OF_SSA
    enough = max(len(part) for part in training) >= FEWEST_VALUES_OF_SSA
    words = ("auto", "ar", "regressed") if len(training[0].known) else ("auto", "ar")
    return (*words, "ssa") if few and enough else words


def word_of(model: Any) -> str | None:
    """The word of a baseline, for a message that offers it; None where it has none."""
    words = {SES: "ses", Line: "line", Naive: "naive", Mean: "mean", Drift: "drift"}
    words |= {made: word for word, (_, made) in SEASONAL.items()}  # type: ignore[misc]
    return words.get(type(model))


def build(
    words: Sequence[str] | str | None,
    lags: int | str,
    horizon: int,
    training: Sequence[Series],
    season: Any = "auto",
) -> dict[str, Any]:
    """Models by name. ``lags="auto"`` is AR's own choice on the training part, for a net at most 16 of it.

    `words` may be one text with commas; None means the default ones. `season` is that of seasonal baselines and of AR's
    choice. Where the series have other columns, each model named that can take them stands beside itself without them;
    of the default ones `ar` and `regressed` do.
    """
    is_default = words is None
    if words is None:
        words = default_words(training)
    if isinstance(words, str):
        words = [word.strip() for word in words.split(",")]
    asks = lags == "auto" and any(word in READS_LAGS and word not in CHOOSES_ITSELF for word in words)
    seasons = resolve(season, training) if asks or any(word in SEASONAL for word in words) else Seasons()
    chosen: Any = lags
    if asks:
        choosing = AR("auto", horizon=horizon).for_seasons(seasons)
        chosen = choosing.fit(list(training) if len(training) > 1 else training[0]).lags_
    models: dict[str, Any] = {}
    for word in words:
        if word not in MENU and word not in SEASONAL:
            raise refuse("models", word, "among " + ", ".join([*MENU, *SEASONAL]))
        if list(words).count(word) > 1:
            raise refuse("models", ",".join(words), f"words that differ; {word} is named twice")
        if word in SEASONAL:
            model = SEASONAL[word][1](_period(word, seasons))
            models[model.name] = model
            continue
        own = (
            lags if word in CHOOSES_ITSELF else min(chosen, LONGEST_NET) if word == "mlp" and lags == "auto" else chosen
        )
        model = MENU[word][1](own, horizon)
        name = f"AR direct({own})" if word == "direct" else model.name
        models |= _with_columns(word, model, name, horizon, training, is_default)
        if word != "regressed":
            models[name] = model
    _check_used(words, training)
    return models


def _with_columns(
    word: str, model: Any, name: str, horizon: int, training: Sequence[Series], is_default: bool
) -> dict[str, Any]:
    """The model with the columns that it can take, by name; nothing where there are none."""
    known, past = _columns(training)
    if word == "regressed":
        if not training:  # of a run, which refuses it in words of its own
            return {name: model}
        if not known:
            raise refuse("models", word, "left out where no column is known ahead: give known= or calendar=")
        model, name = model.model, model.model.name
    elif not known and not (past and word in USE_COLUMNS):
        return {}
    if word in USE_COLUMNS:
        # What is past is not known at the next step: each step is forecast by a regression of its own.
        using, name = (*known, *past), f"AR direct({model.lags})" if past else name
        made: Any = AR(model.lags, using=using, chunk=horizon if past else model.chunk)
    elif word in WITHOUT_COLUMNS or (is_default and word != "regressed") or training[0].categories is not None:
        return {}
    else:
        using, name, made = known, f"Regressed({name})", Regressed(model, on=known)
    return {told(name, using, chosen(training[0].beside, using, name)): made}


def _columns(training: Sequence[Series]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the columns are called that are known ahead, and those of the past."""
    return (training[0].known.asked(), training[0].past.asked()) if training else ((), ())


def _check_used(words: Sequence[str], training: Sequence[Series]) -> None:
    """Note the columns that no model named takes."""
    known, past = _columns(training)
    takes_past = any(word in USE_COLUMNS for word in words)
    takes_known = takes_past or not all(word in WITHOUT_COLUMNS or word in SEASONAL for word in words)
    idle = [*(() if takes_known else known), *(() if takes_past else past)]
    if idle:
        note(f"{', '.join(idle)}: not used, since no model named takes such a column; ar does")


def _period(word: str, seasons: Seasons) -> int:
    """The one period for a seasonal baseline; an error where there is none."""
    if seasons.period is None:
        raise refuse("models", word, f"models that need no season: {seasons.reason or seasons}")
    return seasons.period
