"""The causal audit: rewrite everything from some time on, and demand the same bits from every origin before it."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..columns import NOT_OBSERVED
from ..errors import FitError, InputError
from ..parameters import as_tuple, refuse, whole
from ..protocols import Array, Forecaster
from ..series import Series, as_series
from ..walk import check_forecaster, encoded, name_of, usable_origins, walk
from ..windows import Index, require, train_length

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
    stopped : at how many cuts the model refused the rewritten values, so that nothing could be compared there.
    exhaustive : every cut there is was tried.
    deterministic : whether two fits on the same data gave the same bits; where not, fits cannot be compared.
    """

    model: str
    leaks: tuple[Leak, ...]
    sensitive: bool
    cuts: int
    refits: int
    compared: int
    stopped: int
    exhaustive: bool
    deterministic: bool

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
        if self.stopped:
            tail += f"; at {self.stopped} cuts the model refused the rewritten values"
        if not self.deterministic:
            tail += "; two fits on the same data differ, so fits were not compared"
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
    # What a run leaves behind in a model must not reach the next one: every run has a copy of its own, and the marks are
    # taken before any.
    marks = parameter_bits(fitted)
    deterministic = parameter_bits(copy.deepcopy(model).fit(known[:length])) == marks
    base = _run(copy.deepcopy(fitted), known, horizon)
    if not len(base[0]) or base[0][-1] < length:
        raise InputError("the series has no held-out origin to audit", code="too-short", found=len(known))

    every = np.arange(length, len(known) - horizon + 1)
    places, exhaustive = _cuts(every, known, length, cuts, seed)
    refit_all = fit_seconds * len(places) <= REFIT_SECONDS
    refits_at = (set(places) if refit_all else {places[0], places[-1]}) if deterministic else set()

    leaks: list[Leak] = []
    compared, stopped, sensitive = 0, 0, False
    for number, cut in enumerate(places):
        changed = known.with_values(hostile(known, cut, number, seed))
        again: Any = copy.deepcopy(fitted)
        if cut in refits_at:
            again = copy.deepcopy(model).fit(changed[:length])
            if parameter_bits(again) != marks:
                leaks.append(Leak("B", cut, None, "a fitted parameter changed"))
        try:
            got = _run(again, changed, horizon)
        except (FitError, InputError):
            # A model may refuse what the audit planted behind the cut; that says nothing of what lies before it.
            stopped += 1
            continue
        moved, differs, rows = _compare(base, got, cut)
        compared += rows
        sensitive = sensitive or differs
        if moved is not None:
            leaks.append(moved)
    leaks += _prefix(fitted, known, base, (places[0], places[len(places) // 2], places[-1]), horizon)
    if stopped == len(places):
        raise InputError(f"{name_of(model)} refused the rewritten values at every cut: nothing was audited", code="audit")
    return Audit(
        name_of(model), tuple(leaks), sensitive, len(places), len(refits_at), compared, stopped, exhaustive, deterministic
    )


def _prefix(fitted: Forecaster, series: Series, base: tuple[Index, Array], cuts: Sequence[int], horizon: int) -> list[Leak]:
    """Check F: a forecast from the series cut off at an origin is the forecast from that origin of the whole series.

    Catches what rewriting cannot: a state that knows how long the series is. To a millionth of the largest forecast: shapes
    differ, and with them the last digits, which are those of float32 in many nets.
    """
    found = []
    size = float(np.nanmax(np.abs(base[1]))) if base[1].size else 0.0
    for cut in sorted(set(cuts)):
        row = int(np.searchsorted(base[0], cut))
        if row == len(base[0]) or base[0][row] != cut:
            continue
        alone = copy.deepcopy(fitted)
        part = series[:cut]
        state = encoded(alone, part)
        (_, ahead), *_ = walk(alone, part, state, np.array([cut]), horizon)
        apart = float(np.max(np.abs(ahead[0] - base[1][row])))
        if not apart <= 1e-6 * max(size, np.finfo(np.float64).tiny):
            found.append(Leak("F", cut, cut, f"and the series cut off there instead, the forecast differs by {apart:.3g}"))
    return found


def _run(fitted: Forecaster, series: Series, horizon: int) -> tuple[Index, Array]:
    """The origins with a forecast, and their forecasts [origins, horizon]."""
    state = encoded(fitted, series)
    origins = usable_origins(fitted, series, state, len(series) - horizon)
    out = np.empty((len(origins), horizon))
    for _ in walk(fitted, series, state, origins, horizon, out):
        pass
    return origins, out


def _cuts(every: Index, series: Series, length: int, given: Sequence[int] | None, seed: int) -> tuple[list[int], bool]:
    if given is not None:
        chosen = sorted({whole("cuts", cut, length, len(series) - 1) for cut in as_tuple("cuts", given)})
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
        codes = rng.integers(0, len(series.categories), behind) if number % 3 else (values[cut:] + 1) % len(series.categories)
        values[cut:] = np.where(_moved(values == NOT_OBSERVED, cut, rng), NOT_OBSERVED, codes)
        return values
    flavour = number % 3
    if flavour == 0:
        fresh = rng.normal(1000.0, 37.0, behind)
    elif flavour == 1:
        fresh = np.full(behind, -321.5)
    else:
        fresh = np.where(np.arange(behind) % 2 == 0, 1e6, 1e-6)
    if (values[~np.isnan(values)] % 1.0 == 0.0).all():
        fresh = np.rint(fresh)  # whole numbers stay whole: a chain of them takes no others
    # Where the series has holes they move too: a state may not know which of the values to come are missing.
    missing = _moved(np.isnan(values), cut, rng)
    values[cut:] = np.where(missing, np.nan, fresh)
    return values


def _moved(missing: npt.NDArray[np.bool_], cut: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Other holes behind the cut, where the series has holes at all."""
    behind = len(missing) - cut
    return rng.random(behind) < 0.2 if missing.any() else np.zeros(behind, dtype=bool)


def _compare(base: tuple[Index, Array], got: tuple[Index, Array], cut: int) -> tuple[Leak | None, bool, int]:
    """The leak at this cut if there is one, whether anything after the cut moved, and how many rows were compared."""
    until, other = (int(np.searchsorted(origins, cut, side="right")) for origins in (base[0], got[0]))
    if not np.array_equal(base[0][:until], got[0][:other]):
        return Leak("E", cut, None, "other origins before it had a forecast"), True, 0
    rest = base[1][until:].tobytes() != got[1][other:].tobytes()
    same = base[1][:until].view(np.uint64) == got[1][:until].view(np.uint64)
    if same.all():
        return None, rest, until
    rows = ~same.all(axis=1)
    worst = float(np.nanmax(np.abs(base[1][:until] - got[1][:until])))
    text = f"{int(rows.sum())} of {until} rows moved, by up to {worst:.3g}, the first"
    return Leak("A", cut, int(base[0][int(np.argmax(rows))]), text), rest, until


def parameter_bits(part: Any, seen: frozenset[int] = frozenset()) -> Any:
    """Everything a fitted object holds, as something that can be compared bit for bit: arrays as their bytes."""
    if isinstance(part, np.ndarray):
        if part.dtype.kind == "O":
            return tuple(parameter_bits(item, seen) for item in part.ravel())
        return (part.dtype.str, part.shape, part.tobytes())
    if isinstance(part, np.generic):
        return part.tobytes()
    if isinstance(part, float):
        return part.hex()
    if part is None or isinstance(part, (str, bytes, int, bool, type)):
        return part
    if id(part) in seen:
        return "seen"
    seen = seen | {id(part)}
    if isinstance(part, (list, tuple)):
        return tuple(parameter_bits(item, seen) for item in part)
    if isinstance(part, (set, frozenset)):
        return tuple(sorted(str(parameter_bits(item, seen)) for item in part))
    if isinstance(part, dict):
        return {str(key): parameter_bits(value, seen) for key, value in part.items()}
    if callable(getattr(part, "numpy", None)) and callable(getattr(part, "detach", None)):
        return parameter_bits(part.detach().cpu().numpy(), seen)
    state = part.__getstate__() if callable(getattr(part, "__getstate__", None)) else getattr(part, "__dict__", None)
    return (type(part).__name__, parameter_bits(state, seen))
