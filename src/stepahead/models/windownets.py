"""Base class of the nets on a window, in numpy or torch: remedies for recursive error, and paths from residuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import InputError, ParameterError
from ..numerics import remedies
from ..parameters import one_of, whole
from ..protocols import Array, Index, State
from ..series import Series, in_fixed_order
from ..windows import joined_windows
from .model import Shapes
from .net import Net
from .selection import AUGMENTATIONS, choose_augment
from .windowed import AsRegressor, PerStep, Windowed, log_lines, pairs_of, resampled_paths

if TYPE_CHECKING:
    from typing import Self

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

    _trained_by = ("epochs", "batch_size", "learning_rate", "noise", "augment")
    _any_size = True  # the series is not scaled, as in the teaching note: `Scaled` does that
    _costs = {"paths": lambda m, rows, steps, n: n * ((rows + 5) * steps + 2 * (m.lags + m.chunk))}

    def _check(self) -> None:
        self.lags = whole("lags", self.lags)
        super()._check()

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
        X, Y = pairs_of(self, panel, self.name)
        self._train_on(X, Y, self._augmentation(panel))
        return self.lags

    def fit_pairs(self, X: Array, Y: Array) -> Self:
        """Train on pairs that are made already: X [rows, lags], Y [rows, `reach`]."""
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
        return self.clone().set_params(
            unroll=1, training=self.training and replace(self.training, augment=self.augment_)
        )

    def ways(self, horizon: int) -> dict[str, Any]:
        """Models by strategy: recursive, direct (one net per step), and one-shot; the last two have nothing to
        unroll.
        """
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
        """The trained net, ready: windows [rows, lags] -> chunks [rows, chunk]."""
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

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, lags]: the last values, a zero-copy view."""
        return (joined_windows(values, self.context, after),)

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index) -> Array:
        """[n, rows, horizon]: each forecast chunk gets a training residual, drawn at random, before it is fed back.

        The noise then goes through the net as the values do, and a mean over paths is not the path of the mean.
        They are in-sample residuals: too small for a net with many weights.
        """
        return resampled_paths(self._predictor(), self.residuals_, state[0], horizon, n, seed, origins)

    def _shapes(self) -> Shapes:
        if self.context != self.lags:
            raise ValueError("context and lags differ")
        one_of("augment_", self.augment_, AUGMENTATIONS)
        return {"losses_": (self.epochs,), "residuals_": (None, self.chunk)}

    def _check_learned(self) -> None:
        if len(self.residuals_) > remedies.KEPT:
            raise ValueError("residuals_ has too many rows")
