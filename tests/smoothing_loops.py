"""Exponential smoothing, Theta, averaged autoregressions and their combination as plain loops, one number at a time.

The first half forecasts from what a fitted model has learned. The second is the whole recipe, fits and weights too, of
one series without a gap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stepahead.numerics import dynamic_theta, exponential


def adjusted_loop(model: Any, values: np.ndarray) -> list[float]:
    """The values without the season: NaN stays NaN."""
    out = []
    for t, value in enumerate(values):
        for j in (1, 2):
            angle = 2.0 * np.pi * j * t / model.turn_
            value -= model.waves_[2 * j - 2] * np.cos(angle) + model.waves_[2 * j - 1] * np.sin(angle)
        phase = model.phases_[t % len(model.phases_)]
        out.append(value / phase if model.multiplied_ else value - phase)
    return out


def put_back_loop(model: Any, ahead: list[float], time: int) -> np.ndarray:
    """Forecasts from `time` on, with the season."""
    out = []
    for t, value in enumerate(ahead, time):
        phase = model.phases_[t % len(model.phases_)]
        value = value * phase if model.multiplied_ else value + phase
        for j in (1, 2):
            angle = 2.0 * np.pi * j * t / model.turn_
            value += model.waves_[2 * j - 2] * np.cos(angle) + model.waves_[2 * j - 1] * np.sin(angle)
        out.append(value)
    return np.array(out)


def smoothing_loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
    z = adjusted_loop(model, values)
    begin = next(t for t, value in enumerate(z) if not np.isnan(value))
    period = len(model.phases_)
    grid = exponential.grid(period)
    total = np.zeros(horizon)
    for point in np.flatnonzero(model.weights_):
        alpha, beta, phi, gamma = (float(part[point]) for part in (grid.alpha, grid.beta, grid.damping, grid.gamma))
        level, slope, season = model.level_[point], model.slope_[point], [0.0] * period
        for t in range(begin, len(z)):
            error = z[t] - z[begin] - level - phi * slope - season[t % period]
            error = 0.0 if np.isnan(error) else error
            level = level + phi * slope + alpha * error
            slope = phi * slope + alpha * beta * error
            season[t % period] += gamma * (1.0 - alpha) * error
        for k in range(1, horizon + 1):
            along = sum(phi**j for j in range(1, k + 1)) * slope
            total[k - 1] += model.weights_[point] * (level + along + season[(len(z) + k - 1) % period])
    return put_back_loop(model, list(z[begin] + total), len(values))


def theta_point(z: list[float], alpha: float, kappa: float, level: float, horizon: int) -> list[float]:
    """Dynamic Theta from a first level: the values, then its own forecasts."""
    mean = slope = start = 0.0
    out = []
    for t in range(len(z) + horizon):
        drift = (1.0 - alpha) ** t * start + slope * (1.0 - (1.0 - alpha) ** (t + 1)) / alpha if t >= 2 else 0.0
        forecast = level + kappa * drift
        if t < len(z) and np.isnan(z[t]):
            level = alpha * forecast + (1.0 - alpha) * level
            value = start + slope * (t + 1) if t >= 2 else mean
        else:
            value = z[t] if t < len(z) else forecast
            level = alpha * value + (1.0 - alpha) * level
        if t >= len(z):
            out.append(forecast)
        count = t + 1
        slope = ((count - 2) * slope + 6.0 * (value - mean) / count) / (count + 1) if count >= 2 else 0.0
        mean = ((count - 1) * mean + value) / count
        start = mean - (count + 1) / 2.0 * slope
    return out


def theta_loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
    z = adjusted_loop(model, values)
    begin = next(t for t, value in enumerate(z) if not np.isnan(value))
    total = np.zeros(horizon)
    for point in np.flatnonzero(model.weights_):
        alpha, kappa = float(dynamic_theta.ALPHA[point]), float(dynamic_theta.SHARE[point])
        own = theta_point([value - z[begin] for value in z[begin:]], alpha, kappa, model.level_[point], horizon)
        total += model.weights_[point] * np.array(own)
    return put_back_loop(model, list(z[begin] + total), len(values))


def lag_sets_loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
    waves = [
        sum(
            model.waves_[2 * j - 2] * np.cos(2.0 * np.pi * j * t / model.turn_)
            + model.waves_[2 * j - 1] * np.sin(2.0 * np.pi * j * t / model.turn_)
            for j in (1, 2)
        )
        for t in range(len(values) + horizon)
    ]
    known = [value - wave for value, wave in zip(values, waves, strict=False)]
    for t, value in enumerate(known):
        if np.isnan(value) and t >= model.context:
            known[t] = _of_sets(model, known[:t], 1)[0]
    return np.array(
        [value + wave for value, wave in zip(_of_sets(model, known, horizon), waves[len(values) :], strict=True)]
    )


def _of_sets(model: Any, known: list[float], horizon: int) -> np.ndarray:
    read = np.diff(known) if model.steps else np.array(known)
    scaled = [(value - model.mean_) / model.std_ for value in read]
    total = np.zeros(horizon)
    for row, intercept, weight in zip(model.coefficients_, model.intercepts_, model.weights_, strict=True):
        window, own = list(scaled), []
        for _ in range(horizon):
            ahead = intercept + sum(row[-1 - lag] * window[-1 - lag] for lag in range(len(row)))
            window.append(ahead)
            own.append(min(max(ahead, -50.0), 50.0))
        total += weight * np.array(own)
    total = model.mean_ + model.std_ * total
    return known[-1] + np.cumsum(total) if model.steps else total


def auto_loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
    loops = (smoothing_loop, theta_loop, lag_sets_loop, lag_sets_loop)
    own = [loop(part, values, horizon) for loop, part in zip(loops, model.models_.models, strict=True)]
    out = np.zeros(horizon)
    for k in range(horizon):
        away = 0.02 * model.count_ * model.step_ * np.sqrt(k + 1)
        low, high = min(own[0][k], own[1][k]) - away, max(own[0][k], own[1][k]) + away
        near = [own[0][k], own[1][k], *(min(max(part[k], low), high) for part in own[2:])]
        out[k] = sum(w * f for w, f in zip(model.weights_[:, min(k, model.weights_.shape[1] - 1)], near, strict=True))
    return out


# ---------------------------------------------------------------------------------------------------------------
# The whole recipe


def smoothing_errors(
    x: Any, alpha: float, beta: float, phi: float, gamma: float, m: int, level: float, slope: float
) -> Any:
    """(errors, level, slope, season) after the values."""
    season, errors = [0.0] * m, []
    for t, value in enumerate(x):
        error = value - level - phi * slope - season[t % m]
        level, slope = level + phi * slope + alpha * error, phi * slope + alpha * beta * error
        season[t % m] += gamma * (1.0 - alpha) * error
        errors.append(error)
    return np.array(errors), level, slope, season


def by_criterion(left: list[float], costs: list[float], n: int) -> np.ndarray:
    values = np.array([n * np.log(own / n) + cost for own, cost in zip(left, costs, strict=True)])
    found = np.exp(np.maximum(values.min() - values, -60.0))
    return found / found.sum()


def smoothing_recipe(z: np.ndarray, m: int) -> Any:
    """A function (known values, horizon) -> forecasts, fitted to adjusted values."""
    x, n = z - z[0], len(z)
    jump = np.abs(np.diff(z)).max()
    points, left, costs = [], [], []
    for alpha in (0.02, 0.1, 0.2, 0.4, 0.65, 0.9):
        for trend in (None, *((beta, phi) for beta in (0.0, 0.05, 0.2) for phi in (0.9, 0.97, 1.0))):
            for gamma in (0.0, 0.1, 0.3) if 1 < m <= 60 else (0.0,):
                own = (alpha, *(trend or (0.0, 0.0)), gamma, m)
                zero = smoothing_errors(x, *own, 0.0, 0.0)[0]
                c, d = (-smoothing_errors(np.zeros(n), *own, *start)[0] for start in ((1.0, 0.0), (0.0, 1.0)))
                det = (c @ c) * (d @ d) - (c @ d) ** 2
                if trend is None or n <= 4 or det <= 1e-9 * (c @ c) * (d @ d):
                    start = ((zero @ c) / (c @ c), 0.0)
                else:
                    start = (
                        ((zero @ c) * (d @ d) - (zero @ d) * (c @ d)) / det,
                        ((zero @ d) * (c @ c) - (zero @ c) * (c @ d)) / det,
                    )
                square = zero @ zero - start[0] * (zero @ c) - start[1] * (zero @ d)
                points.append((own, start))
                left.append(max(square, 1e-10 * (zero @ zero) + 1e-12 * jump**2))
                costs.append(6.0 * (trend is not None) + 2.0 * (gamma > 0.0))
    weights = by_criterion(left, costs, n)

    def ahead(known: np.ndarray, horizon: int) -> np.ndarray:
        out = np.zeros(horizon)
        for (own, start), weight in zip(points, weights, strict=True):
            _, level, slope, season = smoothing_errors(known - z[0], *own, *start)
            damped = 0.0
            for k in range(1, horizon + 1):
                damped += own[2] ** k
                out[k - 1] += weight * (level + slope * damped + season[(len(known) + k - 1) % m])
        return z[0] + out

    return ahead


def theta_recipe(z: np.ndarray) -> Any:
    x, n = z - z[0], len(z)
    jump = np.abs(np.diff(z)).max()
    points, left, costs = [], [], []
    for alpha in (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 0.99):
        for kappa in (0.0, 0.25, 0.5, 0.75, 1.0):
            zero = np.array([x[t] - theta_point(list(x[:t]), alpha, kappa, 0.0, 1)[0] for t in range(2, n)])
            c = (1.0 - alpha) ** np.arange(2, n)
            level = (zero @ c) / (c @ c)
            points.append((alpha, kappa, level))
            left.append(max(zero @ zero - level * (zero @ c), 1e-10 * (zero @ zero) + 1e-12 * jump**2))
            costs.append(2.0 * (kappa > 0.0))
    weights = by_criterion(left, costs, n)
    return lambda known, horizon: (
        z[0]
        + sum(
            weight * np.array(theta_point(list(known - z[0]), *point[:2], point[2], horizon))
            for point, weight in zip(points, weights, strict=True)
        )
    )


def sets_of(n: int, m: int) -> list[tuple[int, ...]]:
    sets = [
        (),
        *(tuple(range(1, p + 1)) for p in (1, 2, 3, 4, 8, *((16,) if n > 200 else ()), *((32,) if n > 400 else ()))),
    ]
    if m > 1:
        sets += [(m,), (1, m, m + 1), (1, 2, m, m + 1, m + 2), tuple(range(1, m + 2))]
        sets += [tuple(range(1, 2 * m + 2))] if m <= 4 else []
    found: list[tuple[int, ...]] = []
    for lags in sets:
        lags = tuple(sorted(set(lags)))
        enough = not lags or (max(lags) <= n / 3 and n - max(lags) >= 2 * len(lags) + 5)
        if enough and lags not in found:
            found.append(lags)
    return found


def lag_sets_recipe(y: np.ndarray, m: int) -> Any:
    n, mean, std = len(y), y.mean(), y.std() or 1.0
    x, sets = (y - mean) / std, sets_of(len(y), m)
    longest = max(max(lags, default=0) for lags in sets)
    rows, found, criteria = n - longest, [], []
    for lags in sets:
        columns = np.column_stack([np.ones(rows), *(x[longest - lag : n - lag] for lag in lags)])
        gram = columns.T @ columns + 1e-8 * rows * np.eye(columns.shape[1])
        weights = np.linalg.solve(gram, columns.T @ x[longest:])
        left, spent = float(((x[longest:] - columns @ weights) ** 2).sum()), len(lags) + 2
        rest = rows - spent - 1
        found.append((lags, weights))
        criteria.append(rows * np.log(left / rows) + 2 * spent + 2 * spent * (spent + 1) / rest if rest > 0 else np.inf)
    share = np.exp(-(np.array(criteria) - min(criteria)) / 2.0)
    share[share < 1e-3 * share.max()] = 0.0
    share /= share.sum()

    def ahead(known: np.ndarray, horizon: int) -> np.ndarray:
        out = np.zeros(horizon)
        for (lags, weights), own in zip(found, share, strict=True):
            window = list((known - mean) / std)
            for k in range(horizon):
                window.append(weights[0] + sum(w * window[-lag] for w, lag in zip(weights[1:], lags, strict=True)))
                out[k] += own * min(max(window[-1], -50.0), 50.0)
        return mean + std * out

    return ahead


def phases_recipe(y: np.ndarray, m: int) -> tuple[bool, np.ndarray]:
    """Whether the phases are factors, and the phases."""
    n, multiplied = len(y), bool((y > 0.0).all())
    if m == 1 or n < 2 * m + 2:
        return False, np.zeros(m)
    weights = np.ones(m) if m % 2 else np.array([0.5, *np.ones(m - 1), 0.5])
    own: list[list[float]] = [[] for _ in range(m)]
    for t in range(m // 2, n - m // 2):
        average = weights @ y[t - m // 2 : t - m // 2 + len(weights)] / m
        own[t % m].append(y[t] / average if multiplied else y[t] - average)
    means = np.array([np.mean(part) for part in own])
    within = sum(((np.array(part) - np.mean(part)) ** 2).sum() for part in own) / sum(len(part) - 1 for part in own)
    noise, between = within / np.mean([len(part) for part in own]), means.var(ddof=1)
    pull = (m - 3 if m > 4 else 1) / (m - 1)
    means = means.mean() + min(max(1.0 - pull * noise / between, 0.0), 1.0) * (means - means.mean())
    if m >= 24 and n < 3 * m:
        centre, spectrum = means.mean(), np.fft.rfft(means - means.mean())
        spectrum *= np.clip(1.0 - 2.0 * m * noise / np.maximum(np.abs(spectrum) ** 2, 1e-300), 0.0, 1.0)
        means = centre + np.fft.irfft(spectrum, m)
    return multiplied, np.maximum(means / means.mean(), 0.01) if multiplied else means - means.mean()


def members_recipe(y: np.ndarray, m: int) -> Any:
    """A function (known values, horizon) -> [4, horizon]: the members fitted to `y`, the last two kept near."""
    multiplied, phases = phases_recipe(y, m)

    def off(values: np.ndarray) -> np.ndarray:
        own = phases[np.arange(len(values)) % m]
        return values / own if multiplied else values - own

    z = off(y)
    smooth, theta = smoothing_recipe(z, m), theta_recipe(z)
    levels, steps = lag_sets_recipe(y, m), lag_sets_recipe(np.diff(y), m)
    away = 0.02 * len(y) * np.abs(np.diff(z)).mean()

    def ahead(known: np.ndarray, horizon: int) -> np.ndarray:
        own = phases[np.arange(len(known), len(known) + horizon) % m]
        pair = [part(off(known), horizon) for part in (smooth, theta)]
        pair = [part * own if multiplied else part + own for part in pair]
        reach = away * np.sqrt(np.arange(1, horizon + 1))
        low, high = np.minimum(*pair) - reach, np.maximum(*pair) + reach
        others = [levels(known, horizon), known[-1] + np.cumsum(steps(np.diff(known), horizon))]
        return np.array([*pair, *(np.clip(part, low, high) for part in others)])

    return ahead


def auto_recipe(y: np.ndarray, m: int, horizon: int, origins: int) -> tuple[np.ndarray, np.ndarray]:
    """(members' forecasts [4, horizon], weights [4, horizon]) from the end of `y`."""
    n = len(y)
    behind = min(n // 2, max(n - 6, 1))
    cuts = [n - max(1, round(behind * (3 - j) / 3)) for j in range(3)] + [n]
    errors: list[list[list[float]]] = [[[] for _ in range(horizon)] for _ in range(4)]
    for j in range(3):
        ahead = members_recipe(y[: cuts[j]], m)
        for i in range(origins):
            origin = cuts[j] + (cuts[j + 1] - cuts[j]) * i // origins
            found = ahead(y[:origin], horizon)
            for k in range(min(horizon, n - origin)):
                for a in range(4):
                    errors[a][k].append(found[a, k] - y[origin + k])
    size = np.zeros((4, horizon))
    for a in range(4):
        pool: list[float] = []
        for k in range(horizon):
            pool += errors[a][k]
            pooled = np.mean(np.square(pool))
            size[a, k] = (np.mean(np.square(errors[a][k])) + pooled) / 2.0 if errors[a][k] else pooled
    weights = (size / size.mean(axis=0) + 0.1) ** -2.0
    weights /= weights.sum(axis=0)
    own = n / (n + 20)
    return members_recipe(y, m)(y, horizon), own * weights + (1.0 - own) / 4.0
