"""Base class of the nets, and `Training`, their training settings, which model files keep too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from ..errors import ParameterError, shown
from ..known_ahead import named, told
from ..parameters import one_of, path_or_none, real, refuse, whole
from ..protocols import Array
from ..storage import Arrays
from .model import Model, Shapes
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
    Torch nets are trained on the accelerator where there is one; ``training.on("cpu")`` says where.

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

    _local: ClassVar[tuple[str, ...]] = ("checkpoint", "device")

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

    def on(self, device: str) -> Training:
        """The same training on a device that torch knows; "auto", the default, is the accelerator where there is one.

        It says where and not how: it takes no part in a comparison, and no model file or spec has it.

        >>> Training(updates=50).on("cpu")
        Training(updates=50).on('cpu')
        """
        if not isinstance(device, str):
            one_of("device", device, ("auto", "cpu", "cuda"))
        made = replace(self)
        made.__dict__["device"] = device
        return made

    @property
    def place(self) -> str:
        """Where a torch net is trained, "auto" unless `on` said otherwise."""
        return str(self.__dict__.get("device", "auto"))

    def changed(self) -> dict[str, Any]:
        """What differs from the default, by name."""
        own = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}
        return own | ({} if self.place == "auto" else {"device": self.place})

    def __repr__(self) -> str:
        told = self.changed()
        place = f".on({self.place!r})" if told.pop("device", None) else ""
        return f"Training({', '.join(f'{name}={value!r}' for name, value in told.items())}){place}"


class Net(Model):
    """Neural net with a `training` argument."""

    _trained_by: ClassVar[tuple[str, ...]] = ()
    """The fields of `Training` that it reads. A file has them beside the arguments, as the files of 0.1.0 do."""
    _learned_of_columns = ("column_means_", "column_scales_")
    _values = {"training": Training}
    _any_size = True

    chunk: int
    unroll: int
    ensemble: int
    seed: int
    training: Training | None
    using: Sequence[str]
    column_means_: Array
    column_scales_: Array

    @property
    def _training(self) -> Training:
        """How it is trained; of a pretrained net, the default."""
        return self.training or Training()

    def _named(self, own: str) -> str:
        """Its name, with the columns that it uses."""
        return told(own, named(self.using), self.columns_) if self.using else own

    def _check(self) -> None:
        for name in ("chunk", "unroll", "ensemble"):
            setattr(self, name, whole(name, getattr(self, name)))
        self.seed = whole("seed", self.seed, 0)
        self._check_training()
        self.using = named(self.using)
        if self.using and self._training.augment is not None:
            raise refuse("augment", self._training.augment, "left out with using=: a window turns, its columns do not")

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

    def _column_shapes(self) -> Shapes:
        """Of the means and deviations of the columns, where it uses any."""
        return dict.fromkeys(self._learned_of_columns, (len(self.columns_),)) if self.columns_ else {}

    def _check_column_scales(self) -> None:
        if self.columns_ and not (self.column_scales_ > 0.0).all():
            raise ValueError("column_scales_ should be above 0")

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
        if stored.pop("device", "auto") != "auto":  # files of 0.1.0 have "auto"
            raise ValueError("device is no part of a model file: it is for the machine that trains")
        plain = {name: value for name, value in facts.items() if name not in cls._trained_by}
        return super().__unpack__({**plain, "training": cls._training_of(stored)}, arrays)

    @classmethod
    def _training_of(cls, stored: dict[str, Any]) -> Training | None:
        return Training(**stored)
