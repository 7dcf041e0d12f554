"""The note's network in numpy, with exact gradients: one hidden layer, Adam, many nets side by side.

A net of 61 weights is all overhead in a deep-learning framework; here one update is a dozen small array operations, and
nets are stacked along a leading axis so that a thousand of them cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import FitError
from ..parameters import real, whole
from ..protocols import Array, Roll, State
from ..storage import register
from ..walk import afford
from ..windows import joined_windows
from .model import Model
from .windowed import batch_order, fit_on_windows, log_lines, training_pairs

if TYPE_CHECKING:
    from typing import Self

STACKED_CELLS = 1 << 20
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def start(lags: int, hidden: int, chunk: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """First weights of one net, [lags + 1, hidden] and [hidden + 1, chunk], the last row being the bias.

    Xavier-uniform weights (Glorot & Bengio 2010) as in the note; biases uniform within 1/sqrt(inputs), as the layers it
    uses have them.
    """

    def layer(inputs: int, outputs: int) -> Array:
        bound = math.sqrt(6.0 / (inputs + outputs))
        weights = rng.uniform(-bound, bound, (inputs, outputs))
        bias = rng.uniform(-1.0, 1.0, (1, outputs)) / math.sqrt(inputs)
        return np.vstack([weights, bias])

    return layer(lags, hidden), layer(hidden, chunk)


def train(
    first: Array, second: Array, X: Array, Y: Array, order: npt.NDArray[np.intp], batch_size: int, learning_rate: float
) -> tuple[Array, Array, Array]:
    """Train nets side by side: squared error summed over a batch, Adam, every batch in the given order.

    Parameters
    ----------
    first : [nets, lags + 1, hidden] and second [nets, hidden + 1, chunk]: where training starts, biases last.
    X : [rows, lags] shared by all nets, or [nets, rows, lags]; Y likewise with chunk columns.
    order : [nets, epochs, rows], the order of the rows in each epoch.

    Returns
    -------
    The two weights, and the mean squared error over all rows after each epoch, [nets, epochs].
    """
    nets, _, hidden = first.shape
    epochs, rows = order.shape[1:]
    # One flat vector holds all weights, so that Adam is a handful of operations whatever the number of nets.
    flat = np.concatenate([first.ravel(), second.ravel()])
    w1, w2 = flat[: first.size].reshape(first.shape), flat[first.size :].reshape(second.shape)
    gradient, mean, square = np.zeros_like(flat), np.zeros_like(flat), np.zeros_like(flat)
    scratch = np.empty_like(flat)
    g1, g2 = gradient[: first.size].reshape(first.shape), gradient[first.size :].reshape(second.shape)
    w2_inner = w2[:, :hidden].transpose(0, 2, 1)

    shared = X.ndim == 2
    ones = np.ones((*X.shape[:-1], 1))
    everything = np.concatenate([X, ones], axis=-1)
    losses, step = np.empty((nets, epochs)), 0
    each = np.arange(nets)[:, None]
    buffers = {size: np.ones((nets, size, hidden + 1)) for size in {min(batch_size, rows), rows % batch_size} if size}

    for epoch in range(epochs):
        rows_now = order[:, epoch]
        inputs_now = everything[rows_now] if shared else everything[each, rows_now]
        wanted = Y[rows_now] if shared else Y[each, rows_now]
        for begin in range(0, rows, batch_size):
            x, y = inputs_now[:, begin : begin + batch_size], wanted[:, begin : begin + batch_size]
            active = buffers[x.shape[1]]
            inner = active[:, :, :hidden]
            np.matmul(x, w1, out=inner)
            np.maximum(inner, 0.0, out=inner)
            error = np.matmul(active, w2)
            error -= y
            error *= 2.0
            np.matmul(active.transpose(0, 2, 1), error, out=g2)
            back = np.matmul(error, w2_inner)
            back *= inner > 0.0
            np.matmul(x.transpose(0, 2, 1), back, out=g1)
            step += 1
            mean += (1.0 - BETA1) * (gradient - mean)
            np.multiply(gradient, gradient, out=scratch)
            square += (1.0 - BETA2) * (scratch - square)
            np.sqrt(square, out=scratch)
            scratch /= math.sqrt(1.0 - BETA2**step)
            scratch += EPSILON
            np.divide(mean, scratch, out=scratch)
            scratch *= learning_rate / (1.0 - BETA1**step)
            flat -= scratch
        losses[:, epoch] = _mean_squared_error(w1, w2, everything, Y)
    return w1.copy(), w2.copy(), losses


def _mean_squared_error(w1: Array, w2: Array, everything: Array, Y: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        inner = np.maximum(everything @ w1, 0.0)
        error = inner @ w2[:, :-1] + w2[:, -1:] - Y
        return np.asarray((error * error).mean(axis=(1, 2)))


def _widened(w1: Array, w2: Array) -> tuple[Array, Array, Array, Array]:
    """Many nets as one whose output is their mean: hidden layers side by side, output weights divided by their number."""
    nets, inputs, hidden = w1.shape
    weights1 = w1[:, :-1].transpose(0, 2, 1).reshape(nets * hidden, inputs - 1)
    weights2 = w2[:, :-1].transpose(2, 0, 1).reshape(w2.shape[2], nets * hidden) / nets
    return np.ascontiguousarray(weights1), w1[:, -1].reshape(-1), np.ascontiguousarray(weights2), w2[:, -1].mean(axis=0)


@register
class MLP(Model):
    """Linear(lags, hidden) - ReLU - Linear(hidden, chunk), trained one step ahead: the note's net, and its defaults.

    >>> import stepahead as sa
    >>> model = MLP(lags=4).fit(sa.datasets.noisy_sine(seed=0)[:604])
    >>> model.losses_.shape
    (5,)
    >>> print(model.log().splitlines()[0][:17])
    epoch 1, loss: 0.

    The series goes in as it is, as in the note: values far from 1 want ``Scaled(MLP(...))``.

    Parameters
    ----------
    lags : how many past values are read; it sizes the first layer.
    hidden : width of the hidden layer.
    epochs, batch_size, learning_rate : of Adam (Kingma & Ba 2015) on the squared error, summed over each batch.
    chunk : steps emitted at once: 1 is recursive, ``chunk=horizon`` one-shot.
    ensemble : number of nets from different starts, averaged inside the loop at every step.
    seed : start and shuffling; the same seed gives the same bits.

    Attributes
    ----------
    weights1_ : [ensemble, lags + 1, hidden], weights2_ : [ensemble, hidden + 1, chunk]; the last row is the bias.
    losses_ : [epochs], the mean squared training error after each epoch, over the nets.

    Raises
    ------
    FitError : training diverged; names the last good epoch.
    """

    _learned = ("weights1_", "weights2_", "losses_")
    weights1_: Array
    weights2_: Array
    losses_: Array

    def __init__(
        self,
        lags: int,
        hidden: int = 10,
        epochs: int = 5,
        batch_size: int = 16,
        learning_rate: float = 0.01,
        chunk: int = 1,
        ensemble: int = 1,
        seed: int = 0,
    ) -> None:
        self.lags = lags
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.chunk = chunk
        self.ensemble = ensemble
        self.seed = seed

    def _check(self) -> None:
        for name in ("lags", "hidden", "epochs", "batch_size", "chunk", "ensemble"):
            whole(name, getattr(self, name))
        whole("seed", self.seed, 0)
        real("learning_rate", self.learning_rate, above=0.0)

    def fit(self, series: Any) -> Self:
        """Train on one series, or on the pairs of a list of them pooled."""
        fit_on_windows(self, series)
        return self

    def fit_pairs(self, X: Array, Y: Array) -> Self:
        """Train on pairs that are made already: X [rows, lags], Y [rows, chunk]."""
        nets = int(self.ensemble)
        afford(
            6 * nets * int(self.hidden),
            int(self.lags) + int(self.chunk) + 2,
            f"training {self.name}",
            "Take fewer or smaller nets",
        )
        begins = [self._start(net) for net in range(nets)]
        orders = [batch_order(int(self.seed), net, len(X), int(self.epochs)) for net in range(nets)]
        w1, w2, losses = self._train(np.stack([a for a, _ in begins]), np.stack([b for _, b in begins]), X, Y, np.stack(orders))
        self._learn(w1, w2, losses.mean(axis=0))
        return self

    def fit_each(self, series: Sequence[Any]) -> list[MLP]:
        """One net a series, all of them trained side by side: the same nets as a loop of ``fit``, many times as fast.

        >>> import stepahead as sa
        >>> panel = [sa.datasets.noisy_sine(seed=i)[:604] for i in range(3)]
        >>> nets = MLP(lags=4, epochs=1).fit_each(panel)
        >>> bool(abs(nets[1].losses_ - MLP(lags=4, epochs=1).fit(panel[1]).losses_).max() < 1e-12)
        True

        Parameters
        ----------
        series : the list; each series is long enough for one pair.

        Returns
        -------
        A fitted clone of this model for each series, in their order.
        """
        self._check()
        made = [self.clone() for _ in series]
        found, panels = [], []
        for net, one in zip(made, series, strict=True):
            panel = net._begin(one)
            net._require(panel, int(self.lags) + int(self.chunk))
            panels.append(panel)
            found.append(training_pairs(panel, int(self.lags), int(self.chunk), self.name))
        by_rows: dict[int, list[int]] = {}
        for place, (X, _) in enumerate(found):
            by_rows.setdefault(len(X), []).append(place)
        nets = int(self.ensemble)
        begins = [self._start(net) for net in range(nets)]
        for rows, places in by_rows.items():
            orders = np.stack([batch_order(int(self.seed), net, rows, int(self.epochs)) for net in range(nets)])
            # As many side by side as keep the gathered pairs of one epoch within a few megabytes.
            group = max(1, STACKED_CELLS // (rows * (int(self.lags) + int(self.chunk) + 1) * nets))
            for begin in range(0, len(places), group):
                here = places[begin : begin + group]
                count = len(here)
                w1, w2, losses = self._train(
                    np.tile(np.stack([a for a, _ in begins]), (count, 1, 1)),
                    np.tile(np.stack([b for _, b in begins]), (count, 1, 1)),
                    np.repeat([found[p][0] for p in here], nets, axis=0),
                    np.repeat([found[p][1] for p in here], nets, axis=0),
                    np.tile(orders, (count, 1, 1)),
                )
                for i, place in enumerate(here):
                    own = slice(i * nets, (i + 1) * nets)
                    made[place]._learn(w1[own].copy(), w2[own].copy(), losses[own].mean(axis=0))
                    made[place]._done(panels[place], int(self.lags))
        return made

    def _start(self, net: int) -> tuple[Array, Array]:
        return start(int(self.lags), int(self.hidden), int(self.chunk), np.random.default_rng([int(self.seed), net]))

    def _train(
        self, first: Array, second: Array, X: Array, Y: Array, order: npt.NDArray[np.intp]
    ) -> tuple[Array, Array, Array]:
        with np.errstate(over="ignore", invalid="ignore"):
            return train(first, second, X, Y, order, int(self.batch_size), float(self.learning_rate))

    def _learn(self, w1: Array, w2: Array, losses: Array) -> None:
        if not np.isfinite(losses).all() or not (np.isfinite(w1).all() and np.isfinite(w2).all()):
            good = int(np.isfinite(losses).cumprod().sum())
            raise FitError(
                f"{self.name} diverged after epoch {good}: scale the series (Scaled(MLP(...))) or lower learning_rate="
                f"{self.learning_rate}",
                code="diverged",
                epoch=good,
            )
        for array in (w1, w2):
            array.flags.writeable = False
        self.weights1_, self.weights2_, self.losses_ = w1, w2, losses
        self.context = int(self.lags)

    def log(self) -> str:
        """The training log, a line an epoch, as the note prints it."""
        return log_lines(self.losses_)

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, lags]: the last values, a zero-copy view."""
        return (joined_windows(self._values(values), self.context, after),)

    def plan(self, horizon: int) -> Roll:
        """The nets laid side by side as one wide net: its output is their mean."""
        wide1, bias1, wide2, bias2 = _widened(self.weights1_, self.weights2_)
        chunk = len(bias2)

        def roll(state: State, out: Array | None) -> Array:
            windows = state[0]
            rows, lags = windows.shape
            # Steps x rows: each step reads and writes whole contiguous lines.
            known = np.empty((lags + -(-horizon // chunk) * chunk, rows))
            known[:lags] = windows.T
            inner = np.empty((len(bias1), rows))
            with np.errstate(over="ignore", invalid="ignore"):
                for at in range(0, horizon, chunk):
                    np.matmul(wide1, known[at : at + lags], out=inner)
                    inner += bias1[:, None]
                    np.maximum(inner, 0.0, out=inner)
                    ahead = known[lags + at : lags + at + chunk]
                    np.matmul(wide2, inner, out=ahead)
                    ahead += bias2[:, None]
            return known[lags : lags + horizon].T

        return roll

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        if self.context != self.lags:
            raise ValueError("context and lags differ")
        nets, hidden, chunk = int(self.ensemble), int(self.hidden), int(self.chunk)
        return {
            "weights1_": (nets, int(self.lags) + 1, hidden),
            "weights2_": (nets, hidden + 1, chunk),
            "losses_": (int(self.epochs),),
        }
