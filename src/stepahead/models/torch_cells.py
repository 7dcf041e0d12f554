"""GRU, LSTM and RNN: recurrent nets with torch's own cells, trained in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError
from ..parameters import refuse, whole
from ..storage import Arrays, register
from .net import Net, Training
from .net_cells import NetBatch, check_weights, chosen_device, torch_for
from .recurrent_nets import RecurrentNet
from .training import train

if TYPE_CHECKING:
    from typing import Self


class TorchCell(RecurrentNet):
    """Base class of `GRU`, `LSTM` and `RNN`: cells of torch, many nets trained in one batch."""

    def __init__(
        self,
        hidden: int = 32,
        chunk: int = 1,
        *,
        unroll: int = 1,
        ensemble: int = 1,
        window: int | None = None,
        seed: int = 0,
        using: Sequence[str] = (),
        training: Training = Training(),  # noqa: B008  # a value
    ) -> None:
        self.hidden = hidden
        super().__init__(
            None, chunk, unroll=unroll, ensemble=ensemble, window=window, seed=seed, using=using, training=training
        )

    @property
    def name(self) -> str:
        """The class and the width, with the columns, ``GRU(32) with promo``."""
        return self._named(f"{type(self).__name__}({self.hidden})")

    def __repr__(self) -> str:
        return Net.__repr__(self)

    def _check_cell(self) -> None:
        self.hidden = whole("hidden", self.hidden)

    def _fresh(self, seeds: Sequence[Sequence[int]]) -> NetBatch:
        return NetBatch.fresh(self._kind, self.hidden, self.chunk, seeds, len(self.columns_), self._known)

    def fit_each(self, series: Sequence[Any], seeds: Sequence[int] | None = None) -> list[Self]:
        """One net per series, all trained in one batch, many times as fast as one after the other.

        Parameters
        ----------
        series : the list. seeds : one for each, by default this model's own for all of them.

        Returns
        -------
        A fitted clone of this model for each series, in their order. The nets are those of a loop of `fit`, up to
        rounding of 32-bit sums, which training amplifies.
        """
        self._check()
        if self.using:
            raise refuse("using", self.using, "left out in fit_each: a net with columns is trained by itself, in fit")
        if self._training.augment == "auto" or self.ensemble != 1 or self._training.checkpoint is not None:
            raise ParameterError(
                'fit_each trains a batch of plain nets: no augment="auto", ensemble or checkpoint',
                code="parameter",
                name="augment",
            )
        wanted = [self.seed] * len(series) if seeds is None else [whole("seeds", seed, 0) for seed in seeds]
        made = [self.clone().set_params(seed=seed) for _, seed in zip(series, wanted, strict=True)]
        panels = [net._begin(one) for net, one in zip(made, series, strict=True)]
        data = [net._prepare(panel) for net, panel in zip(made, panels, strict=True)]
        made[0]._afford_nets(len(made), tuple(part for panel in panels for part in panel))
        keys = tuple((seed, 0) for seed in wanted)
        nets, losses = train(
            self._fresh(keys), data, made[0]._settings(keys, panels[0]), chosen_device(self._training.place)
        )
        assert isinstance(nets, NetBatch)  # noqa: S101
        for place, (model, panel) in enumerate(zip(made, panels, strict=True)):
            alone = NetBatch(
                nets.kind, {name: value[place : place + 1].clone() for name, value in nets.weights.items()}
            )
            model._learn(panel, alone, losses[:, place : place + 1])
        return made

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays, module: Any = None) -> Any:
        return cls._unpacked(facts, arrays)

    def _weighted(self, weights: Arrays) -> NetBatch:
        shapes = NetBatch.shapes(self._kind, self.hidden, self.chunk, len(self.columns_), self._known)
        check_weights(shapes, self.ensemble, weights)
        return NetBatch(self._kind, {name: torch_for("a net").tensor(value) for name, value in weights.items()})


@register
class GRU(TorchCell):
    """Gated recurrent unit net; see `RecurrentNet` for advice and the attributes.

    >>> import stepahead as sa
    >>> model = GRU(hidden=8, training=sa.Training(updates=20))
    >>> model, model.name, isinstance(model, sa.RecurrentNet)
    (GRU(hidden=8, training=Training(updates=20)), 'GRU(8)', True)
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model.fit(series[:604]).forecast(series, horizon=3).shape
    (3,)

    Parameters
    ----------
    hidden : width of the state, 32.
    chunk : steps emitted at once, 1: that is recursive, ``chunk=horizon`` one-shot.
    unroll : steps of the roll-out in the training loss, 1: the next value alone.
    ensemble : number of nets with different initial weights, averaged at every step, 1.
    window : None reads the whole past; a number so many last values, each window in its own scale.
    seed : of initial weights and segments, 0.
    using : names of columns beside the values, or "known", "past", "all", none by default; see `RecurrentNet`.
    training : a `Training`: 300 updates, learning_rate 0.01, warm_up 128, noise 0, augment None, checkpoint None.

    Source: Cho et al. (2014).
    """

    _kind = "gru"


@register
class LSTM(TorchCell):
    """Long short-term memory net; see `RecurrentNet` for advice and the attributes.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> LSTM(hidden=8, training=sa.Training(updates=20)).fit(series[:604]).forecast(series, horizon=3).shape
    (3,)

    Parameters
    ----------
    hidden : width of the state, 32.
    chunk : steps emitted at once, 1: that is recursive, ``chunk=horizon`` one-shot.
    unroll : steps of the roll-out in the training loss, 1: the next value alone.
    ensemble : number of nets with different initial weights, averaged at every step, 1.
    window : None reads the whole past; a number so many last values, each window in its own scale.
    seed : of initial weights and segments, 0.
    using : names of columns beside the values, or "known", "past", "all", none by default; see `RecurrentNet`.
    training : a `Training`: 300 updates, learning_rate 0.01, warm_up 128, noise 0, augment None, checkpoint None.

    Source: Hochreiter & Schmidhuber (1997).
    """

    _kind = "lstm"


@register
class RNN(TorchCell):
    """Elman recurrent net, h_t = tanh(W h_(t-1) + w x_t + b); see `RecurrentNet` for advice and the attributes.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> RNN(hidden=8, training=sa.Training(updates=20)).fit(series[:604]).forecast(series, horizon=3).shape
    (3,)

    Parameters
    ----------
    hidden : width of the state, 32.
    chunk : steps emitted at once, 1: that is recursive, ``chunk=horizon`` one-shot.
    unroll : steps of the roll-out in the training loss, 1: the next value alone.
    ensemble : number of nets with different initial weights, averaged at every step, 1.
    window : None reads the whole past; a number so many last values, each window in its own scale.
    seed : of initial weights and segments, 0.
    using : names of columns beside the values, or "known", "past", "all", none by default; see `RecurrentNet`.
    training : a `Training`: 300 updates, learning_rate 0.01, warm_up 128, noise 0, augment None, checkpoint None.

    Source: Elman (1990).
    """

    _kind = "rnn"
