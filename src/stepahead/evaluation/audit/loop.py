"""The loop of the audit over its cuts: perturb the values from a cut on, run again, compare the forecasts before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from ...covariates import FORESEEN, KNOWN, PAST
from ...errors import InputError, ParameterError, shown
from ...parameters import as_tuple, real, refuse, whole
from ...protocols import Array, Forecaster, Index
from ...series import Series, as_series
from ...walk import is_model
from ...windows import require, train_length
from .findings import Audit, Leak
from .opened_files import Ledger, Touched, data_files, names
from .perturbed import known_rewritten, past_rewritten, rewritten, with_gaps
from .pipelines import (
    ROUNDING,
    Function,
    FunctionPipeline,
    ModelPipeline,
    Pipeline,
    RefusedError,
    Run,
    name_of_function,
)

EXHAUSTIVE = 400
SAMPLED = 32
DEFAULT_HORIZON = 12
LARGEST_TOLERANCE = 1e-3
STATE_ROWS = 1 << 16
"""States are compared so many rows at a time."""
SHAPES = 1e-6
"""Relative to the largest forecast: other array shapes change the last digits, in many nets those of float32."""


def audit(
    model: Forecaster | Function,
    series: Any,
    horizon: int | None = None,
    train: float | int | None = None,
    *,
    cuts: Sequence[int] | None = None,
    seed: int = 0,
    tolerance: float = 0.0,
) -> Audit:
    """The causal audit: whether any value at or after an origin reaches its forecast, in a model, its fit or scaling,
    or in any pipeline.

    >>> import stepahead as sa
    >>> print(sa.audit(sa.AR(lags=4), sa.datasets.noisy_sine(length=200, seed=0)))
    AR(4): causal (every cut, 89 refits, 12549 rows compared bit for bit)

    A pipeline in any library is a function from values to forecasts, ``{origin: its H forecasts}``:

    >>> def halfway(values):
    ...     mean = values.mean()  # over all values: this is the leak
    ...     return {o: [0.5 * (values[o - 1] + mean)] * 3 for o in range(100, 190)}
    >>> sa.audit(halfway, sa.datasets.noisy_sine(length=200, seed=0), train=100).causal
    False

    For each cut t the values from t on are rewritten (other level, scale, sign and order), the whole pipeline runs
    again from raw values, and: A. the forecasts of every origin o <= t have the same bits; B. the fitted parameters
    have, if they are visible; D. some forecast after t differs; E. the same origins up to t have a forecast.
    At a few cuts there are more checks: F. the series cut off at t has the same forecast from t (to a millionth), and
    E. the same origins; N. with all, some or one of the values from t on missing, the forecasts of origins o <= t are
    the same (to a millionth), and none is NaN. Equality is bit for bit since a scaler fitted on all values changes a
    least-squares forecast by only 1e-13, but a ridge forecast by far more.

    Of a series with columns the same is asked of them. H (in place of A): the past columns are rewritten with the
    values. K: with the columns known ahead rewritten from t on, the states of origins up to t have the same bits, and
    so has each step whose target, and what the model declares to read beyond it, lies before t. B holds for both.
    D: a model that uses columns and moves with none of them is idle. That a column was known ahead is taken on your
    word, and the summary says so.

    Files are watched, not isolated: if one run reads what another has written over other values, no run can show a
    leak, and the verdict is "not decided". The pipeline runs on perturbed values, and any file that it writes then
    holds results of these: audit it where such files do no harm.

    Parameters
    ----------
    model : any Forecaster; a copy is fitted on the training part of `series`. Or a function that is given the
        values, [time] float64 (of symbols their codes), and gives {origin: forecasts}, as many from every origin. It
        may fit on ``values[:train]``; an exception that it raises on rewritten values counts as a refusal. Of a series
        with columns it is handed those that it takes by keyword, ``f(values, past, known)``: dicts of arrays by name,
        [time] and [time + beyond]. A column of text has an array for each symbol, "weather=rain".
    series : one series, complete or with ``missing="skip"``.
    horizon : steps to roll a model out, by default 12. For a function, the number that it gives.
    train : a share, or the number of values, of the training part; cuts come after it. By default half; required for
        a function, whose fit cannot be seen.
    cuts : where to rewrite; by default every index of a series of up to 400 values, else 32: the first, the last, and
        random ones. Also 32 if a function is too slow for every index.
    seed : of the rewriting and of the random cuts.
    tolerance : relative to the largest forecast, up to 0.001. By default every bit counts. Threads that add in a
        different order in each run, such as those of ``n_jobs=2``, need about 1e-12; a smaller change is then not
        detected, and the verdict says "to within".

    Raises
    ------
    InputError : the series is too short for train and horizon.
    ParameterError : a function does not return forecasts by origin, or returns different ones for the same values.
    """
    is_function = not is_model(model) and callable(model) and not isinstance(model, type)
    whole("seed", seed, 0)
    if not 0.0 <= real("tolerance", tolerance) <= LARGEST_TOLERANCE:
        raise refuse("tolerance", tolerance, f"between 0 and {LARGEST_TOLERANCE}")
    if horizon is not None:
        whole("horizon", horizon)
    known = as_series(series)
    if is_function and train is None:
        raise ParameterError(
            f"{shown(name_of_function(model))} is a function and not a Forecaster: its audit "
            "needs train=, how many values "
            "at the start of the series it may fit on",
            code="parameter",
            name="train",
        )
    length = train_length(len(known), 0.5 if train is None else train)
    steps = horizon or (1 if is_function else DEFAULT_HORIZON)
    require(len(known), length + steps + 1, f"an audit with train={length} and horizon={steps}", known.name)
    pipeline: Pipeline
    if is_function:
        pipeline = FunctionPipeline(cast(Function, model), known, length, horizon, tolerance)
    else:
        pipeline = ModelPipeline(cast(Forecaster, model), known, length, steps, tolerance)
    return _audited(pipeline, known, length, cuts, seed, tolerance)


@dataclass
class _Round:
    """The runs at all cuts over a series of which one kind of thing is rewritten, and what came of them."""

    rewritten: Callable[[int, int], Series]
    compare: Callable[[Run, int], tuple[list[Leak], bool, int]]
    alone: dict[int, tuple[Run, Touched]] = field(default_factory=dict)
    leaks: list[Leak] = field(default_factory=list)
    compared: int = 0
    stopped: int = 0
    differs: bool = False
    refusal: BaseException | None = None

    def over(self, pipeline: Pipeline, base: Run, numbers: dict[int, int], refits_at: set[int], ledger: Ledger) -> None:
        """Run at each cut, and compare."""
        for cut, (_, touched) in self.alone.items():
            ledger.add(touched, self.rewritten(cut, numbers[cut]), isolated=True)
        for cut, number in numbers.items():
            changed = self.rewritten(cut, number)
            try:
                with ledger.watching(changed, alone=cut in refits_at and not self.alone):
                    got = pipeline.run(changed, cut in refits_at)
            except RefusedError as error:
                self.stopped, self.refusal = self.stopped + 1, error.__cause__
                continue
            found, differs, rows = self.compare(got, cut)
            if found and not self.leaks and _by_rounding(base, got):
                pipeline.steady(changed, cut in refits_at, got)
            if not found and cut in self.alone:
                isolated = self.compare(self.alone[cut][0], cut)[0]
                found = [replace(leak, found=f"in an isolated process {leak.found}") for leak in isolated]
            self.leaks += found
            self.compared += rows
            self.differs = self.differs or differs


def _audited(
    pipeline: Pipeline, known: Series, length: int, given: Sequence[int] | None, seed: int, tolerance: float
) -> Audit:
    has_ahead = len(known.known) > 0
    bare, what = known.beside is None, "values and past columns" if len(known.past) else "values"

    def hidden(got: Run, cut: int) -> tuple[list[Leak], bool, int]:
        found, differs, rows = _compare(base, got, cut, tolerance)
        if not bare:
            found = [replace(leak, check="H" if leak.check == "A" else leak.check, rewritten=what) for leak in found]
        return found, differs, rows

    from .isolated import Isolated  # here: it takes time, and nothing else needs it

    values = _Round(lambda cut, number: rewritten(known, cut, number, seed), hidden)
    ahead = _Round(
        lambda cut, number: known_rewritten(known, cut, number, seed),
        lambda got, cut: _compare_known(base, got, cut, tolerance, pipeline.leads),
    )
    possible = len(known) - length if given is None else len(as_tuple("cuts", given))
    ledger = Ledger()
    with (
        Isolated(lambda cut, number: pipeline.run(values.rewritten(cut, number), True), possible) as processes,
        Isolated(
            lambda cut, number: pipeline.run(ahead.rewritten(cut, number), True), possible if has_ahead else 0
        ) as of_known,
    ):
        with ledger.watching(known):
            base = pipeline.base()
        if not len(base.origins) or base.origins[-1] < length:
            raise InputError(
                f"{shown(pipeline.name)} has no held-out origin to audit: none at or after train={length}",
                code="too-short",
                found=len(known),
            )
        every = pipeline.cuts(base)
        affords = pipeline.affords(len(every) * (1 + has_ahead))
        all_of_them = len(every) <= SAMPLED or (len(known) <= EXHAUSTIVE and affords)
        places, exhaustive = _cuts(every, all_of_them, len(known), length, given, seed)
        refits_at = pipeline.refits_at(places)
        numbers = {cut: number for number, cut in enumerate(places)}
        asked = [(cut, number) for cut, number in numbers.items() if cut in refits_at]
        values.alone = processes.runs(asked, pipeline.seconds)
        ahead.alone = of_known.runs(asked, pipeline.seconds) if has_ahead else {}

    values.over(pipeline, base, numbers, refits_at, ledger)
    if values.stopped == len(places):
        raise InputError(
            f"{shown(pipeline.name)} refused the rewritten values at every cut: nothing was "
            "audited. Its last error was "
            f"{shown(str(values.refusal))}",
            code="audit",
        ) from values.refusal
    if has_ahead:
        ahead.over(pipeline, base, numbers, refits_at, ledger)
    prefixes, found_shorter = _shorter(pipeline, known, base, _spread(places, 8), max(SHAPES, tolerance), ledger)
    gap_cuts, found_gaps = _gaps(pipeline, known, base, _spread(places, 3), max(SHAPES, tolerance), ledger)
    uses = pipeline.uses()
    idle = bool(uses) and not ahead.differs and not _moves_with_past(pipeline, known, base, places, uses, seed, ledger)
    return Audit(
        pipeline.name,
        (*values.leaks, *ahead.leaks, *found_shorter, *found_gaps),
        values.differs or ahead.differs,
        len(places),
        len(refits_at) * (1 + has_ahead),
        values.compared + ahead.compared,
        values.stopped + ahead.stopped,
        exhaustive,
        pipeline.deterministic,
        prefixes,
        gap_cuts,
        len(values.alone) + len(ahead.alone),
        "" if values.alone else processes.hindrance or "no isolated process gave a result",
        float(tolerance),
        names(ledger.wrote),
        names(data_files(ledger.read)),
        names(ledger.carried),
        tuple(sorted(ledger.beyond)),
        what,
        tuple(name for name, _ in uses),
        tuple(name for name, kind in uses if kind == KNOWN),
        tuple(name for name, kind in uses if kind == FORESEEN),
        len(places) - ahead.stopped if has_ahead else 0,
        idle,
    )


def _moves_with_past(
    pipeline: Pipeline,
    series: Series,
    base: Run,
    places: Sequence[int],
    uses: Sequence[tuple[str, str]],
    seed: int,
    ledger: Ledger,
) -> bool:
    """Whether any forecast moves where past columns are rewritten, and nothing else (check D)."""
    for number, cut in enumerate(_spread(places, 3) if any(kind == PAST for _, kind in uses) else ()):
        changed = past_rewritten(series, cut, number, seed)
        try:
            with ledger.watching(changed):
                got = pipeline.run(changed, False)
        except RefusedError:
            return True  # what refuses a column reads it
        if not _is_same(base, got):
            return True
    return False


def _is_same(base: Run, got: Run) -> bool:
    """Whether two runs have the same origins and forecasts, bit for bit."""
    same = np.array_equal(base.origins, got.origins) and base.forecasts.shape == got.forecasts.shape
    return same and base.forecasts.tobytes() == got.forecasts.tobytes()


def _compare_known(base: Run, got: Run, cut: int, tolerance: float, leads: int) -> tuple[list[Leak], bool, int]:
    """The leaks with the columns known ahead rewritten from the cut on, checks K, B and E; whether anything changed
    (D); and how many rows were compared.

    States of origins up to the cut are made of nothing from it on. Step k of origin o reads these columns up to row
    o + k - 1 + leads, and must not move where that lies before the cut.
    """
    found = (
        [Leak("B", cut, None, "a fitted parameter changed")] if base.fingerprint not in (None, got.fingerprint) else []
    )
    until, other = (int(np.searchsorted(run.origins, cut, side="right")) for run in (base, got))
    if not np.array_equal(base.origins[:until], got.origins[:other]):
        found.append(Leak("E", cut, None, "other origins before it had a forecast"))
    elif base.forecasts.shape[1] != got.forecasts.shape[1]:
        found.append(
            Leak("E", cut, None, f"{got.forecasts.shape[1]} steps were forecast, not {base.forecasts.shape[1]}")
        )
    else:
        found += _known_leaks(base, got, cut, until, tolerance, leads)
    found = [replace(leak, rewritten="columns known ahead") for leak in found]
    return found, not _is_same(base, got), until


def _known_leaks(base: Run, got: Run, cut: int, until: int, tolerance: float, leads: int) -> Iterator[Leak]:
    moved = _first_other_state(base, got, cut)
    if moved is not None:
        yield Leak("K", cut, moved, "a state changed, the first")
    before, after = base.forecasts[:until], got.forecasts[:until]
    reads = base.origins[:until, None] + np.arange(before.shape[1]) + leads
    same = (before.view(np.uint64) == after.view(np.uint64)) | (reads >= cut)
    if tolerance:
        same |= np.abs(before - after) <= tolerance * _size(base)
    if not same.all():
        rows = ~same.all(axis=1)
        row = int(np.argmax(rows))
        step = int(np.argmax(~same[row])) + 1
        far = _far(np.where(same, 0.0, before), np.where(same, 0.0, after))
        yield Leak(
            "K",
            cut,
            int(base.origins[row]),
            f"{int(rows.sum())} of {until} rows changed at steps before it,{far}, the first at step {step}",
        )


def _first_other_state(base: Run, got: Run, cut: int) -> int | None:
    """The first origin up to the cut whose state has other bits; None where there is none, or no state is seen."""
    count = max(cut - base.first + 1, 0)
    firsts = []
    for one, other in zip(base.state, got.state, strict=False):
        for start in range(0, count, STATE_ROWS):
            rows = slice(start, min(start + STATE_ROWS, count))
            a, b = (np.ascontiguousarray(part[rows]).reshape(rows.stop - start, -1) for part in (one, other))
            if a.tobytes() != b.tobytes():
                apart = (a.view(np.uint8) != b.view(np.uint8)).any(axis=1)
                firsts.append(base.first + start + int(np.argmax(apart)))
                break
    return min(firsts, default=None)


def _by_rounding(base: Run, got: Run) -> bool:
    """Whether the forecasts of common origins differ by no more than rounding by threads that add in another
    order.
    """
    _, one, other = np.intersect1d(base.origins, got.origins, return_indices=True)
    if base.forecasts.shape[1] != got.forecasts.shape[1]:
        return False
    apart = np.abs(base.forecasts[one] - got.forecasts[other])
    small = apart <= ROUNDING * _size(base)
    return bool(small[apart > 0.0].any())


def _size(base: Run) -> float:
    """The size of the largest forecast: tolerances are relative to it."""
    return max(float(np.max(np.abs(base.forecasts), initial=0.0)), float(np.finfo(np.float64).tiny))


def _shorter(
    pipeline: Pipeline, series: Series, base: Run, cuts: Sequence[int], tolerance: float, ledger: Ledger
) -> tuple[int, list[Leak]]:
    """Checks F and E with the series cut off at some cuts: they detect a pipeline that depends on its length.

    F. the forecast from the end of the cut series equals the forecast from that origin of the whole series, to a
      millionth of the largest one.
    """
    runs: dict[int, Run] = {}
    for cut in cuts:
        try:
            with ledger.watching(series[:cut]):
                runs[cut] = pipeline.shorter(series[:cut])
        except (RefusedError, ParameterError):
            continue
    found, done = [], 0
    for cut, run in runs.items():
        row = int(np.searchsorted(base.origins, cut))
        at_the_end = len(run.origins) and run.origins[-1] == cut and run.forecasts.shape[1] == base.forecasts.shape[1]
        if not at_the_end or row == len(base.origins) or base.origins[row] != cut:
            continue
        done += 1
        apart = float(np.max(np.abs(run.forecasts[-1] - base.forecasts[row])))
        if not apart <= tolerance * _size(base):
            found.append(
                Leak("F", cut, cut, f"and the series cut off there instead, the forecast differs by {apart:.3g}")
            )
    return done, [*found, *_dropped(base, runs, len(series))]


def _dropped(base: Run, runs: dict[int, Run], length: int) -> list[Leak]:
    """Check E with the series cut off: an origin keeps its forecast, unless the new end is too near.

    The run that comes closest to its end shows how near is too near: a pipeline may need targets, or take every tenth
    origin. One that drops the last batch keeps no such distance. Runs that choose other origins in between, at random
    or counted from the end, are not checked.
    """
    distance = min(end - int(run.origins[-1]) for end, run in [(length, base), *runs.items()] if len(run.origins))
    found = []
    for cut, run in runs.items():
        asked = base.origins[base.origins <= cut - distance]
        kept = np.isin(asked, run.origins)
        many = int(kept.sum())
        if 0 < many < len(asked) and kept[:many].all():
            text = (
                f"and the series cut off there instead, {len(asked) - many} of {len(asked)} origins are gone, the first"
            )
            found.append(Leak("E", cut, int(asked[many]), text))
    return found


def _gaps(
    pipeline: Pipeline, series: Series, base: Run, cuts: Sequence[int], tolerance: float, ledger: Ledger
) -> tuple[int, list[Leak]]:
    """Check N: with all, some or one of the values from the cut on missing, no forecast before it is lost or
    changed.

    A pipeline that refuses missing values is not checked; nor is an origin for which a function then has no row, as it
    may leave out origins without targets.
    """
    found, done = [], set()
    for cut in cuts:
        for changed, which in with_gaps(series, cut):
            try:
                with ledger.watching(changed):
                    got = pipeline.past(changed, cut)
            except (RefusedError, ParameterError):
                continue
            done.add(cut)
            if leak := _moved(base, got, cut, which, tolerance):
                found.append(leak)
                break
    return len(done), found


def _moved(base: Run, got: Run, cut: int, which: str, tolerance: float) -> Leak | None:
    """Check N of one run: the leak, if a forecast became NaN or changed."""
    origins, one, other = np.intersect1d(base.origins, got.origins, return_indices=True)
    until = int(np.searchsorted(origins, cut, side="right"))
    if base.forecasts.shape[1] != got.forecasts.shape[1]:
        return Leak(
            "N", cut, None, f"{got.forecasts.shape[1]} steps were forecast, not {base.forecasts.shape[1]}", which
        )
    before, after = base.forecasts[one[:until]], got.forecasts[other[:until]]
    lost = np.isnan(after).any(axis=1)
    apart = np.where(before == after, 0.0, np.abs(before - after))
    moved = lost | ~(apart <= tolerance * _size(base)).all(axis=1)
    if not moved.any():
        return None
    first = int(origins[int(np.argmax(moved))])
    if lost.any():
        return Leak(
            "N",
            cut,
            int(origins[int(np.argmax(lost))]),
            f"{int(lost.sum())} of {until} rows were lost, the first",
            which,
        )
    return Leak("N", cut, first, f"{int(moved.sum())} of {until} rows changed,{_far(before, after)}, the first", which)


def _cuts(
    every: Index, all_of_them: bool, count: int, length: int, given: Sequence[int] | None, seed: int
) -> tuple[list[int], bool]:
    if given is not None:
        chosen = sorted({whole("cuts", cut, length, count - 1) for cut in as_tuple("cuts", given)})
        if not chosen:
            raise refuse("cuts", given, "at least one cut")
        return chosen, chosen == every.tolist()
    if all_of_them:
        return every.tolist(), True
    inner = np.random.default_rng(seed).choice(every[1:-1], SAMPLED - 2, replace=False)
    return sorted({int(every[0]), int(every[-1]), *inner.tolist()}), False


def _spread(places: Sequence[int], count: int) -> list[int]:
    """Some cuts: the first, the last, and some between."""
    return [places[i] for i in sorted(set(np.linspace(0, len(places) - 1, count).round().astype(int).tolist()))]


def _compare(base: Run, got: Run, cut: int, tolerance: float) -> tuple[list[Leak], bool, int]:
    """The leaks at this cut, checks A, B and E; whether anything after the cut changed (D);
    and how many rows were compared.
    """
    found = (
        [Leak("B", cut, None, "a fitted parameter changed")] if base.fingerprint not in (None, got.fingerprint) else []
    )
    until, other = (int(np.searchsorted(run.origins, cut, side="right")) for run in (base, got))
    if not np.array_equal(base.origins[:until], got.origins[:other]):
        return [*found, Leak("E", cut, None, "other origins before it had a forecast")], True, 0
    rest = base.forecasts[until:].tobytes() != got.forecasts[other:].tobytes()
    if not until:
        return found, rest, 0
    steps = got.forecasts.shape[1]
    if base.forecasts.shape[1] != steps:
        return [*found, Leak("E", cut, None, f"{steps} steps were forecast, not {base.forecasts.shape[1]}")], True, 0
    before, after = base.forecasts[:until], got.forecasts[:until]
    same = before.view(np.uint64) == after.view(np.uint64)
    if tolerance:
        same |= np.abs(before - after) <= tolerance * _size(base)
    if same.all():
        return found, rest, until
    rows = ~same.all(axis=1)
    first = int(base.origins[int(np.argmax(rows))])
    return (
        [*found, Leak("A", cut, first, f"{int(rows.sum())} of {until} rows changed,{_far(before, after)}, the first")],
        rest,
        until,
    )


def _far(before: Array, after: Array) -> str:
    """The largest distance between forecast rows of two runs."""
    worst = float(np.max(np.abs(before - after)))
    return f" by up to {worst:.3g}" if np.isfinite(worst) else " by an infinite amount"
