"""Multilayer perceptron in numpy, with remedies for the error accumulation of recursive forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BudgetError, FitError, InputError
from ..numerics import perceptron, remedies
from ..numerics.remedies import curriculum, varied
from ..parameters import refuse, whole
from ..protocols import Array, Batch, FittedBatch, Index, Roll, State
from ..series import Series
from ..storage import register
from ..windows import history
from .model import Shapes
from .net import Training
from .windowed import batch_order, pairs_of
from .windownets import WindowNet

BATCH_CELLS = 1 << 20


@register
class MLP(WindowNet):
    """Multilayer perceptron on a window, Linear(lags, hidden) - ReLU - Linear(hidden, chunk), as in the teaching note.

    >>> import stepahead as sa
    >>> model = MLP(lags=4).fit(sa.datasets.noisy_sine(seed=0)[:604])
    >>> model.losses_.shape
    (5,)
    >>> print(model.log().splitlines()[0][:17])
    epoch 1, loss: 0.

    Trained one step ahead by default. It learns values divided by the power of two nearest to their standard deviation,
    less their mean where that is more than twice as large; the weights are those for the series as it is. So the
    forecast scales with the series, bit for bit for powers of two, and a constant is forecast as that constant. Values
    whose standard deviation lies between 0.71 and 1.41 about a mean near 0 are learned as they are, as in the teaching
    note.

    Parameters
    ----------
    lags : how many past values are read; it sizes the first layer.
    hidden : width of the hidden layer, 10.
    chunk : steps emitted at once, 1: that is recursive, ``chunk=horizon`` one-shot.
    unroll : steps of the roll-out in the training loss, 1. Above one chunk, forecasts are fed back in training as in
        use, and the gradient is that of the whole recursion. The loss is the sum of the squared errors over these
        steps. Epochs go in equal shares to 1, 2, 4, .. steps.
    ensemble : number of nets with different initial weights, 1; their forecasts are averaged at every step before they
        are fed back. Their initial weights are smaller than those of a single net.
    seed : of initial weights, shuffling, noise and augmentation, 0; the same seed gives the same bits.
    training : a `Training`: 5 epochs of Adam on the squared error, summed over batches of 16, at a learning_rate of
        0.01; no noise, no augmentation. ``augment="auto"`` compares errors over as many steps as are unrolled, or are
        in a chunk, else 16.
    using : names of columns beside the values, or "known", "past", "all"; none by default. Beside the last `lags`
        values, oldest first, the net then reads as many of each past column, oldest first, and the columns known ahead
        at each step of the chunk, step by step; all less their mean and in units of their standard deviation in the
        training part, those of 0 and 1 less their mean. A past column is unknown one step on, so that a net with one
        forecasts `chunk` steps and no more. Nothing is unrolled or augmented then; noise is added to the values alone.

    Attributes
    ----------
    weights1_ : [ensemble, `width` + 1, hidden], weights2_ : [ensemble, hidden + 1, chunk]; the last row is the bias.
    losses_ : [epochs], the mean squared training error after each epoch over the steps it unrolled, over the nets.
    residuals_ : [at most 2048, chunk], training residuals of one chunk; `paths` draws from them.
    augment_ : the augmentation in use. width : how many numbers the net reads, the lags and those of columns.
    columns_ : the columns in use, as (name, kind); column_means_, column_scales_ : [columns], mean and standard
        deviation of each in the training part.

    Raises
    ------
    FitError : training diverged; names the last good epoch.

    Notes
    -----
    No remedy helps everywhere, and none replaces a longer window; noise and augment are fields of `Training`. Median
    RMSE over seeds 0-9 on values not trained on, 50 epochs at a learning rate of 0.001, trained on 604 values; the sine
    is ``datasets.noisy_sine``, Mackey-Glass is chaotic:

    ==============================  ===========  ==========  ============  ============
    ..                              sine, 64     sine, 4     Mackey-Glass  Mackey-Glass
    ..                              lags, k=64   lags, k=64  16 lags,      16 lags,
    ..                                                       k=16          k=64
    ==============================  ===========  ==========  ============  ============
    none                            0.388        0.609       0.389         0.930
    ``unroll=16``                   0.344        0.541       0.198         0.931
    ``ensemble=5``                  0.287        0.636       0.348         0.942
    ``unroll=16, ensemble=5``       0.287        0.561       0.147         0.845
    ``noise=0.1``                   0.373        0.615       0.427         0.863
    ``noise=0.3``                   0.422        0.634       0.567         0.785
    ``augment="sign"``              0.419        0.623       0.652         0.850
    ``augment="amplitude"``         0.420        0.530       0.643         0.832
    ``unroll=16, augment="sign"``   0.287        0.543       0.392         0.933
    ``Sampled(MLP(...))``           0.355        0.515       0.392         0.804
    ==============================  ===========  ==========  ============  ============

    ``unroll`` helps most, where the series is nonlinear and the step still predictable; ``ensemble`` almost never
    hurts; `Sampled` helps where the window is short or the far steps are uncertain; an augmentation is an assumption,
    true of a wave about its mean and false of Mackey-Glass; ``noise`` regularises, and makes near steps worse.
    """

    _learned = ("weights1_", "weights2_", "losses_", "residuals_", "augment_")
    _any_size = False
    _costs = {
        **WindowNet._costs,
        "rollout": lambda m, rows, steps: rows * (m.lags + steps + m.chunk + m.ensemble * m.hidden),
    }
    weights1_: Array
    weights2_: Array

    def __init__(
        self,
        lags: int,
        hidden: int = 10,
        *,
        chunk: int = 1,
        unroll: int = 1,
        ensemble: int = 1,
        seed: int = 0,
        using: Sequence[str] = (),
        training: Training = Training(),  # noqa: B008  # a value
    ) -> None:
        self.lags = lags
        self.hidden = hidden
        self.chunk = chunk
        self.unroll = unroll
        self.ensemble = ensemble
        self.seed = seed
        self.using = using
        self.training = training

    def _check(self) -> None:
        super()._check()
        self.hidden = whole("hidden", self.hidden)

    def _train_on(self, X: Array, Y: Array, augment: str | None) -> None:
        self._train_side_by_side([self], [(X, Y)], augment)

    def fit_each(self, series: Sequence[Any]) -> list[MLP]:
        """One net per series, all trained in one batch: the same nets as a loop of ``fit``, many times as fast.

        >>> import stepahead as sa
        >>> panel = [sa.datasets.noisy_sine(seed=i)[:604] for i in range(3)]
        >>> nets = MLP(lags=4).fit_each(panel)
        >>> bool(abs(nets[1].losses_ - MLP(lags=4).fit(panel[1]).losses_).max() < 1e-12)
        True

        Parameters
        ----------
        series : the list; each series is long enough for one pair.

        Returns
        -------
        A fitted clone of this model for each series, in their order.
        """
        self._check()
        if self.using:
            raise refuse("using", self.using, "left out in fit_each: a net with columns is trained by itself, in fit")
        made = [self.clone() for _ in series]
        panels = [net._begin(one) for net, one in zip(made, series, strict=True)]
        found = [pairs_of(self, panel, self.name) for panel in panels]
        alike: dict[tuple[int, str | None], list[int]] = {}
        for place, (panel, (X, _)) in enumerate(zip(panels, found, strict=True)):
            alike.setdefault((len(X), self._augmentation(panel)), []).append(place)
        for (rows, augment), places in alike.items():
            # As many per batch as keep the gathered pairs of one epoch within a few megabytes.
            group = max(1, BATCH_CELLS // (rows * (self.lags + self.reach + 1) * self.ensemble))
            for begin in range(0, len(places), group):
                here = places[begin : begin + group]
                self._train_side_by_side([made[place] for place in here], [found[place] for place in here], augment)
        for net in made:
            net._done(self.lags)
        return made

    def _train_side_by_side(
        self, made: Sequence[MLP], pairs: Sequence[tuple[Array, Array]], augment: str | None
    ) -> None:
        """Train each of `made` on its own pairs, which are as many for all of them."""
        nets, count, seed = self.ensemble, len(pairs), self.seed
        self._afford(
            count * nets, self._cells(len(pairs[0][0])), "training", "Take fewer or smaller nets, fewer epochs or lags"
        )
        first, second = zip(*(self._start(net) for net in range(nets)), strict=True)
        order = np.stack([batch_order(seed, net, len(pairs[0][0]), self.epochs) for net in range(nets)])
        lags = self.lags
        units = [remedies.unit_of(X[:, :lags], Y) for X, Y in pairs]
        given, pairs = pairs, [unit.inside(*pair, lags) for unit, pair in zip(units, pairs, strict=True)]
        X, Y = pairs[0] if count == 1 else (np.repeat([part[i] for part in pairs], nets, axis=0) for i in (0, 1))
        with np.errstate(over="ignore", invalid="ignore"):
            w1, w2, losses = perceptron.train(
                np.tile(np.stack(first), (count, 1, 1)),
                np.tile(np.stack(second), (count, 1, 1)),
                X,
                Y,
                np.tile(order, (count, 1, 1)),
                self._training.batch_size,
                self._training.learning_rate,
                curriculum(self.chunk, self.unroll, self.epochs),
                varied(seed, list(range(nets)) * count, augment, self._training.noise, pairs, lags),
            )
        for i, (net, unit, (own_x, own_y)) in enumerate(zip(made, units, given, strict=True)):
            own = slice(i * nets, (i + 1) * nets)
            net._learn(*unit.outside(w1[own].copy(), w2[own].copy(), lags), losses[own].mean(axis=0) * unit.size**2)
            net._settle(own_x, own_y, augment)

    def _cells(self, rows: int) -> int:
        """Numbers that the training of one net takes: its weights, the pairs and their order,
        a batch that is rolled out.
        """
        lags, hidden, chunk = self.width, self.hidden, self.chunk
        weights = 8 * hidden * (lags + chunk + 2)
        pairs = rows * (3 * self.epochs + 3 * (lags + self.reach))
        batch = -(-self.reach // chunk) * min(self._training.batch_size, rows) * (4 * hidden + 2 * (lags + chunk))
        return weights + pairs + batch + min(rows, remedies.KEPT) * hidden

    def _start(self, net: int) -> tuple[Array, Array]:
        rng = np.random.default_rng([self.seed, net])
        # One net is initialised as in the teaching note. Averaged nets start smaller, with torch's default:
        # on the sine with 64 lags each is better for it, and so is their mean (0.29 against 0.34 at 64 steps).
        return perceptron.start(self.width, self.hidden, self.chunk, rng, small=self.ensemble > 1)

    def _learn(self, w1: Array, w2: Array, losses: Array) -> None:
        if not np.isfinite(losses).all() or not (np.isfinite(w1).all() and np.isfinite(w2).all()):
            good = int(np.isfinite(losses).cumprod().sum())
            raise FitError(
                f"{self.name} diverged after epoch {good}: lower learning_rate="
                f"{self._training.learning_rate} of its training",
                code="diverged",
                epoch=good,
            )
        for array in (w1, w2):
            array.flags.writeable = False
        self.weights1_, self.weights2_, self.losses_ = w1, w2, losses

    def _predictor(self) -> Callable[[Array], Array]:
        wide1, bias1, wide2, bias2 = perceptron.widened(self.weights1_, self.weights2_)

        def predict(windows: Array) -> Array:
            self._afford(len(windows), len(bias1), "running", "Take fewer or smaller nets")
            inner = windows @ wide1.T
            inner += bias1
            np.maximum(inner, 0.0, out=inner)
            return np.asarray(inner @ wide2.T + bias2)

        return predict

    def _plan(self, horizon: int) -> Roll:
        """The nets joined to one wide net: its output is their mean."""
        if self.columns_:
            return super()._plan(horizon)
        wide1, bias1, wide2, bias2 = perceptron.widened(self.weights1_, self.weights2_)
        chunk = len(bias2)

        def roll(state: State, out: Array | None) -> Array:
            windows = state[0]
            rows, lags = windows.shape
            # Steps x rows: each step reads and writes whole contiguous lines.
            known = np.empty((lags + -(-horizon // chunk) * chunk, rows))
            known[:lags] = windows.T
            inner = np.empty((len(bias1), rows))
            for at in range(0, horizon, chunk):
                np.matmul(wide1, known[at : at + lags], out=inner)
                inner += bias1[:, None]
                np.maximum(inner, 0.0, out=inner)
                ahead = known[lags + at : lags + at + chunk]
                np.matmul(wide2, inner, out=ahead)
                ahead += bias2[:, None]
            return known[lags : lags + horizon].T

        return roll

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """All nets trained in one batch; with columns each by itself."""
        if self.using:
            return []
        rows, nets = self._trained(batch.heads, batch.all)
        if not nets:
            return []
        parts = zip(*(perceptron.widened(net.weights1_, net.weights2_) for net in nets), strict=True)
        first, bias1, second, bias2 = (np.stack(part) for part in parts)
        lags = int(first.shape[2])
        # The window and every step, whether it is kept or not; or the hidden layer, where that is wider.
        width = max(lags + batch.horizon, int(first.shape[1]))
        return [Nets(rows, width, lags, first, bias1, second, bias2, batch.horizon, batch.kept)]

    def _trained(self, heads: Array, rows: Index) -> tuple[Index, list[MLP]]:
        """The nets of those of `rows` that can be trained: each half is tried again where one diverges, or memory runs
        out.
        """
        try:
            return rows, self.fit_each([Series(head) for head in heads])
        except (InputError, FitError, BudgetError):
            if len(rows) == 1:
                return rows[:0], []
        half = len(rows) // 2
        left, right = self._trained(heads[:half], rows[:half]), self._trained(heads[half:], rows[half:])
        return np.concatenate([left[0], right[0]]), left[1] + right[1]

    def _shapes(self) -> Shapes:
        nets, hidden, chunk = self.ensemble, self.hidden, self.chunk
        weights: Shapes = {"weights1_": (nets, self.width + 1, hidden), "weights2_": (nets, hidden + 1, chunk)}
        return {**super()._shapes(), **weights}


@dataclass(frozen=True)
class Nets:
    """A batch of nets of one shape, each as wide as its ensemble: the arrays of `perceptron.widened`,
    a series a row.
    """

    rows: Index
    width: int
    context: int
    first: Array
    bias1: Array
    second: Array
    bias2: Array
    horizon: int
    kept: Index

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]: predict a chunk, append it, slide on."""
        wide1, bias1 = self.first[part], self.bias1[part, :, None]
        wide2, bias2 = self.second[part], self.bias2[part, :, None]
        lags, chunk = wide1.shape[2], wide2.shape[1]
        known = np.empty((len(values), lags + -(-self.horizon // chunk) * chunk, count))
        known[:, :lags] = history(values, lags, first, count)
        inner = np.empty((len(values), wide1.shape[1], count))
        with np.errstate(over="ignore", invalid="ignore"):
            for at in range(0, self.horizon, chunk):
                np.matmul(wide1, known[:, at : at + lags], out=inner)
                inner += bias1
                np.maximum(inner, 0.0, out=inner)
                ahead = known[:, lags + at : lags + at + chunk]
                np.matmul(wide2, inner, out=ahead)
                ahead += bias2
        out = known[:, lags : lags + self.horizon]
        broken = ~np.isfinite(out).all(axis=(1, 2))
        out = out[:, self.kept - 1]
        out[broken] = np.nan
        return out
