"""Subspace methods: leading directions of the windows of a series, and its frequencies (ESPRIT)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..protocols import Array
from . import linear

ZERO_PADDING = 4


def directions(runs: Sequence[Array], window: int) -> tuple[Array, Array]:
    """Sizes [series, window], largest first, and orthonormal directions [series, window, window] of all windows of
    `runs`.

    As in `linear`, the series of a batch stand in front, and centred runs have the time last.
    """
    moments = np.sum([linear.gram(run, window, window) for run in runs if run.shape[-1] >= window], axis=0)
    sizes, vectors = np.linalg.eigh(moments)
    return sizes[..., ::-1], vectors[..., ::-1]


def spanned(sizes: Array) -> Any:
    """[series]: numerical rank of the windows."""
    least = np.finfo(np.float64).eps * sizes.shape[-1] * np.maximum(sizes[..., :1], 0.0)
    return (sizes > least).sum(axis=-1)


def recurrence(onto: Array) -> tuple[Array, Any]:
    """The linear recurrence [series, window - 1] of the next value that the directions [series, window, rank] obey, and
    their verticality, [series].

    Source: Golyandina & Zhigljavsky (2013). None exists where the verticality reaches 1.
    """
    last = onto[..., -1, :]
    verticality = np.matmul(last[..., None, :], last[..., :, None])[..., 0, 0]
    with np.errstate(all="ignore"):
        return np.matmul(onto[..., :-1, :], last[..., None])[..., 0] / (1.0 - verticality)[..., None], verticality


def outwards(onto: Array, recurrence: Array, horizon: int) -> Array:
    """[series, horizon, rank]: the forecast of the recurrence from each direction, at each step."""
    forward, _ = linear.operator(recurrence[..., None, :], np.zeros((*recurrence.shape[:-1], 1)), horizon)
    with np.errstate(over="ignore", invalid="ignore"):  # the caller checks for an explosive recurrence
        return np.asarray(np.matmul(forward, onto[..., 1:, :]))


def frequencies(runs: Sequence[Array], count: int) -> list[float]:
    """`count` frequencies in radians per step, the strongest first: from ESPRIT, and where it finds too few, from the
    spectrum.

    Source: Roy & Kailath, "ESPRIT" (IEEE Trans. ASSP 37, 1989): the directions of the windows, less their first row,
    are those less their last row, turned; the angles of that turn are the frequencies.
    """
    longest = max(len(run) for run in runs)
    window = max(8, min(200, longest // 3))
    found: list[float] = []
    if longest > window > 2 * count:
        _, vectors = directions(runs, window)
        onto = vectors[:, : 2 * count]
        turn = np.linalg.lstsq(onto[:-1], onto[1:], rcond=None)[0]
        angles = np.angle(np.linalg.eigvals(turn))
        upper = [float(angle) for angle in angles if 1e-9 < angle < np.pi - 1e-9]
        found = sorted(upper, key=lambda angle: -_energy(runs, angle))[:count]
    while len(found) < count:
        found.append(_peak([_without(run, found) for run in runs]))
    return [float(np.clip(w, 2.0 * np.pi / (3.0 * longest), 3.0)) for w in found]


def _waves(length: int, angles: Sequence[float]) -> Array:
    t = np.arange(length)
    return np.column_stack([wave(angle * t) for angle in angles for wave in (np.cos, np.sin)])


def _without(run: Array, angles: Sequence[float]) -> Array:
    """A run less the sinusoids of these frequencies."""
    if not angles:
        return run
    waves = _waves(len(run), angles)
    return np.asarray(run - waves @ np.linalg.lstsq(waves, run, rcond=None)[0])


def _energy(runs: Sequence[Array], angle: float) -> float:
    """Energy that one sinusoid explains in the runs."""
    return sum(float(run @ run) - float(rest @ rest) for run in runs for rest in [_without(run, [angle])])


def _peak(runs: Sequence[Array]) -> float:
    """The highest frequency peak of the longest run (Hann window)."""
    run = max(runs, key=len)
    size = ZERO_PADDING * len(run)
    power = np.abs(np.fft.rfft((run - run.mean()) * np.hanning(len(run)), size)) ** 2
    power[0] = 0.0
    return 2.0 * np.pi * float(np.argmax(power)) / size
