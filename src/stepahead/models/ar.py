"""Linear autoregression: recursive, in blocks, or one shot; every forecast one matrix product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..distributions import Normal
from ..draws import normals
from ..errors import FitError, InputError, ParameterError
from ..known_ahead import check_chunk, checked_lags, known_count, named, named_on, settle, told
from ..numerics import linear, regression
from ..numerics.streamed import LaggedMoments, overlapping
from ..parameters import flag, is_auto, one_of, real, refuse, whole
from ..protocols import Array, Batch, Column, FittedBatch, Head, Index, Roll, State
from ..seasons import checked_season, resolve
from ..series import Series, in_fixed_order
from ..storage import register
from ..walk import row_by_row
from ..windows import history, joined_windows, require, runs
from . import selection
from .model import Model, Shapes

if TYPE_CHECKING:
    from typing import Self

LARGEST = float(np.finfo(np.float64).max)
FITTED_CELLS = 1 << 22
"""Most numbers that the moments and operators of one batch may hold; a series that needs more is fitted by itself.
"""
COLUMN_LAGS = (0, 1)
"""How many steps before its target a column known ahead is read."""
GRID = (1, 2, 4, 8, 16, 32, 48, 64, 96, 128)


@register
class AR(Model):
    """Linear autoregression x_t = b + phi_1 x_(t-1) + ... + phi_lags x_(t-lags) + e_t; recursive, or direct in chunks.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = AR(lags=2).fit(series[:604])
    >>> model.coefficients_.round(2), round(model.intercept_, 3)
    (array([0.49, 0.48]), 0.0)
    >>> model.forecast(series, horizon=3).round(2)
    array([-0.61, -0.58, -0.57])

    Parameters
    ----------
    lags : how many past values are read, at least 1; "auto", the default, chooses among 1 .. 128 by the loss over
        `horizon` steps on five cuts inside the training part.
    method : "ols" (least squares), "yule-walker" (1/n autocovariances, centred), "burg" (centred; always stable).
    ridge : penalty on the squared coefficients: ||y - Xw||^2 + ridge ||w||^2, without the intercept.
    intercept : whether an intercept is fitted.
    chunk : steps emitted at once. 1 is recursive; ``chunk=horizon`` is direct: one regression per step. Beyond its
        chunk the model forecasts block by block.
    anchor : "last" subtracts the window's last value before and adds it back after (NLinear).
    horizon : the largest step in the loss of ``lags="auto"``, at most a quarter of the training part; by default that
        of the evaluation, else 64.
    using : names of columns beside the values, or "known", "past", "all"; none by default. Known ones are read at
        the step that is forecast and before (`column_lags`), past ones over the last `lags` values: these are unknown
        one step on, so that a model with one forecasts `chunk` steps and no more.
    column_lags : how many steps before its target a column known ahead is read: by default at it and one before.
    season : ``lags="auto"`` also tries the lags of a season and one more: "auto" looks for the season in the training
        part, a number of steps is taken as given (of several the longest multiple of the first), None for none.

    Attributes
    ----------
    coefficients_ : [lags], or [chunk, lags] for a chunk above 1; oldest lag first.
    intercept_, variance_ : a number each, or [chunk]; variance_ is the mean squared residual (RSS / rows).
    lags_ : the number of lags in use.
    columns_ : the columns in use, as (name, kind); known_coefficients_ : [chunk, columns known ahead, column_lags];
        past_coefficients_ : [chunk, past columns, lags], oldest lag first. Of a fit with columns.

    Raises
    ------
    InputError : fewer windows than coefficients (unless ridge > 0); a column that the series does not have.
    FitError : the recursion would overflow.

    Sources: least squares by the shift structure of the moments, QR where they are ill-conditioned; Burg (1975);
    anchor: Zeng et al., "Are Transformers Effective for Time Series Forecasting?" (AAAI 2023).
    """

    _any_size, _shown = True, ("lags",)
    _costs = {
        "rollout": lambda m, rows, steps: rows * (m.context + 1),
        "predictive": lambda m, rows, steps: rows * 6 * steps,
        "paths": lambda m, rows, steps, n: max(5 * steps * steps, 4 * n * rows * steps),
    }
    _learned = ("coefficients_", "intercept_", "variance_", "lags_")
    _learned_of_columns = ("known_coefficients_", "past_coefficients_")
    coefficients_: Array
    intercept_: Any
    variance_: Any
    lags_: int
    using: Sequence[str] = ()
    column_lags: Sequence[int] = COLUMN_LAGS
    known_coefficients_: Array
    past_coefficients_: Array

    def __init__(
        self,
        lags: int | str = "auto",
        method: str = "ols",
        ridge: float = 0.0,
        intercept: bool = True,
        chunk: int = 1,
        anchor: str | None = None,
        horizon: int | None = None,
        season: Any = "auto",
        using: Sequence[str] = (),
        column_lags: Sequence[int] = COLUMN_LAGS,
    ) -> None:
        self.lags = lags
        self.method = method
        self.ridge = ridge
        self.intercept = intercept
        self.chunk = chunk
        self.anchor = anchor
        self.horizon = horizon
        self.season = season
        if using != () or column_lags != COLUMN_LAGS:  # a copy of a model without columns copies nothing more
            self.using, self.column_lags = using, column_lags

    @property
    def name(self) -> str:
        """The class and the lags, with the number that was chosen, and the columns: ``AR(auto: 24) with promo``."""
        chosen = self.__dict__.get("lags_")
        own = f"AR(auto: {chosen})" if isinstance(self.lags, str) and chosen is not None else super().name
        return told(own, named(self.using), self.columns_) if self.using else own

    @property
    def _looks_ahead(self) -> bool:
        """Whether `horizon` matters: only where the lags are chosen."""
        return isinstance(self.lags, str)

    @property
    def _uses_season(self) -> bool:
        """Whether `season` matters: as `horizon`."""
        return isinstance(self.lags, str)

    def _check(self) -> None:
        if not is_auto(self.season):
            self.season = checked_season(self.season)
        if not is_auto(self.lags):
            self.lags = whole("lags", self.lags, also=', or "auto"')
        one_of("method", self.method, ("ols", "yule-walker", "burg"))
        self.ridge = real("ridge", self.ridge, least=0.0)
        flag("intercept", self.intercept)
        self.chunk = whole("chunk", self.chunk)
        one_of("anchor", self.anchor, (None, "last"))
        self.horizon = None if self.horizon is None else whole("horizon", self.horizon)
        if self.method != "ols" and (self.ridge or self.chunk > 1 or self.anchor):
            raise refuse("method", self.method, '"ols" where ridge, chunk or anchor is given')
        if self.using or self.column_lags != COLUMN_LAGS:
            self._check_columns()

    def _check_columns(self) -> None:
        self.using = named(self.using)
        self.column_lags = checked_lags(self.column_lags)
        if self.using and (self.method != "ols" or self.anchor):
            raise refuse("using", self.using, 'left out where method is not "ols", or an anchor is given')

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns that are named in `using`; with a past one among them it forecasts its chunk and no more."""
        return named_on(self, series) if self.using else ((), None)

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Windows that touch a missing value are left out."""
        if self.using:
            settle(self, panel, self.using)
        if isinstance(self.lags, str):
            lags = self._choose(panel)
        else:
            lags = self.lags
            self._require(panel, lags + self.chunk)
        if self.columns_:
            from . import ar_columns  # here: most models have none

            self.lags_ = lags
            return ar_columns.fit(self, panel, lags)
        self._fit_runs([run for part in in_fixed_order(panel) for run in runs(part.numbers)], lags)
        self.lags_ = lags
        return lags

    def _candidates(self, longest: int, period: int | None) -> list[Self]:
        """The numbers of lags to try, fewest first."""
        # Of those the first cut, at half of the values, has rows enough for.
        seasonal = (period, period + 1) if period and 4 * (period + 1) + 2 <= longest else ()
        grid = [lags for lags in sorted({*GRID, *seasonal}) if 2 * lags < longest] or [1]
        return [self.clone().set_params(lags=lags) for lags in grid]

    def _choose(self, panel: tuple[Series, ...]) -> int:
        candidates = self._candidates(max(len(part) for part in panel), resolve(self.season, panel).period)
        reach = self.columns_on(panel[0])[1] if self.using else None
        horizon = self.horizon or selection.REACH
        chosen, losses = selection.choose(candidates, panel, horizon if reach is None else min(horizon, reach))
        dropped = [str(tried.lags) for tried, loss in zip(candidates, losses, strict=True) if np.isinf(loss)]
        if dropped:
            self.notes_ += (f"{self.name}: not tried, the first cut being too short: lags {', '.join(dropped)}",)
        return int(candidates[chosen].lags)

    def _fit_runs(self, segments: list[Array], lags: int) -> None:
        chunk, anchored = int(self.chunk), self.anchor == "last"
        rows = sum(max(len(run) - lags - chunk + 1, 0) for run in segments)
        if not rows:
            longest = max(len(run) for run in segments)
            require(longest, lags + chunk, f"one whole window of {self.name} with its {chunk} targets")
        if self.method == "ols":
            self._require_rows(rows, lags)
            # Sums of products and their factors; or, where QR is needed, blocks of windows and their factors.
            block = min(rows, linear.block_rows(lags + chunk))
            self._afford(6 * lags + 4 * block, lags + chunk, "the least squares of", "Take fewer lags")
            fitted = linear.least_squares(segments, lags, chunk, float(self.ridge), self.intercept, anchored)
            self._note_rank(fitted.rank, lags)
            coefficients, intercept, variance = fitted.coefficients, fitted.intercept, fitted.variance
        else:
            self._afford(sum(len(run) for run in segments), 8, "the autocovariances of", "Take a smaller train=")
            location = linear.mean_of(segments) if self.intercept else 0.0
            scaled, exponent = linear.standardised(segments, location)
            solve = linear.yule_walker if self.method == "yule-walker" else linear.burg
            row, spread = solve(scaled, lags)
            coefficients = row[None, :]
            intercept = np.array([location * (1.0 - row.sum())])
            with np.errstate(over="ignore"):
                variance = np.array([np.ldexp(spread, 2 * exponent)])
        self._learn(coefficients, intercept, variance)

    def _require_rows(self, rows: int, lags: int) -> None:
        """Raise where there are fewer windows than coefficients and no ridge penalty."""
        unknown = lags + self.intercept - (self.anchor == "last")
        if rows < unknown and not self.ridge > 0.0:
            raise InputError(
                f"{self.name} has {unknown} coefficients and only {rows} window{'s' * (rows != 1)} to learn them from: "
                "take fewer lags, or ridge "
                "above 0",
                code="too-short",
                rows=rows,
                coefficients=unknown,
                found=rows,
                needed=unknown,
            )

    def fit_pairs(self, X: Array, Y: Array) -> Self:
        """Least squares on pairs that are made already: X [rows, lags], Y [rows, chunk];
        any other method is refused.
        """
        if self.method != "ols" or self.lags == "auto" or self.using:
            raise refuse(
                "method", self.method, '"ols", lags a number and no columns, where windows are scaled one by one'
            )
        self._afford(4 * len(X), sum(X.shape[1:] + Y.shape[1:]), "the least squares of", "Take fewer lags")
        fitted = linear.least_squares_pairs(X, Y, self.ridge, self.intercept, self.anchor == "last")
        self._learn(fitted.coefficients, fitted.intercept, fitted.variance)
        self.context = self.lags_ = X.shape[1]
        return self

    def for_pairs(self) -> Self:
        """Least squares with the lags in use, not fitted."""
        return self.clone().set_params(lags=self.lags_, method="ols")

    def ways(self, horizon: int) -> dict[str, AR]:
        """Models by strategy: recursive, and one regression per step, which least squares makes both direct and
        one-shot.
        """
        found = {name: self.clone().set_params(chunk=horizon) for name in ("direct", "one-shot")}
        return {"recursive": self.clone().set_params(chunk=1), **found}

    def _learn(self, coefficients: Array, intercept: Array, variance: Array) -> None:
        one = self.chunk == 1
        self.coefficients_ = coefficients[0] if one else coefficients
        self.coefficients_.flags.writeable = False
        self.intercept_ = float(intercept[0]) if one else intercept
        self.variance_ = float(variance[0]) if one else variance

    def _encode_series(self, series: Series, after: State | None) -> State:
        """[origins, lags]: the last values, a zero-copy view; with columns also those known ahead as far back as they
        are read, and the past ones, each [origins, columns, steps].
        """
        if not self.columns_:
            return (joined_windows(series.numbers, self.context, after),)
        from . import ar_columns

        return ar_columns.encoded(self, series, after)

    def operator(self, horizon: int) -> tuple[Array, Array]:
        """The exact k-step operator: forecasts are ``window @ F.T + c``; F [horizon, lags], oldest lag first, c
        [horizon].

        >>> F, c = AR(lags=1).fit([1.0, 2.0, 4.0, 8.0, 16.0]).operator(3)
        >>> F.round(6)
        array([[2.],
               [4.],
               [8.]])
        """
        whole("horizon", horizon)
        lags, chunk = int(self.lags_), self.chunk
        values = horizon if chunk == 1 else lags + horizon + chunk
        self._afford(4 * values, lags + 1, f"the operator of {horizon:,} steps of", "Take fewer steps")
        return linear.operator(np.reshape(self.coefficients_, (chunk, lags)), np.atleast_1d(self.intercept_), horizon)

    def _plan(self, horizon: int) -> Roll:
        """The operator of `horizon` steps, ready to be applied to any number of windows."""
        if self.columns_:
            from . import ar_columns

            check_chunk(self, horizon)
            return ar_columns.recursive(self, horizon) if self.chunk == 1 else ar_columns.in_chunks(self, horizon)
        weights, constants = self.operator(horizon)
        # The constant is one more row of the operator, beside a column of ones.
        augmented = np.ascontiguousarray(np.vstack([weights.T, constants]))
        gain, most = _bound(np.abs(weights).sum(axis=1)), _bound(np.abs(constants))
        lags = weights.shape[1]

        def roll(state: State, out: Array | None) -> Array:
            windows = state[0]
            block = np.empty((len(windows), lags + 1))
            block[:, :lags] = windows
            block[:, lags] = 1.0
            if len(windows):
                # No forecast is larger than gain x peak + constant: a bound, so that nothing is scanned for overflow.
                peak = max(float(block.max()), -float(block.min()))
                if peak * gain + most >= LARGEST:
                    raise self._explodes(peak, weights, constants)
            return np.matmul(block, augmented, out=out)

        roll.bounded = True  # type: ignore[attr-defined]
        return roll

    def _explodes(self, peak: float, weights: Array, constants: Array) -> FitError:
        reach = np.abs(weights).sum(axis=1) * peak + np.abs(constants)
        step = int(np.argmax(~(reach < LARGEST))) + 1
        radius = float(np.abs(self.roots_[0])) if self.chunk == 1 else float("nan")
        return FitError(
            f"{self.name} explodes: its largest root has modulus {radius:.6g}, and the forecast overflows at "
            f"step {step}; take fewer steps, or method='burg', which is always stable",
            code="overflow",
            radius=radius,
            step=step,
        )

    def _predictive(self, state: State, horizon: int, *ahead: Array) -> Normal:
        """Normal, [rows, horizon]: at step k the variance is `variance_` times the sum of k squared psi weights.

        It covers the noise alone, not the estimation error of the coefficients. A model with a chunk has variances for
        the steps in its chunk alone.
        """
        if self.chunk == 1:
            psi = linear.psi_weights(self.coefficients_, horizon)
            variance = self.variance_ * np.cumsum(psi * psi)
        elif horizon <= self.chunk:
            variance = self.variance_[:horizon]
        else:
            raise refuse("horizon", horizon, f"at most chunk={self.chunk} for a distribution")
        if not np.isfinite(variance).all():
            raise FitError(
                f"{self.name}: the variance overflows; divide the series by a constant",
                code="overflow",
            )
        return Normal(self.rollout(state, horizon, *ahead), np.sqrt(variance))

    @property
    def _paths(self) -> Callable[..., Array]:
        """(state, horizon, n, seed, origins) -> [n, rows, horizon]: exact draws of the joint normal distribution of the
        steps.

        Shocks go through the psi weights, so that sums over steps have the right variance. Only for ``chunk=1``: with a
        chunk the covariance between steps is not modelled.
        """
        if self.chunk > 1:
            raise AttributeError("a model with a chunk above 1 has no joint distribution of its steps")
        return self._drawn

    def _drawn(self, state: State, horizon: int, n: int, seed: int, origins: Index, *ahead: Array) -> Array:
        mean = row_by_row(self.plan(horizon), state, horizon, *ahead)
        response = regression.responses(self.coefficients_, horizon) * np.sqrt(self.variance_)
        # One matrix per row, always of the same shape: a row is bitwise the same whatever other rows there are.
        shocks = np.ascontiguousarray(normals(seed, origins, n, horizon).transpose(1, 0, 2))
        return np.asarray(mean + np.matmul(shocks, response.T).transpose(1, 0, 2))

    @property
    def roots_(self) -> Any:
        """[lags] complex: the roots of the characteristic polynomial, largest modulus first."""
        if self.chunk > 1:
            raise ParameterError("a model with a chunk above 1 is not a recursion and has no roots", code="parameter")
        self._afford(4 * self.context, self.context, "the roots of", "Take fewer lags")
        return linear.roots(self.coefficients_)

    @property
    def cycles_(self) -> list[tuple[float, float]]:
        """(modulus, period in steps) of each root, largest modulus first, one of each conjugate pair.

        The period is infinite for a positive real root: no oscillation, plain decay. The first entry dominates a long
        forecast.

        >>> model = AR(lags=2, intercept=False).fit([1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0])
        >>> [(round(m, 6), round(p, 6)) for m, p in model.cycles_]
        [(1.0, 4.0)]
        """
        upper = [root for root in self.roots_ if root.imag >= 0.0]
        angles = [abs(float(np.angle(root))) for root in upper]
        return [(abs(complex(r)), 2.0 * np.pi / a if a else float("inf")) for r, a in zip(upper, angles, strict=True)]

    @property
    def half_lives_(self) -> list[float]:
        """Half-life in steps of the component of each root, in the order of `cycles_`: log 0.5 / log modulus.

        Infinite for a modulus of 1 or more: it does not decay. In the steps of the first entry a long forecast moves
        half way to the mean.

        >>> AR(lags=1, intercept=False).fit([8.0, 4.0, 2.0, 1.0]).half_lives_
        [1.0]
        """
        sizes = [modulus for modulus, _ in self.cycles_]
        return [float("inf") if size >= 1.0 else float(np.log(0.5) / np.log(size)) if size else 0.0 for size in sizes]

    # -- many series at once, and one in pieces --------------------------------------------------------------------

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Least squares, one batch for each number of lags in use; no other method is fitted in batches."""
        if self.method != "ols" or self.using or (isinstance(self.lags, str) and is_auto(self.season)):
            return []  # a season that is left to be found may differ from series to series
        series = len(batch.heads)
        chosen = self._chosen_lags(batch) if self.lags == "auto" else np.full(series, self.lags)
        found: list[FittedBatch] = []
        for lags in np.unique(chosen[chosen > 0]).tolist():
            # Too large for a batch, even with one series: left to `fit`.
            step = FITTED_CELLS // (lags * (lags + self.chunk + batch.horizon))
            if step and self._is_enough(batch.heads.shape[1], lags):
                every = np.flatnonzero(chosen == lags)
                parts = (every[begin : begin + step] for begin in range(0, len(every), step))
                found.extend(self._affine(rows, batch, lags) for rows in parts)
        return found

    def _is_enough(self, length: int, lags: int) -> bool:
        """Whether there are windows enough to learn from, as `fit` counts them."""
        rows = length - lags - self.chunk + 1
        return rows >= 1 and (rows >= lags + self.intercept - (self.anchor == "last") or self.ridge > 0.0)

    def _affine(self, rows: Index, batch: Batch, lags: int) -> Affine:
        """The operators of those of `rows` that are well-conditioned and whose forecasts are certain to stay finite."""
        _, moments = linear.moments([batch.heads[rows]], lags, self.chunk, self.intercept)
        solution, good = moments.solution(self.ridge, self.anchor == "last")
        weights, constants = linear.operator(*moments.affine(solution), batch.horizon)
        with np.errstate(over="ignore", invalid="ignore"):
            reach = np.abs(weights).sum(axis=2).max(axis=1) * batch.peaks[rows] + np.abs(constants).max(axis=1)
            good &= reach < LARGEST
        steps = batch.kept - 1
        operators = np.concatenate([weights[:, steps], constants[:, steps, None]], axis=2)[good]
        return Affine(rows[good], lags + 1, lags, operators)

    def try_batch(self, batch: Batch) -> selection.Tried | None:
        """A fitted batch for a candidate before a cut; None where there are too few windows to learn from."""
        if self.method == "ols" and self.lags != "auto" and not self._is_enough(batch.heads.shape[1], int(self.lags)):
            return None
        return selection.Tried(self.fit_batch(batch), np.zeros(len(batch.heads), dtype=bool))

    def _chosen_lags(self, batch: Batch) -> Index:
        """[series] the number of lags that ``lags="auto"`` takes; 0 where rounding could change the choice."""
        candidates = self._candidates(batch.heads.shape[1], resolve(self.season, None).period)
        places, _, sure = selection.choose_batch(candidates, batch, self.horizon or selection.REACH)
        return np.where(sure, np.array([int(candidate.lags) for candidate in candidates])[places], 0)

    def fit_pieces(self, head: Head, length: int) -> bool:
        """Least squares from sums over the pieces, with a given number of lags; False for any other fit."""
        if self.method != "ols" or isinstance(self.lags, str) or self.using:
            return False
        lags, chunk = self.lags, self.chunk
        require(length, lags + chunk, f"fitting {self.name}")
        self._require_rows(length - lags - chunk + 1, lags)
        moments = LaggedMoments(lags, chunk, self.intercept)
        for run in overlapping(head(), lags + chunk):
            moments.add(run)
        if not np.isfinite(moments.sums).all():  # overflow: a fit to the whole series scales it first
            return False
        found = moments.fit(lambda: overlapping(head(), lags + chunk), float(self.ridge), self.anchor == "last")
        self._note_rank(found.rank, lags)
        self._learn(found.coefficients, found.intercept, found.variance)
        self.context = self.lags_ = lags
        return True

    def _note_rank(self, rank: int, lags: int) -> None:
        if rank < lags - (self.anchor == "last"):
            self._note(f"the windows span only {rank} of {lags} directions; the minimum-norm solution is used")

    def _shapes(self) -> Shapes:
        lags, chunk = whole("lags_", self.lags_), self.chunk
        if self.lags != "auto" and lags != self.lags:
            raise ValueError("lags and lags_ differ")
        each = () if chunk == 1 else (chunk,)
        shapes: Shapes = {"coefficients_": (*each, lags), "intercept_": each, "variance_": each}
        if self.columns_:
            known = known_count(self.columns_)
            if self.context != max(lags, max(self.column_lags) if known else 0):
                raise ValueError("context and lags differ")
            shapes["known_coefficients_"] = (chunk, known, len(self.column_lags))
            shapes["past_coefficients_"] = (chunk, len(self.columns_) - known, lags)
        elif self.context != lags:
            raise ValueError("context and lags differ")
        return shapes

    def _check_learned(self) -> None:
        if not np.all(self.variance_ >= 0.0):
            raise ValueError("variance_ is negative")
        if not self.intercept and np.any(self.intercept_):
            raise ValueError("there is an intercept_, and intercept is False")


def _bound(sizes: Array) -> float:
    """The largest value; infinite where one is NaN."""
    return float(np.nan_to_num(sizes.max(), nan=np.inf, posinf=np.inf))


@dataclass(frozen=True)
class Affine:
    """Forecasts that are affine in the last values: operators [series, steps, lags + 1], the constant last."""

    rows: Index
    width: int
    context: int
    operators: Array

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]: one matrix product a series."""
        return np.asarray(np.matmul(self.operators[part], history(values, self.context, first, count, ones=True)))
