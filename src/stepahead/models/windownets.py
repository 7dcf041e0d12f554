"""Base class of the nets on a window, in numpy or torch: remedies for recursive error, and paths from residuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InputError, ParameterError, note
from ..known_ahead import check_chunk, named_on, settle
from ..numerics import remedies
from ..parameters import one_of, refuse, whole
from ..protocols import Array, Column, Index, Roll, State
from ..series import Series, in_fixed_order
from ..windows import joined_windows
from .model import Shapes
from .net import Net
from .selection import AUGMENTATIONS, choose_augment
from .windowed import (
    AsRegressor,
    PerStep,
    Windowed,
    log_lines,
    pairs_of,
    refuse_columns,
    resampled_paths,
    slide,
)

if TYPE_CHECKING:
    from typing import Self

    from .window_columns import Features

HORIZON = 16
"""Steps in the loss of ``augment="auto"`` without a chunk or an unrolled loss: enough for errors to be fed back, while
at 64 a chaotic series no longer separates the choices (on Mackey-Glass 3 of 10 were wrong, at 16 none).
"""


class WindowNet(Net):
    """A net that maps windows [rows, lags] to chunks [rows, chunk], and trains with or without remedies."""

    lags: int
    losses_: Array
    residuals_: Array
    augment_: str | None

    _trained_by: ClassVar[tuple[str, ...]] = ("epochs", "batch_size", "learning_rate", "noise", "augment")
    _any_size = True  # the series is not scaled, as in the teaching note: `Scaled` does that
    _costs = {"paths": lambda m, rows, steps, n: n * ((rows + 5) * steps + 2 * (m.lags + m.chunk))}

    def _check(self) -> None:
        self.lags = whole("lags", self.lags)
        super()._check()
        if self.using and self.unroll > 1:
            raise refuse("unroll", self.unroll, "1 with using=: steps are unrolled without columns beside the values")

    @property
    def name(self) -> str:
        """The class and the lags, with the columns, ``MLP(24) with promo``."""
        return self._named(super().name)

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns that are named in `using`; with a past one among them it forecasts its chunk and no more."""
        return named_on(self, series)

    @property
    def _features(self) -> Features:
        """What it reads, where it uses columns: in units of their own, as `Scaled` scales the values alone."""
        from .window_columns import Features  # here: most models have no columns

        standard = self.column_means_, self.column_scales_
        return Features(self.columns_, int(self.lags), int(self.chunk), (0,), False, standard)

    @property
    def width(self) -> int:
        """How many numbers the net reads: the lags, and columns."""
        return self._features.width if self.columns_ else int(self.lags)

    @property
    def leads(self) -> int:
        """How many steps beyond the one it forecasts it reads of the columns known ahead: to the end of its chunk."""
        return self._features.leads if self.columns_ else 0

    def reads(self, steps: Any) -> Any:
        """Up to which step it reads the columns known ahead to forecast so many: to the end of a chunk."""
        return self._features.reads(steps) if self.columns_ else steps

    @property
    def epochs(self) -> int:
        """Passes over the training pairs; 0 for a pretrained net."""
        return self.training.epochs if self.training else 0

    @property
    def reach(self) -> int:
        """Number of targets per window in training: the chunk, or the steps that are unrolled."""
        return max(self.chunk, self.unroll)

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Train on the pairs of all series."""
        if self.using:
            settle(self, panel, self.using)
        if self.columns_:
            from .window_columns import standard_of

            self.column_means_, self.column_scales_ = standard_of(panel, self.columns_, self.name)
            features = self._features
            features.afford(self, panel)
            X, Y, _ = features.pairs(panel, self.name)
        else:
            X, Y = pairs_of(self, panel, self.name)
        self._train_on(X, Y, self._augmentation(panel))
        return self.lags

    def fit_pairs(self, X: Array, Y: Array) -> Self:
        """Train on pairs that are made already: X [rows, lags], Y [rows, `reach`]."""
        refuse_columns(self.using)
        if self._training.augment == "auto":
            raise ParameterError(
                'augment="auto" is chosen on a series, and here are pairs alone: name None, "sign" or "amplitude"',
                code="parameter",
                name="augment",
            )
        if Y.shape != (len(X), self.reach):
            raise InputError(
                f"{self.name} wants targets [rows, {self.reach}], found shape {Y.shape}: the "
                "chunk, or the steps unrolled",
                code="shape",
                found=Y.shape,
            )
        self._train_on(X, Y, self._training.augment)
        return self

    def for_pairs(self) -> Self:
        """The same, not fitted, with the augmentation in use and nothing to unroll."""
        training = self.training and replace(self.training, augment=self.augment_).on(self.training.place)
        return self.clone().set_params(unroll=1, training=training)

    def ways(self, horizon: int) -> dict[str, Any]:
        """Models by strategy: recursive, direct (one net per step), and one-shot; the last two have nothing to
        unroll. With columns there is no direct one.
        """
        if self.using:
            note(f"{self.name}: recursive and one-shot are scored; one net a step takes no columns beside the values")
            return {name: self.clone().set_params(chunk=c) for name, c in (("recursive", 1), ("one-shot", horizon))}
        alone = self.clone().set_params(chunk=1, unroll=1)
        return {
            "recursive": self.clone().set_params(chunk=1),
            "direct": Windowed(PerStep(AsRegressor(alone)), int(self.lags), chunk=horizon),
            "one-shot": self.clone().set_params(chunk=horizon, unroll=1),
        }

    def _augmentation(self, panel: tuple[Series, ...]) -> str | None:
        """The augmentation to train with."""
        if self._training.augment != "auto":
            return self._training.augment
        return choose_augment(self, tuple(in_fixed_order(panel)), self.reach if self.reach > 1 else HORIZON)

    def _train_on(self, X: Array, Y: Array, augment: str | None) -> None:
        """Train on pairs with this augmentation, and `_settle`."""
        raise NotImplementedError

    def _predictor(self) -> Callable[[Array], Array]:
        """The trained net, ready: windows [rows, lags], with columns [rows, `width`], -> chunks [rows, chunk]."""
        raise NotImplementedError

    def _settle(self, X: Array, Y: Array, augment: str | None) -> None:
        """Set what follows from the weights: the context, and the residuals on the training pairs."""
        self.context, self.augment_ = self.lags, augment
        rows = remedies.kept(len(X))
        self.residuals_ = Y[rows, : self.chunk] - self._predictor()(X[rows])
        self.residuals_.flags.writeable = False

    def log(self) -> str:
        """The training log, a line an epoch, as the note prints it."""
        return log_lines(self.losses_)

    def _encode_series(self, series: Series, after: State | None) -> State:
        """[origins, lags]: the last values, a zero-copy view; of past columns as many, [origins, columns, lags]."""
        if self.columns_:
            return self._features.encoded(series, after, self.name)
        return (joined_windows(series.numbers, self.context, after),)

    def _plan(self, horizon: int) -> Roll:
        """Chunk by chunk, with the columns known ahead at each."""
        predict = self._predictor()
        if not self.columns_:
            return lambda state, out: slide(state[0], horizon, self.chunk, predict)
        features = self._features
        check_chunk(self, horizon)
        return lambda state, out, ahead: features.rolled(state, ahead, horizon, lambda given, own: predict(given))

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index, *ahead: Array) -> Array:
        """[n, rows, horizon]: each forecast chunk gets a training residual, drawn at random, before it is fed back.

        The noise then goes through the net as the values do, and a mean over paths is not the path of the mean.
        They are in-sample residuals: too small for a net with many weights.
        """
        predict = self._predictor()
        if self.columns_:
            features = self._features
            check_chunk(self, horizon)
            told = (n, seed, origins, lambda given, own: predict(given), self.residuals_)
            return features.paths(state, ahead[0], horizon, *told)
        return resampled_paths(predict, self.residuals_, state[0], horizon, n, seed, origins)

    def _shapes(self) -> Shapes:
        if self.context != self.lags:
            raise ValueError("context and lags differ")
        one_of("augment_", self.augment_, AUGMENTATIONS)
        return {"losses_": (self.epochs,), "residuals_": (None, self.chunk), **self._column_shapes()}

    def _check_learned(self) -> None:
        if len(self.residuals_) > remedies.KEPT:
            raise ValueError("residuals_ has too many rows")
        self._check_column_scales()
