"""Models that the command line builds from a short name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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
CHOOSES_ITSELF = ("ar",)
READS_LAGS = ("ar", "direct", "mlp")


def default_words(training: Sequence[Series]) -> tuple[str, ...]:
    """The models that are compared where none is named: for trends, windows and waves; of symbols a Markov chain."""
    if training[0].categories is not None:
        return ("markov",)
    few = sum(len(part) for part in training) <= MOST_VALUES_OF_SSA
    enough = max(len(part) for part in training) >= FEWEST_VALUES_OF_SSA
    return ("auto", "ar", "ssa") if few and enough else ("auto", "ar")


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
    choice.
    """
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
        models[f"AR direct({own})" if word == "direct" else model.name] = model
    return models


def _period(word: str, seasons: Seasons) -> int:
    """The one period for a seasonal baseline; an error where there is none."""
    if seasons.period is None:
        raise refuse("models", word, f"models that need no season: {seasons.reason or seasons}")
    return seasons.period
