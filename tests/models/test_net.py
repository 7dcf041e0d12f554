"""How nets are trained, as one value: what it refuses, what each net reads of it,
and how it goes into files and specs.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil

import numpy as np
import pytest

import stepahead as sa
from stepahead import models, scale, storage
from stepahead.models.model import Model
from stepahead.models.net import Net

from ..cases import leak_module, note_module
from ..data import sine
from ..golden import make
from ..promises.tampered import parts, put_together, taken_apart

X = sine(0, 120)
NETS = {
    "MLP": lambda **more: sa.MLP(3, hidden=2, **more),
    "TorchWindow": lambda **more: sa.from_torch(note_module(), lags=4, **more),
    "GRU": lambda **more: sa.GRU(2, **more),
    "LSTM": lambda **more: sa.LSTM(2, **more),
    "RNN": lambda **more: sa.RNN(2, **more),
}
READ = {
    "windows": {"epochs", "batch_size", "learning_rate", "noise", "augment"},
    "segments": {"updates", "learning_rate", "warm_up", "noise", "augment", "checkpoint"},
}
COUNTS = ("epochs", "batch_size", "updates", "warm_up")
ODD = {
    "epochs": 3, "batch_size": 7, "updates": 3, "learning_rate": 0.5, "warm_up": 5, "noise": 0.5, "augment": "sign",
    "checkpoint": "run",
}  # fmt: skip


def of_the_package() -> dict[str, type[Model]]:
    """Every class of a model in stepahead.models, public or not."""
    modules = [
        importlib.import_module(f"{models.__name__}.{found.name}") for found in pkgutil.iter_modules(models.__path__)
    ]
    classes = {thing for module in modules for thing in vars(module).values() if inspect.isclass(thing)}
    found = {
        cls.__name__: cls for cls in classes if issubclass(cls, Model) and cls.__module__.startswith(models.__name__)
    }
    return dict(sorted(found.items()))


@pytest.mark.parametrize("name", [*of_the_package(), "from_torch", "Training"])
def test_no_model_takes_more_than_eight_arguments(name):
    called = of_the_package().get(name) or getattr(sa, name)
    assert len(inspect.signature(called).parameters) <= (12 if name == "AR" else 8)


def test_the_list_of_models_is_not_empty():
    assert {"AR", "MLP", "TorchWindow", "GRU", "LSTM", "RNN", "RecurrentNet", "Recurrent", "Windowed", "HMM"} <= set(
        of_the_package()
    )


def test_a_training_is_a_value():
    told = sa.Training(epochs=np.int64(50), learning_rate=np.float32(0.5))
    assert repr(told) == "Training(epochs=50, learning_rate=0.5)"
    assert repr(sa.Training(epochs=5, noise=0)) == "Training()"
    assert eval(repr(told), {"Training": sa.Training}) == told  # noqa: S307
    assert {told, sa.Training(epochs=50, learning_rate=0.5), sa.Training()} == {told, sa.Training()}
    with pytest.raises(dataclasses.FrozenInstanceError):
        told.epochs = 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in COUNTS for value in (0, -1, 2.5, True, "3", None, 2**53 + 1)),
        *(("learning_rate", value) for value in (0.0, -1.0, 1e31, float("nan"), float("inf"), "1", None)),
        *(("noise", value) for value in (-0.1, float("nan"), float("inf"), "1", None)),
        *(("augment", value) for value in ("flip", True, 1, ["sign"])),
        *(("checkpoint", value) for value in ("", 3, b"run", True)),
    ],
)  # fmt: skip
def test_a_value_that_is_not_allowed_is_refused_at_once(name, value):
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.Training(**{name: value})
    assert (caught.value.code, caught.value.name) == ("parameter", name)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(sa.Training)])
@pytest.mark.parametrize("name", NETS)
def test_a_net_refuses_what_it_does_not_read(name, field):
    model = NETS[name](training=sa.Training(**{field: ODD[field]}))
    if field in READ["windows" if name in ("MLP", "TorchWindow") else "segments"]:
        model._check()
        return
    with pytest.raises(sa.errors.ParameterError, match=f"{name} does not read {field}=") as caught:
        model.fit(X)
    assert caught.value.name == field


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("wrong", [5, True, "fast", {"epochs": 3}, sa.Training])
def test_only_a_training_says_how_a_net_is_trained(name, wrong):
    with pytest.raises(sa.errors.ParameterError) as caught:
        NETS[name](training=wrong).fit(X)
    assert caught.value.name == "training"


@pytest.mark.parametrize("name", ["MLP", "GRU", "LSTM", "RNN"])
def test_what_was_read_comes_back_out_of_a_file(name, tmp_path):
    told = {field: ODD[field] for field in READ["windows" if name == "MLP" else "segments"] - {"checkpoint"}}
    model = NETS[name](training=sa.Training(**told), unroll=2, seed=4).fit(X)
    model.save(tmp_path / "net.safetensors")
    again = sa.load(tmp_path / "net.safetensors")
    assert (type(again), again.get_params()) == (type(model), model.get_params())
    assert again.forecast(X, 3).tolist() == model.forecast(X, 3).tolist()


@pytest.mark.parametrize(("name", "cls"), [("GRU", sa.GRU), ("LSTM ensemble", sa.LSTM), ("RNN window", sa.RNN)])
def test_a_file_of_the_first_release_is_of_the_class_of_its_cell(name, cls):
    assert type(sa.load(make.HERE / "0.1.0" / make.file_name(name))) is cls


def written(model, **facts) -> bytes:
    """The file of a fitted net whose facts are changed."""
    document, arrays = taken_apart(storage.dumps(model))
    for part in parts(document["model"]):
        part["facts"].update(facts)
    return put_together(document, arrays)


HOSTILE = {
    "epochs": [0, -1, 2**53, 10**18, 2.5, "3", None, True, [5], 3],
    "updates": [0, -1, 2**53, 10**18, 2.5, "3", None, True, [5], 3],
    "batch_size": [0, -1, 10**18, 2.5, "3", None, True, [5]],
    "warm_up": [0, -1, 10**18, 2.5, "3", None, True, [5]],
    "learning_rate": [0, -0.1, 1e300, "fast", None, True, [1]],
    "noise": [-0.1, "loud", None, True, [1]],
    "augment": ["flip", 1, True, [None]],
    "checkpoint": ["run", 3, [], True],
    "training": [None, "Training()", 3],
    "stop": [True, False],
    "cell": ["gru", "lstm", None, 3],
}


@pytest.mark.parametrize("field", HOSTILE)
@pytest.mark.parametrize("name", ["MLP", "GRU"])
def test_a_file_with_a_hostile_training_is_refused(name, field, tmp_path, run):
    fitted = NETS[name](training=sa.Training(epochs=2) if name == "MLP" else sa.Training(updates=2)).fit(X)
    assert type(storage.loads(written(fitted))) is type(fitted)
    for value in HOSTILE[field]:
        (tmp_path / "m.safetensors").write_bytes(written(fitted, **{field: value}))
        with pytest.raises(sa.errors.ModelFileError):
            sa.load(tmp_path / "m.safetensors")
    (tmp_path / "x.csv").write_text("\n".join(map(str, ["x", *X])))
    code, out, err = run("forecast", tmp_path / "x.csv", "--horizon", 2, "--model", tmp_path / "m.safetensors")
    assert (code, out, len(err.strip().splitlines())) == (4, "", 1)


def test_a_module_inside_the_place_of_a_training_is_refused():
    document, arrays = taken_apart(storage.dumps(sa.MLP(3, training=sa.Training(epochs=1)).fit(X)))
    document["model"]["inner"]["training"] = {"class": "Naive", "facts": {}, "inner": {}}
    with pytest.raises(sa.errors.ModelFileError, match="training is unknown"):
        storage.loads(put_together(document, arrays))


@pytest.mark.parametrize(
    "facts", [{"noise": 0.5}, {"augment": "sign"}, {"batch_size": "x"}, {"ensemble": 2}, {"epochs": False}]
)
def test_a_file_of_a_module_that_came_trained_says_nothing_of_training(facts):
    came = sa.from_torch(note_module(), lags=4, training=None)
    assert storage.loads(written(came), note_module()).training is None
    with pytest.raises(sa.errors.ModelFileError):
        storage.loads(written(came, **facts), note_module())


def test_a_spec_holds_how_a_net_is_trained_as_data():
    models_ = [
        sa.MLP(4, training=sa.Training(epochs=9)),
        sa.GRU(8, unroll=2, training=sa.Training(updates=7, augment="sign")),
        sa.RNN(),
    ]
    spec = scale.Spec.of(models_, 4)
    assert spec.models["MLP(4)"] == {"class": "MLP", "lags": 4, "training": {"epochs": 9}}
    assert spec.models["RNN(32)"] == {"class": "RNN"}
    built = scale.Spec.read(json.loads(json.dumps({"models": spec.models, "horizon": 4}))).build()
    assert [repr(model) for model in built.values()] == [repr(model) for model in models_]


@pytest.mark.parametrize(
    ("training", "name"),
    [
        ({"epoch": 3}, "training"), ({"epochs": -1}, "epochs"), ({"updates": 3}, "updates"),
        ({"class": "Naive"}, "training"),
        (3, "training"), (["epochs"], "training"), ({"checkpoint": None}, "checkpoint"),
    ],
)  # fmt: skip
def test_a_spec_with_another_training_is_refused(training, name):
    with pytest.raises(sa.errors.ParameterError) as caught:
        scale.Spec.read({"models": [{"class": "MLP", "lags": 4, "training": training}], "horizon": 2})
    assert caught.value.name == name


@pytest.mark.parametrize("cls", [sa.GRU, sa.LSTM, sa.RNN])
def test_torchs_cells_are_classes(cls):
    model = cls(8)
    assert isinstance(model, sa.RecurrentNet)
    assert isinstance(model, Net)
    assert (model.name, repr(model), repr(cls())) == (
        f"{cls.__name__}(8)",
        f"{cls.__name__}(hidden=8)",
        f"{cls.__name__}()",
    )
    assert type(model.clone()) is cls
    assert storage.registered_name(model) == cls.__name__


@pytest.mark.parametrize("cell", ["gru", None, 3])
def test_a_recurrent_net_is_made_of_ones_own_cell(cell):
    with pytest.raises(sa.errors.ParameterError, match="GRU, LSTM and RNN") as caught:
        sa.RecurrentNet(cell).fit(X)
    assert caught.value.name == "cell"


@pytest.mark.parametrize(("facts", "loads"), [
    ({}, True), ({"hidden": 32, "stop": False}, True), ({"stop": True}, True),
    ({"hidden": 0}, False), ({"hidden": "x"}, False), ({"stop": 1}, False), ({"cell": "gru"}, False),
    ({"cell": "lru"}, False),
])  # fmt: skip
def test_a_file_of_ones_own_cell_may_have_what_the_first_release_wrote(facts, loads):
    fitted = sa.RecurrentNet(leak_module(), training=sa.Training(updates=2)).fit(X)
    if loads:
        again = storage.loads(written(fitted, **facts), leak_module(0.5))
        assert again.forecast(X, 3).tolist() == fitted.forecast(X, 3).tolist()
    else:
        with pytest.raises(sa.errors.ModelFileError):
            storage.loads(written(fitted, **facts), leak_module(0.5))


def test_where_a_net_is_trained_is_no_part_of_how():
    there = sa.Training(epochs=3).on("cpu")
    assert (there.place, sa.Training().place) == ("cpu", "auto")
    assert there == sa.Training(epochs=3)
    assert eval(repr(there), {"Training": sa.Training}).place == "cpu"  # noqa: S307
    for wrong in (None, 1, True):
        with pytest.raises(sa.errors.ParameterError, match="device"):
            sa.Training().on(wrong)
    net = sa.from_torch(note_module(), lags=4, training=there).fit(X)
    assert net.clone().training.place == net.for_pairs().training.place == "cpu"
    with pytest.raises(sa.errors.ParameterError, match="MLP does not read device="):
        sa.MLP(3, training=there).fit(X)
