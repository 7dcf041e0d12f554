"""Perceptron with one hidden layer in numpy: exact gradients, also through the roll-out, Adam, and batches of nets.

A net of 61 weights is all overhead in a deep-learning framework; here one update is a dozen small array operations, and
nets are stacked along a leading axis so that a thousand of them cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..protocols import Array

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
SCORED_CELLS = 1 << 20
"""Most numbers of an array when all rows are rolled out for the training log: a few megabytes."""

Vary = Callable[[Array, Array], Array | None]
"""(windows [nets, rows, lags], targets [nets, rows, steps]) changed in place -> the weight of each row in the loss,
or None.
"""


def start(lags: int, hidden: int, chunk: int, rng: np.random.Generator, small: bool = False) -> tuple[Array, Array]:
    """Initial weights of one net, [lags + 1, hidden] and [hidden + 1, chunk], the last row being the bias.

    Xavier-uniform weights (Glorot & Bengio 2010) as in the note, or within 1/sqrt(inputs) where `small`; biases uniform
    within 1/sqrt(inputs), as in torch's layers.
    """

    def layer(inputs: int, outputs: int) -> Array:
        bound = 1.0 / math.sqrt(inputs) if small else math.sqrt(6.0 / (inputs + outputs))
        weights = rng.uniform(-bound, bound, (inputs, outputs))
        bias = rng.uniform(-1.0, 1.0, (1, outputs)) / math.sqrt(inputs)
        return np.vstack([weights, bias])

    return layer(lags, hidden), layer(hidden, chunk)


def train(
    first: Array,
    second: Array,
    X: Array,
    Y: Array,
    order: npt.NDArray[np.intp],
    batch_size: int,
    learning_rate: float,
    steps: Sequence[int] | None = None,
    vary: Vary | None = None,
) -> tuple[Array, Array, Array]:
    """Train a batch of nets: squared error summed over a batch, Adam, every batch in the given order.

    Parameters
    ----------
    first : [nets, lags + 1, hidden] and second [nets, hidden + 1, chunk]: where training starts, biases last.
    X : [rows, lags] shared by all nets, or [nets, rows, lags]; Y likewise, with a column for each step that is trained.
    order : [nets, epochs, rows], the order of the rows in each epoch.
    steps : [epochs] number of roll-out steps in the loss of each epoch; one chunk where left out.
    vary : changes the pairs of an epoch (noise, augmentation).

    Returns
    -------
    The two weights, and the mean squared error over all rows and the steps of the epoch after each epoch, [nets,
    epochs].
    """
    nets = Nets(first, second, learning_rate)
    rows = order.shape[2]
    shared = X.ndim == 2
    everything = np.concatenate([X, np.ones((*X.shape[:-1], 1))], axis=-1)
    losses, each = np.empty((len(first), order.shape[1])), np.arange(len(first))[:, None]
    for epoch in range(order.shape[1]):
        reach = nets.chunk if steps is None else steps[epoch]
        rows_now = order[:, epoch]
        inputs_now = everything[rows_now] if shared else everything[each, rows_now]
        wanted = (Y[rows_now] if shared else Y[each, rows_now])[:, :, :reach]
        weights = None if vary is None else vary(inputs_now[:, :, :-1], wanted)
        for begin in range(0, rows, batch_size):
            batch = slice(begin, begin + batch_size)
            nets.backward(inputs_now[:, batch], wanted[:, batch], None if weights is None else weights[:, batch])
            nets.update()
        losses[:, epoch] = nets.mean_squared_error(everything, Y[..., :reach])
    return nets.w1.copy(), nets.w2.copy(), losses


class Nets:
    """Weights of a batch of nets, the gradient of their loss on a batch, and the moments of Adam.

    Parameters
    ----------
    first : [nets, lags + 1, hidden] and second [nets, hidden + 1, chunk]: where training starts, biases last.
    learning_rate : of Adam.
    """

    def __init__(self, first: Array, second: Array, learning_rate: float) -> None:
        # One flat vector holds all weights, so that Adam is a handful of operations whatever the number of nets.
        flat = np.concatenate([first.ravel(), second.ravel()])
        self.w1: Array = flat[: first.size].reshape(first.shape)
        self.w2: Array = flat[first.size :].reshape(second.shape)
        gradient = np.zeros_like(flat)
        self.g1: Array = gradient[: first.size].reshape(first.shape)
        self.g2: Array = gradient[first.size :].reshape(second.shape)
        self.chunk, self.learning_rate, self.step = second.shape[2], learning_rate, 0
        self._flat, self._gradient, self._mean, self._square = flat, gradient, np.zeros_like(flat), np.zeros_like(flat)
        self._scratch = np.empty_like(flat)
        self._inner: dict[int, Array] = {}
        self._tapes: dict[tuple[int, int], Tape] = {}

    def backward(self, x: Array, y: Array, weights: Array | None) -> None:
        """Leave the gradient in `g1` and `g2`: x [nets, rows, lags + 1] with ones last, y [nets, rows, steps]."""
        if y.shape[2] > self.chunk:
            self._tape(x.shape[1], y.shape[2]).backward(x, y, weights, self.g1, self.g2)
        else:
            self._backward_of_one_chunk(x, y, weights)

    def _backward_of_one_chunk(self, x: Array, y: Array, weights: Array | None) -> None:
        nets, rows, hidden = x.shape[0], x.shape[1], self.w1.shape[2]
        if rows not in self._inner:
            self._inner[rows] = np.ones((nets, rows, hidden + 1))
        active = self._inner[rows]
        inner = active[:, :, :hidden]
        np.matmul(x, self.w1, out=inner)
        np.maximum(inner, 0.0, out=inner)
        error = np.matmul(active, self.w2)
        error -= y
        error *= 2.0
        if weights is not None:
            error *= weights[:, :, None]
        np.matmul(active.transpose(0, 2, 1), error, out=self.g2)
        back = np.matmul(error, self.w2[:, :hidden].transpose(0, 2, 1))
        back *= inner > 0.0
        np.matmul(x.transpose(0, 2, 1), back, out=self.g1)

    def _tape(self, rows: int, steps: int) -> Tape:
        if (rows, steps) not in self._tapes:
            self._tapes[rows, steps] = Tape(self.w1, self.w2, rows, steps)
        return self._tapes[rows, steps]

    def update(self) -> None:
        """One step of Adam (Kingma & Ba 2015) along the gradient."""
        gradient, mean, square, scratch = self._gradient, self._mean, self._square, self._scratch
        self.step += 1
        mean += (1.0 - BETA1) * (gradient - mean)
        np.multiply(gradient, gradient, out=scratch)
        square += (1.0 - BETA2) * (scratch - square)
        np.sqrt(square, out=scratch)
        scratch /= math.sqrt(1.0 - BETA2**self.step)
        scratch += EPSILON
        np.divide(mean, scratch, out=scratch)
        scratch *= self.learning_rate / (1.0 - BETA1**self.step)
        self._flat -= scratch

    def mean_squared_error(self, everything: Array, Y: Array) -> Array:
        """[nets], over all rows and steps: everything [.., rows, lags + 1] with ones last, Y [.., rows, steps]."""
        if Y.shape[-1] > self.chunk:
            return self._unrolled_error(everything, Y)
        total = np.zeros(len(self.w1))
        for block in self._scored(Y.shape[-2], 1):
            inner = everything[..., block, :] @ self.w1
            np.maximum(inner, 0.0, out=inner)
            error = inner @ self.w2[:, :-1] + self.w2[:, -1:] - Y[..., block, :]
            total += (error * error).sum(axis=(1, 2))
        return np.asarray(total / (Y.shape[-2] * Y.shape[-1]))

    def _scored(self, rows: int, chunks: int) -> Iterator[slice]:
        """The rows in blocks whose windows or hidden layers, over so many chunks, are a few megabytes."""
        nets, inputs, hidden = self.w1.shape
        most = max(64, SCORED_CELLS // (nets * max(inputs, hidden) * chunks))
        return (slice(begin, min(begin + most, rows)) for begin in range(0, rows, most))

    def _unrolled_error(self, everything: Array, Y: Array) -> Array:
        rows, steps = Y.shape[-2], Y.shape[-1]
        total = np.zeros(len(self.w1))
        for block in self._scored(rows, -(-steps // self.chunk)):
            ahead = Tape(self.w1, self.w2, block.stop - block.start, steps).forward(everything[..., block, :])
            error = ahead.transpose(0, 2, 1) - Y[..., block, :]
            total += np.einsum("nrs,nrs->n", error, error)
        return np.asarray(total / (rows * steps))


class Tape:
    """Roll-out of a batch of nets that stores what backpropagation needs; its arrays are reused for every batch of one
    size.

    The loss is the squared error summed over the rows and the steps, as the plain loss is. Measured on Mackey-Glass, a
    mean over the steps does worse (0.24 against 0.20 at 16 steps): Adam's steps then stay small when the curriculum
    moves to more steps.

    Parameters
    ----------
    w1 : [nets, lags + 1, hidden], w2 [nets, hidden + 1, chunk]: not copied, so the tape always has the current weights.
    rows, steps : of the batches.
    """

    def __init__(self, w1: Array, w2: Array, rows: int, steps: int) -> None:
        nets, hidden, self.chunk = w2.shape[0], w2.shape[1] - 1, w2.shape[2]
        self.w1, self.w2, self.lags, self.steps = w1, w2, w1.shape[1] - 1, steps
        self.blocks = -(-steps // self.chunk)
        # Time before rows: a window is contiguous, and a forecast is written where the next window reads it.
        self.known = np.empty((nets, self.lags + self.blocks * self.chunk, rows))
        self.inner = np.ones((nets, hidden + 1, self.blocks, rows))
        self.error = np.zeros((nets, self.blocks * self.chunk, rows))
        self.back = np.empty((nets, hidden, self.blocks, rows))
        self.windows = np.ones((nets, self.lags + 1, self.blocks, rows))

    def forward(self, x: Array) -> Array:
        """[nets, steps, rows] forecasts from x [.., rows, lags + 1] with ones last."""
        lags, chunk, known = self.lags, self.chunk, self.known
        known[:, :lags] = np.swapaxes(x, -1, -2)[..., :lags, :]
        first, bias, second = self.w1[:, :-1].transpose(0, 2, 1), self.w1[:, -1, :, None], self.w2.transpose(0, 2, 1)
        for block in range(self.blocks):
            at = block * chunk
            inner = self.inner[:, :-1, block]
            np.matmul(first, known[:, at : at + lags], out=inner)
            inner += bias
            np.maximum(inner, 0.0, out=inner)
            np.matmul(second, self.inner[:, :, block], out=known[:, lags + at : lags + at + chunk])
        return known[:, lags : lags + self.steps]

    def backward(self, x: Array, y: Array, weights: Array | None, g1: Array, g2: Array) -> None:
        """The gradient of the loss for y [nets, rows, steps] into `g1` and `g2`; `weights` [nets, rows] or None."""
        error = self.error[:, : self.steps]
        np.subtract(self.forward(x), y.transpose(0, 2, 1), out=error)
        error *= 2.0
        if weights is not None:
            error *= weights[:, None, :]
        self.error[:, self.steps :] = 0.0  # steps of the last chunk past the last target
        self._through_time()
        nets, hidden, blocks, rows = self.back.shape
        for block in range(blocks):
            self.windows[:, :-1, block] = self.known[:, block * self.chunk : block * self.chunk + self.lags]
        np.matmul(
            self.windows.reshape(nets, -1, blocks * rows),
            self.back.reshape(nets, hidden, -1).transpose(0, 2, 1),
            out=g1,
        )
        told = self.error.reshape(nets, blocks, self.chunk, rows).transpose(0, 1, 3, 2).reshape(nets, -1, self.chunk)
        np.matmul(self.inner.reshape(nets, hidden + 1, -1), told, out=g2)

    def _through_time(self) -> None:
        """From the last chunk to the first: the gradient of each forecast, directly and through being fed back."""
        lags, chunk = self.lags, self.chunk
        active = self.inner[:, :-1] > 0.0
        for block in range(self.blocks - 1, -1, -1):
            at = block * chunk
            back = self.back[:, :, block]
            np.matmul(self.w2[:, :-1], self.error[:, at : at + chunk], out=back)
            back *= active[:, :, block]
            # Only the forecasts in a window have a gradient.
            real = max(lags - at, 0)
            if real < lags:
                self.error[:, at + real - lags : at] += np.matmul(self.w1[:, real:lags], back)


def widened(w1: Array, w2: Array) -> tuple[Array, Array, Array, Array]:
    """Many nets as one whose output is their mean: hidden layers side by side,
    output weights divided by their number.
    """
    nets, inputs, hidden = w1.shape
    weights1 = w1[:, :-1].transpose(0, 2, 1).reshape(nets * hidden, inputs - 1)
    weights2 = w2[:, :-1].transpose(2, 0, 1).reshape(w2.shape[2], nets * hidden) / nets
    return np.ascontiguousarray(weights1), w1[:, -1].reshape(-1), np.ascontiguousarray(weights2), w2[:, -1].mean(axis=0)
