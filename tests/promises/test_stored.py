"""Rows S1 to S4: model files. The corpus of tests/test_storage.py meets the command line here, and more models."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import os
import pickle
import tarfile
import zipfile
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import stepahead as sa
from stepahead import storage

from ..cases import CASES
from ..data import sine
from ..model_files import GIVEN, edited, put
from .entry_points import X, written


@pytest.fixture
def content() -> bytes:
    return storage.dumps(sa.AR(3).fit(sine(0, 60)))


def drop(*path):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch exploded",))


HOSTILE = {
    "a pickle": lambda c: pickle.dumps(Bomb()),
    "an old pickle": lambda c: pickle.dumps(Bomb(), protocol=0),
    "empty": lambda c: b"",
    "seven bytes": lambda c: c[:7],
    "cut in the header": lambda c: c[:60],
    "cut in the tensors": lambda c: c[:-8],
    "a byte more": lambda c: c + b"\0",
    "a flipped bit": lambda c: c[:-3] + bytes([c[-3] ^ 1]) + c[-2:],
    "a huge header": lambda c: (1 << 40).to_bytes(8, "little") + c[8:],
    "text": lambda c: b"hello, this is no model at all, not even close to one",
    "plain safetensors": lambda c: __import__("safetensors.numpy", fromlist=["save"]).save({"x": np.zeros(3)}),
    "newer format": lambda c: edited(c, put("format", value=2)),
    "format as text": lambda c: edited(c, put("format", value="1")),
    "format true": lambda c: edited(c, put("format", value=True)),
    "unknown model": lambda c: edited(c, put("model", "class", value="os.system")),
    "another of our models": lambda c: edited(c, put("model", "class", value="MLP")),
    "unknown argument": lambda c: edited(c, put("model", "facts", "backdoor", value=1)),
    "missing argument": lambda c: edited(c, drop("model", "facts", "lags")),
    "bad argument": lambda c: edited(c, put("model", "facts", "ridge", value=-1.0)),
    "other lags": lambda c: edited(c, put("model", "facts", "lags", value=4)),
    "lags as text": lambda c: edited(c, put("model", "facts", "lags_", value="3")),
    "negative context": lambda c: edited(c, put("model", "facts", "context", value=-3)),
    "context true": lambda c: edited(c, put("model", "facts", "context", value=True)),
    "intercept missing": lambda c: edited(c, drop("model", "facts", "intercept_")),
    "intercept a list": lambda c: edited(c, put("model", "facts", "intercept_", value=[1.0])),
    "training data malformed": lambda c: edited(c, put("model", "facts", "trained_lengths_", value=[3])),
    "notes malformed": lambda c: edited(c, put("model", "facts", "notes_", value=[3])),
    "another digit in the JSON": lambda c: c.replace(b'ridge\\": 0.0', b'ridge\\": 1.0'),
    "context 5 of Naive": lambda c: edited(
        storage.dumps(sa.baselines.Naive().fit([1.0, 2.0])), put("model", "facts", "context", value=5)
    ),
    "a season of another length": lambda c: edited(
        storage.dumps(sa.baselines.SeasonalNaive(3).fit([1.0, 2.0])), put("model", "facts", "period", value=4)
    ),
    "a mean in text": lambda c: edited(
        storage.dumps(sa.baselines.Mean().fit([1.0, 2.0])), put("model", "facts", "mean_", value="abc")
    ),
    "a deviation of 0": lambda c: edited(
        storage.dumps(sa.Scaled(sa.AR(2)).fit(sine(0, 60))), put("model", "facts", "std_", value=0.0)
    ),
    "a deviation in text": lambda c: edited(
        storage.dumps(sa.Scaled(sa.AR(2)).fit(sine(0, 60))), put("model", "facts", "std_", value="1")
    ),
    "odd states": lambda c: edited(
        storage.dumps(sa.MarkovChain().fit(["a", "b", "a"])), put("model", "facts", "states_", value=[None, 1.5])
    ),
    "states twice": lambda c: edited(
        storage.dumps(sa.MarkovChain().fit(["a", "b", "a"])), put("model", "facts", "states_", value=["a", "a"])
    ),
    "never fitted": lambda c: edited(
        c, lambda d: [d["model"]["facts"].pop(k) for k in ("context", "intercept_", "variance_", "lags_")] and None
    ),
    "an inner part from nowhere": lambda c: edited(c, put("model", "inner", value={"lags": 3})),
    "extra field": lambda c: edited(c, put("extra", value=1)),
    "tensor not listed": lambda c: edited(c, put("tensors", value={})),
    "tensor listed twice over": lambda c: edited(
        c, put("tensors", "ghost", value={"dtype": "<f8", "shape": [1], "sha256": "0"})
    ),
    "other shape": lambda c: edited(c, put("tensors", "coefficients_", "shape", value=[1, 3])),
    "other checksum": lambda c: edited(c, put("tensors", "coefficients_", "sha256", value="0" * 64)),
    "checksum a number": lambda c: edited(c, put("tensors", "coefficients_", "sha256", value=3)),
    "NaN in the JSON": lambda c: edited(c, put("model", "facts", "intercept_", value=float("nan"))),
    "1e999 in the JSON": lambda c: edited(c, lambda d: json.dumps(d).replace('"ridge": 0.0', '"ridge": 1e999')),
    "a key twice": lambda c: edited(c, lambda d: json.dumps(d)[:-1] + ', "format": 1}'),
    "depth 100,000": lambda c: edited(c, lambda d: '{"format": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "a number of 5,000 digits": lambda c: edited(
        c, lambda d: json.dumps(d).replace('"format": 1', '"format": ' + "1" * 5000)
    ),
    "2 MB of JSON": lambda c: edited(c, put("model", "facts", "name", value="x" * (2 << 20))),
    "not JSON": lambda c: edited(c, lambda d: "{'format': 1}"),
    "a list": lambda c: edited(c, lambda d: "[]"),
}


SAVABLE = {name: case for name, case in CASES.items() if case.savable}
STORED = ("AR", "MLP", "Scaled", "SSA", "MarkovChain", "HMM", "StateSpace walk", "Rectified", "GRU", "SeasonalNaive")


@cache
def stored(name: str) -> bytes:
    """The file of a fitted model."""
    return storage.dumps(SAVABLE[name].make().fit(SAVABLE[name].series(60)))


def zipped(name: str, content: bytes, times: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(times):
            archive.writestr(f"{name}{i or ''}", content)
    return out.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def numpy_file(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def torch_file(value: object) -> bytes:
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


FOREIGN = {
    "a pickle of each protocol, 0": lambda: pickle.dumps(Bomb(), protocol=0),
    "a pickle of each protocol, 1": lambda: pickle.dumps(Bomb(), protocol=1),
    "a pickle of each protocol, 2": lambda: pickle.dumps(Bomb(), protocol=2),
    "a pickle of each protocol, 5": lambda: pickle.dumps(Bomb(), protocol=5),
    "a pickle behind eight bytes": lambda: (64).to_bytes(8, "little") + pickle.dumps(Bomb()).ljust(64, b"."),
    "a pickled model of scikit-learn": lambda: pickle.dumps(Ridge()),
    "a torch file": lambda: torch_file({"w": torch.zeros(3)}),
    "a torch file of code": lambda: torch_file(Bomb()),
    "a numpy file": lambda: numpy_file(np.zeros(3)),
    "a numpy file of code": lambda: numpy_file(np.array([Bomb()], dtype=object)),
    "a zip with a pickle": lambda: zipped("data.pkl", pickle.dumps(Bomb())),
    "a zip that climbs": lambda: zipped("../../exploded", b"x"),
    "a zip of 400 MB of zeros": lambda: zipped("zeros", bytes(1 << 22), 4),
    "a gzip": lambda: gzip.compress(pickle.dumps(Bomb())),
    "a tar that climbs": lambda: tarred("../exploded", b"x"),
    "a program": lambda: b"#!/bin/sh\ntouch exploded\n",
    "Python": lambda: b"import os; os.system('touch exploded')\n",
    "YAML with a tag": lambda: b"!!python/object/apply:os.system ['touch exploded']\n",
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "zeros": lambda: bytes(4096),
    "ones": lambda: b"\xff" * 4096,
    "a header of 2^63 bytes": lambda: (1 << 63).to_bytes(8, "little") + b"{}",
    "a header of 0 bytes": lambda: bytes(8) + b"{}",
    "safetensors without metadata": lambda: b"\x02\0\0\0\0\0\0\0{}",
}
CORPUS = {
    **FOREIGN,
    **{name: (lambda make=make: make(storage.dumps(sa.AR(3).fit(X)))) for name, make in HOSTILE.items()},
}


@pytest.fixture
def quiet(tmp_path, monkeypatch):
    """A folder in which nothing is run: call it once the files are made."""
    monkeypatch.chdir(tmp_path)

    def watched() -> None:
        for name in ("system", "popen", "execv", "posix_spawn", "fork"):
            monkeypatch.setattr(os, name, lambda *a, name=name, **k: pytest.fail(f"os.{name} was called"))

    return watched


@pytest.mark.parametrize("kind", CORPUS)
def test_S1_S2_S3_hostile_files_are_refused_at_every_entry_point(promise, run, tmp_path, quiet, kind):
    path = tmp_path / "model.safetensors"
    path.write_bytes(CORPUS[kind]())
    quiet()
    error = promise.refused(lambda: sa.load(path), (), kind=sa.errors.ModelFileError)
    assert isinstance(error, ValueError)
    data = written(tmp_path, X.tolist())
    before = sorted(p.name for p in tmp_path.iterdir())
    code, out, err = run("forecast", data, "--horizon", 2, "--model", path)
    assert (code, out) == (4, ""), err
    assert len(err.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_S1_links_pipes_folders_and_devices(promise, tmp_path):
    (tmp_path / "real").write_bytes(stored("AR"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "loop", "nowhere", "pipe", ".", "nothing", "x" * 300):
        promise.refused(lambda name=name: sa.load(tmp_path / name), "unreadable")
    promise.refused(lambda: sa.load("/dev/zero"), "unreadable", "not a plain file")
    for nothing in (None, 3, object(), "a\0b", []):
        promise.refused(lambda nothing=nothing: sa.load(nothing), "unreadable")
    assert promise.answered(lambda: sa.load(tmp_path / "real")).lags == 4


@pytest.mark.parametrize("name", STORED)
def test_S2_every_bit_of_every_model_is_watched(promise, name):
    """A flipped bit is refused, or it changed nothing: at 150 places of the file, and at each of the first 16 bytes."""
    content, series = stored(name), SAVABLE[name].series(60)
    expected = storage.loads(content).forecast(series, 5).tolist()
    places = {*range(16), *np.linspace(0, len(content) - 1, 150).astype(int).tolist()}
    for place in sorted(places):
        bad = bytearray(content)
        bad[place] ^= 1 << (place % 8)
        found = promise.ended(lambda bad=bad: storage.loads(bytes(bad)))
        if found.error is not None:
            assert isinstance(found.error, sa.errors.ModelFileError)
        else:
            assert found.value.forecast(series, 5).tolist() == expected


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("end", ["cut", "longer"])
def test_S2_another_length_is_refused(promise, tmp_path, name, end):
    content = stored(name)
    lengths = [0, 1, 7, 8, 9, len(content) // 2, len(content) - 9, len(content) - 1]
    for bad in (
        [content[:n] for n in lengths] if end == "cut" else [content + b"\0", content + content, b"\0" + content]
    ):
        (tmp_path / "m").write_bytes(bad)
        promise.refused(lambda: sa.load(tmp_path / "m"), (), kind=sa.errors.ModelFileError)
        promise.refused(lambda bad=bad: storage.loads(bad), (), kind=sa.errors.ModelFileError)


WRONG = {
    "none": None,
    "a text": "x" * 50,
    "a list": [1, 2],
    "a dict": {"a": 1},
    "below zero": -1,
    "huge": 10**30,
    "a half": 0.5,
    "true": True,
    "an empty text": "",
    "nothing": [],
    "deep": [[[[[[1]]]]]],
}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("kind", WRONG)
def test_S2_every_field_of_every_model_is_checked(promise, name, kind):
    """Each fact of the description replaced by what it is not: refused, or a model whose forecasts are numbers."""
    content, series = stored(name), SAVABLE[name].series(60)
    length = int.from_bytes(content[:8], "little")
    document = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["stepahead"].partition(" ")[2])

    def paths(part: object, here: tuple = ()):
        for key, value in part.items():
            yield (*here, key)
            if isinstance(value, dict):
                yield from paths(value, (*here, key))

    for path in paths(document):

        def change(document: dict, path: tuple = path) -> None:
            for key in path[:-1]:
                document = document[key]
            document[path[-1]] = WRONG[kind]

        bad = edited(content, change)
        found = promise.ended(lambda bad=bad: storage.loads(bad))
        if found.error is not None:
            assert isinstance(found.error, sa.errors.ModelFileError), path
        else:
            promise.ended(lambda found=found: sa.forecast(found.value, series, 3))


BOMBS = {
    "depth of 21": lambda d: '{"format": ' + "[" * 21 + "]" * 21 + "}",
    "depth of 1e6": lambda d: '{"format": ' + "[" * 400_000 + "]" * 400_000 + "}",
    "objects in objects": lambda d: '{"a":' * 5000 + "1" + "}" * 5000,
    "a number of 41 digits": lambda d: json.dumps(d).replace('"format": 1', '"format": ' + "1" * 41),
    "a number of 100,000 digits": lambda d: json.dumps(d).replace('"format": 1', '"format": ' + "1" * 100_000),
    "a float past the range": lambda d: json.dumps(d).replace('"format": 1', '"format": 1e400'),
    "Infinity": lambda d: json.dumps(d).replace('"format": 1', '"format": Infinity'),
    "-Infinity": lambda d: json.dumps(d).replace('"format": 1', '"format": -Infinity'),
    "NaN": lambda d: json.dumps(d).replace('"format": 1', '"format": NaN'),
    "the same key twice, deep": lambda d: json.dumps(d).replace('"facts": {', '"facts": {"lags": 3, '),
    "a key twice, escaped": lambda d: json.dumps(d)[:-1] + ', "f\\u006frmat": 1}',
    "a comment": lambda d: json.dumps(d) + " // a comment",
    "two documents": lambda d: json.dumps(d) * 2,
    "a trailing comma": lambda d: json.dumps(d)[:-1] + ",}",
    "single quotes": lambda d: str(d),
    "text": lambda d: '"a model"',
    "nothing": lambda d: "",
    "null": lambda d: "null",
    "half": lambda d: json.dumps(d)[: len(json.dumps(d)) // 2],
    "a lone surrogate": lambda d: json.dumps(d).replace('"AR"', '"\\ud800"'),
    "a byte that is no UTF-8": lambda d: json.dumps(d).replace('"AR"', '"\udcff"'),
    "a NUL": lambda d: json.dumps(d).replace('"AR"', '"A\\u0000R"'),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_S3_json_that_is_none_is_refused(promise, kind):
    length = int.from_bytes(stored("AR")[:8], "little")
    try:
        bad = edited(stored("AR"), BOMBS[kind])
    except UnicodeEncodeError:
        document = json.loads(json.loads(stored("AR")[8 : 8 + length])["__metadata__"]["stepahead"].partition(" ")[2])
        header = BOMBS[kind](document).encode("utf-8", "surrogateescape")
        bad = len(header).to_bytes(8, "little") + header + stored("AR")[8 + length :]
    promise.refused(lambda: storage.loads(bad), (), kind=sa.errors.ModelFileError)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.savable])
def test_S4_models_with_foreign_parts_say_how_to_save_them(promise, tmp_path, name):
    case = CASES[name]
    model = case.make().fit(case.series(60))
    error = promise.refused(
        lambda: model.save(tmp_path / "m"), "foreign", "save that part with its own library", "data, never code"
    )
    assert error.found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: sa.Windowed(RandomForestRegressor(n_estimators=2), 3),
        lambda: sa.Windowed(make_pipeline(StandardScaler(), Ridge()), 3),
        lambda: sa.Windowed(sa.wrappers.PerStep(Ridge()), 3, chunk=2),
        lambda: sa.Scaled(sa.Windowed(Ridge(), 3)),
        lambda: sa.Differenced(sa.Scaled(sa.Windowed(Ridge(), 3))),
        lambda: sa.wrappers.Rectified(sa.Windowed(Ridge(), 3), horizon=2),
    ],
    ids=["forest", "pipeline", "per step", "inside Scaled", "two deep", "inside Rectified"],
)
def test_S4_however_deep_they_are(promise, tmp_path, make):
    model = make().fit(X)
    promise.refused(lambda: model.save(tmp_path / "m"), "foreign", "save that part")
    assert list(tmp_path.iterdir()) == []


def test_S4_a_torch_module_comes_back_with_its_module(promise, tmp_path):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    model = sa.from_torch(module, lags=3, training=sa.Training(epochs=1)).fit(X)
    promise.answered(lambda: model.save(tmp_path / "m"))
    promise.refused(lambda: sa.load(tmp_path / "m"), "module", "module=", kind=sa.errors.ModelFileError)
    loaded = promise.answered(lambda: sa.load(tmp_path / "m", module=torch.nn.Sequential(*module)))
    assert loaded.forecast(X, 5).tobytes() == model.forecast(X, 5).tobytes()
    for other in (
        torch.nn.Linear(3, 1),
        3,
        "module",
        torch.nn.Linear,
        torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Linear(5, 1)),
    ):
        promise.refused(lambda other=other: sa.load(tmp_path / "m", module=other), (), kind=sa.errors.ModelFileError)


def test_S1_archives_links_folders_and_missing_files(content, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.safetensors", "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Bomb()))
    with pytest.raises(sa.errors.ModelFileError, match="zip"):
        sa.load(tmp_path / "a.safetensors")
    (tmp_path / "real").write_bytes(content)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(sa.errors.ModelFileError, match="link"):
        sa.load(tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "nothing"):
        with pytest.raises(sa.errors.ModelFileError):
            sa.load(tmp_path / name)


def test_S2_values_that_are_not_finite(content):
    model = sa.AR(3).fit(sine(0, 60))
    model.coefficients_ = np.array([1.0, np.nan, 2.0])
    with pytest.raises(sa.errors.ModelFileError, match="finite"):
        storage.loads(storage.dumps(model))


def test_S2_a_wrapper_whose_parts_do_not_fit():
    content = storage.dumps(sa.Scaled(sa.AR(3)).fit(sine(0, 60)))
    assert repr(storage.loads(content)) == "Scaled(model=AR(lags=3))"

    def swap(document):
        inner = document["model"]["inner"]
        inner["model_"], inner["model"] = inner["model"], inner["model_"]

    with pytest.raises(sa.errors.ModelFileError):
        storage.loads(edited(content, swap))


def test_S4_foreign_parts_say_how(tmp_path):
    from sklearn.linear_model import Ridge

    model = sa.Windowed(Ridge(), lags=3).fit(sine(0, 60))
    with pytest.raises(sa.errors.ModelFileError, match="save that part with its own library") as caught:
        model.save(tmp_path / "m.safetensors")
    assert caught.value.found == "Ridge"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(sa.errors.NotFittedError):
        sa.AR(2).save(tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 0.0), (0, -0.1), (0, 3.2), (1, 0.0), (1, 1.001), (1, -0.5), (2, -1e-9)],
)
def test_S2_a_cycle_that_is_none(place, value):
    model = GIVEN["StateSpace cycle"]()
    model.parameters_ = model.parameters_.copy()
    model.parameters_[place] = value
    with pytest.raises(sa.errors.ModelFileError):
        storage.loads(storage.dumps(model))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *itertools.product(["scale_", "share_"], [0.0, -1.0, "1", True, None]),
        ("mean_", "1"),
        ("mean_", None),
        ("mean_", [1.0]),
    ],
)
def test_S2_scalars_of_a_state_space_that_are_none(field, value):
    content = edited(storage.dumps(GIVEN["StateSpace walk"]()), put("model", "facts", field, value=value))
    with pytest.raises(sa.errors.ModelFileError):
        storage.loads(content)


def test_S3_whole_numbers_of_any_size_are_floats_once_loaded():
    for name, field in (
        ("StateSpace walk", "scale_"),
        ("StateSpace walk", "mean_"),
        ("MarkovSwitchingAR", "variance_"),
    ):
        loaded = storage.loads(edited(storage.dumps(GIVEN[name]()), put("model", "facts", field, value=2**70)))
        assert type(getattr(loaded, field)) is float
        assert np.isfinite(loaded.forecast(sine(0, 40), 3)).all()
