"""Base class of the nets, and `Training`, their training settings, which model files keep too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from ..errors import ParameterError, shown
from ..parameters import one_of, path_or_none, real, refuse, whole
from ..storage import Arrays
from .model import Model
from .selection import AUGMENTATIONS


@dataclass(frozen=True, kw_only=True, repr=False)
class Training:
    """Training settings of a net: compared by value; the repr shows what differs from the defaults.

    >>> import stepahead as sa
    >>> gently = Training(epochs=50, learning_rate=0.001)
    >>> gently
    Training(epochs=50, learning_rate=0.001)
    >>> sa.MLP(lags=4, training=gently).fit(sa.datasets.noisy_sine(seed=0)[:100]).losses_.shape
    (50,)

    `MLP` and `from_torch` read epochs, batch_size, learning_rate, noise and augment; `GRU`, `LSTM`, `RNN` and
    `RecurrentNet` read updates, learning_rate, warm_up, noise, augment and checkpoint. A net refuses the rest.

    Parameters
    ----------
    epochs : passes over the training pairs, 5.
    batch_size : pairs per step of Adam, 16; a recurrent net takes 8 segments.
    updates : steps of Adam, 300.
    learning_rate : of Adam, 0.01; of a recurrent net it falls to 0 by a cosine.
    warm_up : values at the head of a segment that only set the state and have no loss, 128; twice as many at half of
        the updates.
    noise : standard deviation, in units of that of the training part, of normal noise added to the inputs, 0.
    augment : what is done to training windows or segments about their mean: "sign" multiplies half of them by -1,
        "amplitude" multiplies them by a ~ N(0, 1) and divides their loss by a^2 + 0.25; "auto" takes what has the
        lowest k-step error on the last fifth of the training part, and trains again on all of it; None, the default,
        does nothing.
    checkpoint : path of a file that holds the whole state of the training every 25 updates; a fit that finds it goes on
        from there to the same bits. It is not stored in model files or specs.

    Raises
    ------
    ParameterError : a value is not allowed.

    Source of Adam: Kingma & Ba (2015).
    """

    _local: ClassVar[tuple[str, ...]] = ("checkpoint",)

    epochs: int = 5
    batch_size: int = 16
    updates: int = 300
    learning_rate: float = 0.01
    warm_up: int = 128
    noise: float = 0.0
    augment: str | None = None
    checkpoint: Any = None

    def __post_init__(self) -> None:
        pretrained = "; with training=None a torch module is taken as trained already"
        settled: dict[str, Any] = {"epochs": whole("epochs", self.epochs, also=pretrained)}
        settled |= {name: whole(name, getattr(self, name)) for name in ("batch_size", "updates", "warm_up")}
        # torch keeps it in 32 bits
        settled["learning_rate"] = real("learning_rate", self.learning_rate, above=0.0, most=1e30)
        settled["noise"] = real("noise", self.noise, least=0.0)
        one_of("augment", self.augment, (*AUGMENTATIONS, "auto"))
        path_or_none("checkpoint", self.checkpoint)
        settled["checkpoint"] = None if self.checkpoint is None else str(self.checkpoint)
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Training:
        """Out of plain data, such as {"epochs": 50}."""
        unknown = [str(name) for name in given if name not in cls.__dataclass_fields__]
        if unknown:
            raise refuse("training", unknown[0], "given by the fields " + ", ".join(cls.__dataclass_fields__))
        return cls(**given)

    def changed(self) -> dict[str, Any]:
        """The fields that differ from their default, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}

    def __repr__(self) -> str:
        return f"Training({', '.join(f'{name}={value!r}' for name, value in self.changed().items())})"


class Net(Model):
    """Neural net with a `training` argument."""

    _trained_by: ClassVar[tuple[str, ...]] = ()
    """The fields of `Training` that it reads. A file has them beside the arguments, as the files of 0.1.0 do."""
    _values = {"training": Training}
    _any_size = True
    _local = ("device",)

    chunk: int
    unroll: int
    ensemble: int
    seed: int
    device: str = "auto"
    training: Training | None

    @property
    def _training(self) -> Training:
        """How it is trained; of a pretrained net, the default."""
        return self.training or Training()

    def _check(self) -> None:
        for name in ("chunk", "unroll", "ensemble"):
            setattr(self, name, whole(name, getattr(self, name)))
        self.seed = whole("seed", self.seed, 0)
        self._check_training()
        if not isinstance(self.device, str):
            one_of("device", self.device, ("auto", "cpu", "cuda"))

    def _check_training(self) -> None:
        if not isinstance(self.training, Training):
            raise refuse("training", self.training, f"a Training, such as Training({self._trained_by[0]}=50)")
        for name, value in self._training.changed().items():
            if name not in self._trained_by:
                raise ParameterError(
                    f"{type(self).__name__} does not read {name}={shown(value)} of its training: it reads "
                    + ", ".join(self._trained_by),
                    code="parameter",
                    name=name,
                    value=value,
                )

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        facts, arrays = super().__pack__()
        del facts["training"]
        return facts | {n: getattr(self._training, n) for n in self._trained_by if n not in Training._local}, arrays

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays) -> Any:
        if "training" in facts:
            raise ValueError("field training is unknown")
        stored = {name: facts[name] for name in cls._trained_by if name in facts}
        if stored.pop("checkpoint", None) is not None:  # files of 0.1.0 have None
            raise ValueError("checkpoint is no part of a model file: it is for the machine that trains")
        plain = {name: value for name, value in facts.items() if name not in cls._trained_by}
        return super().__unpack__({**plain, "training": cls._training_of(stored)}, arrays)

    @classmethod
    def _training_of(cls, stored: dict[str, Any]) -> Training | None:
        return Training(**stored)
