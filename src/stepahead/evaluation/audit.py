"""The causal audit: rewrite everything from some time on, and demand the same bits from every origin before it."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FitError, InputError
from ..parameters import refuse, whole
from ..protocols import Array, Forecaster
from ..series import NOT_OBSERVED, Series, as_series
from ..walk import check_forecaster, name_of, usable_origins, walk
from ..windows import Index, require, scored_origins, train_length

EXHAUSTIVE = 400
SAMPLED = 32
REFIT_SECONDS = 5.0


@dataclass(frozen=True)
class Leak:
    """One way in which the future reached the past: the values from `cut` on were rewritten, and something before moved."""

    check: str
    cut: int
    origin: int | None
    found: str

    def __str__(self) -> str:
        at = "" if self.origin is None else f" at origin {self.origin}"
        return f"check {self.check}: with the values from {self.cut} on rewritten, {self.found}{at}"


@dataclass(frozen=True)
class Audit:
    """The verdict of `audit`.

    Attributes
    ----------
    causal : no forecast of an origin at or before a cut, and no fitted parameter, moved by one bit.
    leaks : what moved, first cut first.
    sensitive : whether any forecast after a cut did move (check D). Where none did, the model ignores its data once fitted,
        as `Mean` does, and the audit had nothing to see.
    cuts, refits, compared : how many cuts were tried, at how many the model was fitted again, how many forecast rows were
        compared.
    exhaustive : every cut there is was tried, so that the verdict is complete for this series.
    """

    model: str
    leaks: tuple[Leak, ...]
    sensitive: bool
    cuts: int
    refits: int
    compared: int
    exhaustive: bool

    @property
    def causal(self) -> bool:
        """True where nothing leaked."""
        return not self.leaks

    @property
    def first_leak(self) -> Leak | None:
        """The first leak found, None where there is none."""
        return self.leaks[0] if self.leaks else None

    def __bool__(self) -> bool:
        return self.causal

    def __str__(self) -> str:
        scope = "every cut" if self.exhaustive else f"{self.cuts} cuts"
        tail = f"{scope}, {self.refits} refits, {self.compared} rows compared bit for bit"
        if self.leaks:
            return f"{self.model}: LEAKS. {self.leaks[0]} ({tail})"
        idle = "" if self.sensitive else "; no forecast after a cut moved either: the model ignores its data once fitted"
        return f"{self.model}: causal ({tail}{idle})"


def audit(
    model: Forecaster,
    series: Any,
    horizon: int = 12,
    train: float | int = 0.5,
    *,
    cuts: Sequence[int] | None = None,
    seed: int = 0,
) -> Audit:
    """Whether anything at or after an origin reaches its forecast, in `model`, its fit or its scaling.

    >>> import stepahead as sa
    >>> print(sa.audit(sa.AR(lags=4), sa.datasets.noisy_sine(length=200, seed=0)))
    AR(4): causal (every cut, 89 refits, 12549 rows compared bit for bit)

    For each cut t the values from t on are rewritten (other level, scale, sign and order), the whole pipeline runs again
    from raw input, and: A. the forecasts of every origin o <= t have the same bits; B. so have the fitted parameters;
    D. some forecast after t differs. Rounding is no excuse: a scaler fitted on everything moves a least-squares forecast by
    1e-13, and a ridge one by everything.

    Parameters
    ----------
    model : anybody's Forecaster; a copy is fitted on the training part of `series`.
    series : one series, complete or with ``missing="skip"``.
    horizon : steps to roll out.
    train : a share, or the number of values, of the training part; cuts lie behind it.
    cuts : where to rewrite, by default every place of a series of up to 400 values, else 32: the first, the last, and
        random ones.
    seed : of the rewriting and of the random cuts.

    Raises
    ------
    InputError : the series is too short for train and horizon.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    whole("seed", seed, 0)
    known = as_series(series)
    length = train_length(len(known), train)
    require(len(known), length + horizon + 1, f"an audit with train={length} and horizon={horizon}", known.name)

    before = time.perf_counter()
    fitted = copy.deepcopy(model).fit(known[:length])
    fit_seconds = time.perf_counter() - before
    base = _run(fitted, known, horizon)
    marks = parameter_bits(fitted)
    if base[0].size and base[0][-1] < length:
        raise InputError("the series has no held-out origin to audit", code="too-short", found=len(known))

    every = np.arange(length, len(known) - horizon + 1)
    places, exhaustive = _cuts(every, known, length, cuts, seed)
    refit_all = fit_seconds * len(places) <= REFIT_SECONDS
    refits_at = set(places) if refit_all else {places[0], places[-1]}

    leaks: list[Leak] = []
    compared, sensitive = 0, False
    for number, cut in enumerate(places):
        changed = known.with_values(hostile(known, int(cut), number, seed))
        again: Any = fitted
        if cut in refits_at:
            again = copy.deepcopy(model).fit(changed[:length])
            if parameter_bits(again) != marks:
                leaks.append(Leak("B", int(cut), None, "a fitted parameter changed"))
        try:
            got = _run(again, changed, horizon)
        except (FitError, InputError) as error:
            # What blows up on hostile values behind the cut says nothing of the values before it, unless it looked there.
            leaks.append(Leak("E", int(cut), None, f"the run stopped: {error}"))
            continue
        moved, differs, rows = _compare(base, got, int(cut))
        compared += rows
        sensitive = sensitive or differs
        if moved is not None:
            leaks.append(moved)
    return Audit(name_of(model), tuple(leaks), sensitive, len(places), len(refits_at), compared, exhaustive)


def _run(fitted: Forecaster, series: Series, horizon: int) -> tuple[Index, Array]:
    """The origins with a forecast, and their forecasts [origins, horizon]."""
    state = fitted.encode(series)
    wanted = scored_origins(len(series), fitted.context, horizon)
    usable = usable_origins(fitted, series, state, len(series) - horizon)
    origins = usable if len(usable) == len(wanted) else np.intersect1d(usable, wanted)
    out = np.empty((len(origins), horizon))
    for _ in walk(fitted, series, state, origins, horizon, out):
        pass
    return origins, out


def _cuts(every: Index, series: Series, length: int, given: Sequence[int] | None, seed: int) -> tuple[list[int], bool]:
    if given is not None:
        chosen = sorted({whole("cuts", cut, length, len(series) - 1) for cut in given})
        if not chosen:
            raise refuse("cuts", given, "at least one cut")
        return chosen, chosen == every.tolist()
    if len(series) <= EXHAUSTIVE or len(every) <= SAMPLED:
        return every.tolist(), True
    inner = np.random.default_rng(seed).choice(every[1:-1], SAMPLED - 2, replace=False)
    return sorted({int(every[0]), int(every[-1]), *inner.tolist()}), False


def hostile(series: Series, cut: int, number: int, seed: int) -> npt.NDArray[Any]:
    """The values with everything from `cut` on rewritten. Three flavours take turns: another level and scale; all equal;
    alternating huge and tiny. A mere shuffle would keep mean and spread, and hide a scaler fitted on everything.
    """
    values = series.values.copy()
    rng = np.random.default_rng([seed, number])
    behind = len(values) - cut
    if series.categories is not None:
        observed = values[cut:] != NOT_OBSERVED
        codes = rng.integers(0, len(series.categories), behind) if number % 3 else (values[cut:] + 1) % len(series.categories)
        values[cut:] = np.where(observed, codes, NOT_OBSERVED)
        return values
    flavour = number % 3
    if flavour == 0:
        fresh = rng.normal(1000.0, 37.0, behind)
    elif flavour == 1:
        fresh = np.full(behind, -321.5)
    else:
        fresh = np.where(np.arange(behind) % 2 == 0, 1e6, 1e-6)
    values[cut:] = np.where(np.isnan(values[cut:]), np.nan, fresh)
    return values


def _compare(base: tuple[Index, Array], got: tuple[Index, Array], cut: int) -> tuple[Leak | None, bool, int]:
    """The leak at this cut if there is one, whether anything after the cut moved, and how many rows were compared."""
    if not np.array_equal(base[0], got[0]):
        return Leak("E", cut, None, "other origins had a forecast"), True, 0
    until = int(np.searchsorted(base[0], cut, side="right"))
    same = base[1].view(np.uint64) == got[1].view(np.uint64)
    after = not bool(same[until:].all())
    if same[:until].all():
        return None, after, until
    row = int(np.argmax(~same[:until].all(axis=1)))
    worst = float(np.nanmax(np.abs(base[1][:until] - got[1][:until])))
    text = f"{int((~same[:until].all(axis=1)).sum())} of {until} rows moved, by up to {worst:.3g}, the first"
    return Leak("A", cut, int(base[0][row]), text), after, until


def parameter_bits(part: Any, depth: int = 0) -> Any:
    """Everything a fitted object holds, as something that can be compared bit for bit: arrays as their bytes."""
    if isinstance(part, np.ndarray):
        return (part.dtype.str, part.shape, part.tobytes())
    if isinstance(part, np.generic):
        return part.tobytes()
    if isinstance(part, float):
        return part.hex()
    if part is None or isinstance(part, (str, bytes, int, bool)):
        return part
    if isinstance(part, (list, tuple)):
        return tuple(parameter_bits(item, depth) for item in part)
    if isinstance(part, dict):
        return {str(key): parameter_bits(value, depth) for key, value in part.items()}
    if depth < 8 and hasattr(part, "__dict__"):
        return {key: parameter_bits(value, depth + 1) for key, value in vars(part).items() if not key.startswith("_kept")}
    return type(part).__name__
