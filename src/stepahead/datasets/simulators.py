"""Simulators of series. Each gives the same bits for the same seed, and has a k-step `limit` where theory has one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ParameterError
from ..numerics import linear
from ..parameters import real, refuse, whole
from ..protocols import Array
from ..series import Series
from .limits import Certain, Chain, Grown, Known, Line, Linear, Repeated, Shifting, Shop, Wave

WARM_UP = 1000


def noisy_sine(length: int = 1000, seed: int = 0, noise: float = 0.2, frequency: float = 0.01) -> Series:
    """Noisy sine of the teaching note: sin(frequency t) + N(0, noise^2), t = 1 .. length; no forecast has an RMSE below
    `noise`.

    >>> series = noisy_sine(seed=0)
    >>> len(series), series.limit(3)
    (1000, array([0.2, 0.2, 0.2]))

    Parameters
    ----------
    length : number of values. seed : of ``numpy.random.default_rng``. noise : its standard deviation.
    frequency : radians per step; a period has 2 pi / frequency steps.
    """
    rng = _start(length, seed)
    noise = real("noise", noise, least=0.0)
    time = np.arange(1, length + 1)
    frequency = real("frequency", frequency)
    values = np.sin(frequency * time) + rng.normal(0.0, noise, length)
    return Series(values, times=time, name="noisy sine", limit=Wave(noise, frequency))


def ar_process(
    coefficients: Sequence[float] = (0.2, 0.6),
    length: int = 1000,
    seed: int = 0,
    noise: float = 1.0,
    intercept: float = 0.0,
) -> Series:
    """Autoregressive process x_t = intercept + phi_1 x_(t-1) + ... + N(0, noise^2).

    The RMSE of the best forecast is noise times the root of the sum of the first k squared psi weights.

    >>> ar_process([0.5], seed=0).limit(3).round(4)
    array([1.    , 1.118 , 1.1456])

    Parameters
    ----------
    coefficients : [lags], oldest lag first, as everywhere here: (0.2, 0.6) is 0.6 x_(t-1) + 0.2 x_(t-2).
    length, seed, noise : as for ``noisy_sine``.
    intercept : added at every step.

    Raises
    ------
    ParameterError : the process explodes (a root outside the unit circle).
    """
    rng = _start(length, seed)
    phi = np.array([real("coefficients", c) for c in coefficients])
    if not len(phi):
        raise refuse("coefficients", coefficients, "at least one number")
    radius = float(np.abs(linear.roots(phi)[0]))
    if radius > 1.0 + 1e-12:
        raise ParameterError(
            f"coefficients={list(coefficients)} explode: the largest root has modulus {radius:.6g}, allowed is 1",
            code="parameter",
            name="coefficients",
            radius=radius,
        )
    noise, lags = real("noise", noise, least=0.0), len(phi)
    # A stationary process forgets its start; one with a unit root begins at zero.
    warm_up = WARM_UP if radius < 1.0 - 1e-9 else 0
    shocks = real("intercept", intercept) + rng.normal(0.0, noise, warm_up + length)
    values = np.zeros(lags + warm_up + length)
    for t in range(lags, len(values)):
        values[t] = phi @ values[t - lags : t] + shocks[t - lags]

    return Series(
        values[lags + warm_up :], name=f"AR({lags}) process", limit=Linear(tuple(phi.tolist()), noise, float(intercept))
    )


def noisy_trend(length: int = 1000, seed: int = 0, noise: float = 1.0, slope: float = 0.05) -> Series:
    """Straight line plus noise: slope t + N(0, noise^2), t = 1 .. length. No forecast has an RMSE below `noise`.

    >>> noisy_trend(length=100, seed=0).limit(3)
    array([1., 1., 1.])

    Parameters
    ----------
    length, seed, noise : as for ``noisy_sine``. slope : rise per step.
    """
    rng = _start(length, seed)
    return _around(Line(real("noise", noise, least=0.0), real("slope", slope)), length, rng, "noisy trend")


def noisy_season(
    length: int = 480, seed: int = 0, noise: float = 1.0, period: int | Sequence[int] = 12, amplitude: float = 1.0
) -> Series:
    """Seasonal pattern plus noise of standard deviation `noise`; one pattern for each period.

    Each pattern is drawn from a normal distribution, then set to mean 0 and standard deviation `amplitude`. No forecast
    has an RMSE below `noise`.

    >>> from stepahead.seasons import find_seasons
    >>> find_seasons(noisy_season(seed=0), candidates=(7, 12)).periods
    (12,)

    Parameters
    ----------
    length, seed, noise : as for ``noisy_sine``. period : steps in a season, at least 2; or several.
    amplitude : standard deviation of each pattern.
    """
    rng = _start(length, seed)
    periods = [whole("period", one, 2) for one in (period if isinstance(period, Sequence) else [period])]
    amplitude = real("amplitude", amplitude, least=0.0)
    patterns = []
    for one in periods:
        pattern = rng.normal(size=one)
        pattern -= pattern.mean()
        patterns.append(tuple((pattern * amplitude / pattern.std()).tolist()))
    return _around(Repeated(real("noise", noise, least=0.0), tuple(patterns)), length, rng, "noisy season")


def noisy_growth(
    length: int = 500, seed: int = 0, noise: float = 1.0, start: float = 10.0, rate: float = 0.01
) -> Series:
    """Exponential growth plus noise: start (1 + rate)^t + N(0, noise^2), t = 1 .. length.

    No forecast has an RMSE below `noise`.

    >>> noisy_growth(length=300, seed=0, noise=0.0).values[[0, -1]].round(3)
    array([ 10.1  , 197.885])

    Parameters
    ----------
    length, seed, noise : as for ``noisy_sine``. start : the value before the first. rate : above -1.
    """
    rng = _start(length, seed)
    known = Grown(real("noise", noise, least=0.0), real("start", start), real("rate", rate, above=-1.0))
    return _around(known, length, rng, "noisy growth")


def level_shifts(
    length: int = 1000, seed: int = 0, noise: float = 1.0, chance: float = 0.01, size: float = 5.0
) -> Series:
    """Random level shifts plus noise: at each step, with probability `chance`, N(0, size^2) is added to the level.

    No forecast k steps ahead has an RMSE below the root of noise^2 + k chance size^2: time and size of the next shift
    do not depend on the past.

    >>> level_shifts(seed=0).limit(3).round(3)
    array([1.118, 1.225, 1.323])

    Parameters
    ----------
    length, seed, noise : as for ``noisy_sine``. chance : of a shift at each step, from 0 to 1. size : its standard
        deviation.
    """
    rng = _start(length, seed)
    limit = Shifting(
        real("noise", noise, least=0.0), real("chance", chance, least=0.0, most=1.0), real("size", size, least=0.0)
    )
    level = np.cumsum((rng.random(length) < limit.chance) * rng.normal(0.0, limit.size, length))
    return Series(level + rng.normal(0.0, limit.noise, length), name="level shifts", limit=limit)


def mackey_glass(length: int = 1000, seed: int = 0, noise: float = 0.05, delay: int = 17, every: int = 6) -> Series:
    """Mackey-Glass series, x' = 0.2 x(t - delay) / (1 + x(t - delay)^10) - 0.1 x: chaotic for a delay of 17.

    Integrated by Euler steps of 0.1, one value kept every `every` units of time, standardised, N(0, noise^2) added. It
    has no `limit`: the smallest possible error is not known.

    >>> float(mackey_glass(length=100, seed=1).values.std().round(1))
    1.0

    Parameters
    ----------
    length, seed, noise : as for ``noisy_sine``; the seed also sets the history that it starts from.
    delay, every : in units of time, at least 1.

    Source: Mackey & Glass, Science 197 (1977).
    """
    rng = _start(length, seed)
    noise = real("noise", noise, least=0.0)
    whole("delay", delay)
    whole("every", every)
    steps, back, kept = 10, 10 * delay, 10 * every
    count = steps * WARM_UP + kept * length
    x = np.empty(back + count + 1)
    x[: back + 1] = 1.2 + rng.uniform(-0.1, 0.1)
    for t in range(back, back + count):
        late = x[t - back]
        x[t + 1] = x[t] + 0.1 * (0.2 * late / (1.0 + late**10) - 0.1 * x[t])
    values = x[back + steps * WARM_UP + kept :: kept][:length]
    spread = values.std()
    clean = (values - values.mean()) / (spread if spread > 0.0 else 1.0)
    return Series(clean + rng.normal(0.0, noise, length), name="Mackey-Glass")


def logistic_map(length: int = 1000, seed: int = 0, rate: float = 3.9) -> Series:
    """The logistic map x_(t+1) = rate x_t (1 - x_t): chaotic, without noise. A forecast from the map and the state has
    no error.

    >>> x = logistic_map(length=3, seed=0).values
    >>> bool(abs(x[1] - 3.9 * x[0] * (1 - x[0])) < 1e-15)
    True

    Parameters
    ----------
    length, seed : as for ``noisy_sine``; the seed sets the start. rate : from 0 to 4.
    """
    rng = _start(length, seed)
    if not 0.0 <= real("rate", rate) <= 4.0:
        raise refuse("rate", rate, "from 0 to 4")
    x = rng.uniform(0.1, 0.9)
    for _ in range(WARM_UP):
        x = rate * x * (1.0 - x)
    values = np.empty(length)
    for t in range(length):
        values[t] = x
        x = rate * x * (1.0 - x)
    return Series(values, name="logistic map", limit=Certain())


def markov(
    transition: Sequence[Sequence[float]] = ((0.8, 0.2), (0.3, 0.7)),
    states: Sequence[object] = ("dry", "wet"),
    length: int = 1000,
    seed: int = 0,
) -> Series:
    """Markov chain. Its limit is a log loss: the entropy of the distribution k steps ahead, averaged over the
    stationary distribution.

    >>> chain = markov(length=5, seed=0)
    >>> chain.categories, chain.limit(2).round(3)
    (('dry', 'wet'), array([0.545, 0.642]))

    Parameters
    ----------
    transition : [states, states], rows sum to 1. states : the symbols, in order. length, seed : as for ``noisy_sine``.
    """
    rng = _start(length, seed)
    P = np.array(transition, dtype=np.float64)
    if P.ndim != 2 or P.shape[0] != P.shape[1] or not (P >= 0.0).all() or np.abs(P.sum(axis=1) - 1.0).max() > 1e-9:
        raise refuse("transition", transition, "a square of probabilities whose rows sum to 1")
    if len(states) != len(P) or len(set(states)) != len(P):
        raise refuse("states", states, f"{len(P)} symbols that differ, one for each row of transition")
    pi = np.linalg.lstsq(
        np.vstack([P.T - np.eye(len(P)), np.ones(len(P))]), np.append(np.zeros(len(P)), 1.0), rcond=None
    )[0]
    cumulative, draws = np.cumsum(P, axis=1), rng.random(length)
    place = int(min(np.searchsorted(np.cumsum(pi), draws[0]), len(P) - 1))
    places = [place]
    for draw in draws[1:]:
        place = int(min(np.searchsorted(cumulative[place], draw), len(P) - 1))
        places.append(place)

    return Series(
        [states[p] for p in places],
        name="Markov chain",
        categories=states,
        limit=Chain(tuple(map(tuple, P.tolist())), tuple(pi.tolist())),
    )


def _around(known: Known, length: int, rng: np.random.Generator, name: str) -> Series:
    """White noise around the curve of a limit."""
    return Series(known.path(np.arange(1, length + 1)) + rng.normal(0.0, known.noise, length), name=name, limit=known)


def _start(length: int, seed: int) -> np.random.Generator:
    whole("length", length)
    whole("seed", seed, 0)
    return np.random.default_rng(int(seed))


def shop(length: int = 1096, seed: int = 0, horizon: int = 28) -> Series:
    """Daily sales of a shop beside a plan of promotions and holidays, and the warmth of the day.

    Known ahead, `horizon` days past the end too: "promo", "holiday" and "weekday". Past: "warmth". The sales are 200 +
    the weekday's own (-20 -15 -10 0 20 45 -20) + 60 promo + 80 holiday + 4 warmth + n_t, where n_t = .7 n_(t-1) + N(0,
    10^2), and the warmth is a_t = .8 a_(t-1) + N(0, 2^2). Promotions are whole weeks, each with probability .2; a year
    of 365 days has 12 holidays.

    >>> series = shop(seed=0)
    >>> series.known, series.past, series.limit(28)[[0, 27]].round(2)
    (Covariates(promo, holiday, weekday: 1124 rows), Covariates(warmth: 1096 rows), array([12.81, 19.34]))

    Parameters
    ----------
    length : number of days. seed : of ``numpy.random.default_rng``. horizon : days of the plan past the end.
    """
    rng = _start(length, seed)
    count = length + whole("horizon", horizon, 0)
    time = np.arange(count)
    # Random streams of their own: how far the plan goes changes nothing before.
    promo = (np.random.default_rng([seed, 1]).random(count // 7 + 1) < 0.2)[time // 7] * 1.0
    holiday, days_off = np.zeros(count), np.random.default_rng([seed, 2])
    for year in range(0, count, 365):
        days = year + days_off.choice(365, 12, replace=False)
        holiday[days[days < count]] = 1.0
    warmth, rest = _wandering(rng, 0.8, 2.0, length), _wandering(rng, 0.7, 10.0, length)
    week = np.array([-20.0, -15.0, -10.0, 0.0, 20.0, 45.0, -20.0])
    planned = 200.0 + week[time % 7] + 60.0 * promo + 80.0 * holiday
    return Series(
        planned[:length] + 4.0 * warmth + rest,
        times=np.datetime64("2021-01-04") + time[:length],  # a Monday
        name="sales",
        known={"promo": promo, "holiday": holiday},
        past={"warmth": warmth},
        calendar=["weekday"],
        limit=Shop(),
    )


def _wandering(rng: np.random.Generator, phi: float, noise: float, length: int) -> Array:
    """An AR(1) from its stationary distribution."""
    shocks = rng.normal(0.0, noise, length)
    shocks[0] /= np.sqrt(1.0 - phi * phi)
    out = shocks.copy()
    for step in range(1, length):
        out[step] += phi * out[step - 1]
    return out
