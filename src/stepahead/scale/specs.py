"""The spec of a run, as data: models by name, steps, the split. The same spec is the same text and hash."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .. import storage
from ..errors import ParameterError, shown
from ..known_ahead import refuse_columns
from ..models import menu
from ..parameters import as_tuple, is_auto, one_of, refuse, whole
from ..seasons import resolve
from ..version import __version__
from ..walk import name_models
from ..windows import kept_steps, train_length
from . import documents

FIELDS = ("models", "lags", "horizon", "train", "steps", "season", "missing", "every")


@dataclass(frozen=True)
class Spec:
    """The spec of a run: the models, the steps and the split of every series.

    >>> spec = Spec.read({"models": ["ar", {"class": "Scaled", "model": {"class": "MLP", "lags": 8}}], "horizon": 24})
    >>> list(spec.build())
    ['AR(auto)', 'Scaled(MLP(8))']
    >>> spec.train, len(spec.hash)
    (0.6, 64)

    Attributes
    ----------
    models : {name: description}; a description has the "class" of one of our models, and its arguments.
    horizon, train, steps : as for ``evaluate``. season : a number of steps, several of them, or None: none is searched
        for.
    missing, every : how the series are read, as for ``Series``.
    """

    models: dict[str, dict[str, Any]]
    horizon: int
    train: float | int = 0.6
    steps: tuple[int, ...] | None = None
    season: Any = None
    missing: str = "raise"
    every: str | float | None = None

    @classmethod
    def read(cls, given: Any) -> Spec:
        """A spec from a dict, the path of a JSON file, or a Spec.

        "models" is a list, or {name: model}, of names from ``stepahead models`` (they use "lags", a number, or "auto"
        if the model can choose it) and of descriptions such as {"class": "AR", "lags": 24}.
        """
        if isinstance(given, Spec):
            return given
        found = documents.read_json(given, "spec") if isinstance(given, (str, os.PathLike)) else given
        if not isinstance(found, Mapping):
            raise refuse("spec", given, "a dict, or the path of a JSON file")
        unknown = [key for key in found if key not in FIELDS]
        if unknown or not {"models", "horizon"} <= found.keys():
            raise ParameterError(
                f"a spec has the fields {', '.join(FIELDS)}, of which models and horizon have to be there; found "
                f"{shown(', '.join(map(str, found)))}",
                code="parameter",
                name="spec",
            )
        horizon = whole("horizon", found["horizon"])
        lags: Any = found.get("lags", "auto")
        if lags != "auto":
            whole("lags", lags, also=', or "auto"')
        models: dict[str, dict[str, Any]] = {}
        for own, item in _entries(found["models"]):
            name, described = _described(item, lags, horizon)
            if (name := own or name) in models:
                raise ParameterError(f"two models are called {name}: give one a name", code="parameter", name="models")
            models[name] = described
        rest = {key: found[key] for key in ("train", "season", "missing", "every") if found.get(key) is not None}
        return cls(models, horizon, steps=_steps(found.get("steps"), horizon), **rest)._checked()

    @classmethod
    def of(cls, models: Any, horizon: int, **options: Any) -> Spec:
        """A spec from stepahead models, whose arguments must be data."""
        described = {name: describe(model) for name, model in name_models(models).items()}
        options["steps"] = _steps(options.get("steps"), whole("horizon", horizon))
        return cls(described, horizon, **options)._checked()

    def _checked(self) -> Spec:
        if not self.models:
            raise refuse("models", [], "at least one model")
        refuse_columns(self.build())
        train_length(1, self.train)
        one_of("missing", self.missing, ("raise", "skip"))
        if is_auto(self.season):
            raise refuse(
                "season", self.season, "a number of steps, or several: none is looked for in a run over shards"
            )
        resolve(self.season, None, "shards")
        if self.every is not None and not isinstance(self.every, (str, int, float)):
            raise refuse("every", self.every, 'a step of time, such as "1D" or a number')
        return self

    def build(self) -> dict[str, Any]:
        """The models, not fitted."""
        return {name: made(described) for name, described in self.models.items()}

    def document(self) -> dict[str, Any]:
        """The spec as plain data."""
        found = asdict(self)
        return found | {"steps": None if self.steps is None else list(self.steps)}

    @property
    def hash(self) -> str:
        """SHA-256 of the spec and of the release that runs it: equal hashes mean equal scores."""
        return documents.digest({"spec": self.document(), "stepahead": __version__})

    @property
    def text(self) -> str:
        """The spec as one line, for a worker."""
        return documents.canonical(self.document())


def _steps(given: Any, horizon: int) -> tuple[int, ...] | None:
    return None if given is None else tuple(kept_steps(given, horizon).tolist())


def _entries(models: Any) -> list[tuple[str, Any]]:
    """(name or "", model) of each entry of "models"."""
    if isinstance(models, Mapping):
        return [(str(name), item) for name, item in models.items()]
    return [("", item) for item in as_tuple("models", models.split(",") if isinstance(models, str) else models)]


def _described(item: Any, lags: int | str, horizon: int) -> tuple[str, dict[str, Any]]:
    """The name that a model gives itself, and its description."""
    if isinstance(item, str):
        word = item.strip()
        if lags == "auto" and word in menu.READS_LAGS and word not in menu.CHOOSES_ITSELF:
            raise ParameterError(
                f'{word} needs a number of lags: give "lags", for example 16; only '
                f"{' and '.join(menu.CHOOSES_ITSELF)} chooses "
                "it for each series",
                code="parameter",
                name="lags",
            )
        [(name, model)] = menu.build([word], lags, horizon, []).items()
        return name, describe(model)
    if not isinstance(item, Mapping):
        raise refuse("models", item, 'a list of names, or of descriptions such as {"class": "AR", "lags": 24}')
    model = made(item)
    return model.name, describe(model)


def describe(model: Any) -> dict[str, Any]:
    """A model as data: its class, and the arguments that are not at their defaults."""
    name = storage.registered_name(model)
    if name is None:
        raise ParameterError(
            f"{shown(type(model).__name__)} is not a stepahead model: a spec is "
            "plain data, all that the workers are "
            'sent. Give it to evaluate(..., fit="each")',
            code="parameter",
            name="models",
        )
    cls: Any = storage.registered_class(name)
    defaults = inspect.signature(cls).parameters
    given = {key: value for key, value in model.get_params().items() if value != defaults[key].default}
    for key, value in model.get_params().items():  # where a net is trained takes no part in a comparison
        if key in cls._values and value is not None:
            _refuse_local(cls._values[key], value.changed())
    return {"class": name} | {key: _described_value(cls, key, value) for key, value in given.items()}


def _described_value(cls: Any, name: str, value: Any) -> Any:
    return _plain(value) if name not in cls._values or value is None else value.changed()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return describe(value)


def made(described: Any) -> Any:
    """The model of a description, its arguments checked."""
    cls = storage.registered_class(described.get("class")) if isinstance(described, Mapping) else None
    if cls is None:
        raise refuse(
            "models", described, 'described by the class of one of our models, such as {"class": "AR", "lags": 24}'
        )
    arguments = {key: _argument(cls, key, value) for key, value in described.items() if key != "class"}
    allowed = inspect.signature(cls).parameters
    unknown = [key for key in arguments if key not in allowed]
    lacking = [key for key, one in allowed.items() if one.default is inspect.Parameter.empty and key not in arguments]
    if unknown or lacking:
        what = f"no argument {shown(str(unknown[0]))}" if unknown else f"to be given {lacking[0]}"
        raise ParameterError(
            f"{described['class']} has {what}: its arguments are {', '.join(allowed)}", code="parameter", name="models"
        )
    model = cls(**arguments)
    model._check()
    return model


def _argument(cls: Any, name: str, value: Any) -> Any:
    """An argument of a model from plain data: a dict is a model inside, or a Training; a list may hold models."""
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return [_argument(cls, name, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if name not in cls._values:
        return made(value)
    _refuse_local(cls._values[name], value)
    return cls._values[name].read(value)


def _refuse_local(cls: Any, given: Mapping[str, Any]) -> None:
    """Refuse arguments such as paths and devices: a spec may come from anywhere, and says only what to train."""
    for key in given.keys() & set(cls._local):
        raise ParameterError(
            f"{key}={shown(given[key])} is not allowed in a spec, which says what to train and not where: leave it out",
            code="parameter",
            name=key,
        )
