"""Model files are data: damaged, hostile and foreign ones are refused; writes are whole or not at all."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pickle
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead import storage

from .data import sine


@pytest.fixture
def content() -> bytes:
    return storage.dumps(sa.AR(3).fit(sine(0, 60)))


def edited(content: bytes, change) -> bytes:
    """The same file with its JSON document changed and everything else consistent."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    document = json.loads(header["__metadata__"]["stepahead"].partition(" ")[2])
    text = change(document)
    text = json.dumps(document) if text is None else text
    header["__metadata__"]["stepahead"] = f"{hashlib.sha256(text.encode()).hexdigest()} {text}"
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + content[8 + length :]


def put(*path, value):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


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


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_S1_S2_S3_hostile_and_damaged_files_are_refused(make, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(make(content))
    with pytest.raises(sa.errors.ModelFileError) as caught:
        sa.load(path)
    assert caught.value.code
    assert len(str(caught.value)) <= 300
    assert isinstance(caught.value, ValueError)
    assert not (tmp_path / "exploded").exists()


def test_the_editing_itself_is_harmless(content):
    assert repr(storage.loads(edited(content, lambda document: None))) == "AR(lags=3)"


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


def test_a_class_with_a_registered_name_is_still_a_stranger(tmp_path):
    class AR(sa.AR):
        pass

    with pytest.raises(sa.errors.ModelFileError):
        AR(2).fit(sine(0, 60)).save(tmp_path / "m.safetensors")


def test_X1_killed_in_the_middle_of_saving_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model.safetensors"
    program = (
        "import sys, numpy as np, stepahead as sa\n"
        "x = np.random.default_rng(0).normal(size=20000)\n"
        "models = [sa.AR(l, chunk=400, ridge=1.0).fit(x[:4000]) for l in (200, 201)]\n"
        "models[0].save(sys.argv[1])\n"  # on a busy machine the first one would come too late
        "print('ready', flush=True)\n"
        "while True:\n"
        "    for m in models: m.save(sys.argv[1])\n"
    )
    for turn in (0, 2, 5):  # `python -m tests.promises.kills` kills it 400 times a night
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", program, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(timeout=0.05 + 0.037 * turn)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert sa.load(path).lags in (200, 201)


def test_X1_stray_temporary_files_are_swept_when_they_are_old(tmp_path):
    old, new, other = (
        tmp_path / f".{name}.{mark * 6}.tmp"
        for name, mark in (("m.safetensors", "aa"), ("m.safetensors", "bb"), ("other", "cc"))
    )
    for stray in (old, new, other):
        stray.write_bytes(b"torn")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    sa.baselines.Mean().fit([1.0, 2.0]).save(tmp_path / "m.safetensors")
    assert sorted(p.name for p in tmp_path.iterdir()) == [new.name, other.name, "m.safetensors"]


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_X2_a_write_that_fails_leaves_the_old_file_and_nothing_else(step, tmp_path, monkeypatch):
    path = tmp_path / "m.safetensors"
    sa.baselines.Mean().fit([1.0, 2.0]).save(path)
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if step == "open":
        monkeypatch.setattr("builtins.open", fail)
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(sa.errors.OutputError, match="No space left") as caught:
        sa.baselines.Naive().fit([1.0, 2.0]).save(path)
    monkeypatch.undo()
    assert caught.value.path == str(path)
    assert isinstance(caught.value, OSError)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


def test_X2_folders_and_links_at_the_target_are_refused(tmp_path):
    model = sa.baselines.Mean().fit([1.0, 2.0])
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for target in (tmp_path, tmp_path / "no such folder" / "m", tmp_path / "link"):
        with pytest.raises(sa.errors.OutputError):
            model.save(target)
    assert (tmp_path / "elsewhere").read_text() == "precious"


GIVEN = {
    "StateSpace walk": lambda: sa.StateSpace(0, "walk").with_parameters(noise=1.0, local_level=0.1),
    "StateSpace cycle": lambda: sa.StateSpace(1).with_parameters(noise=1.0, cycles=[(9.0, 1.0, 0.0)], scale=2.0),
    "StateSpace season": lambda: sa.StateSpace(0, "trend", 4).with_parameters(
        1.0, local_level=(0.1, 0.0), seasonal=0.1
    ),
    "HMM": lambda: sa.HMM(2).with_parameters([0.5, 0.5], np.full((2, 2), 0.5), means=[0.0, 1.0], std=[1.0, 1.0]),
    "MarkovSwitchingAR": lambda: sa.MarkovSwitchingAR(2, 1).with_parameters(
        np.full((2, 2), 0.5), [0.0, 1.0], [0.5], 1.0
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_models_of_given_parameters_are_saved_and_loaded(name, tmp_path):
    model, x = GIVEN[name](), sine(0, 40)
    model.save(tmp_path / "m.safetensors")
    loaded = sa.load(tmp_path / "m.safetensors")
    assert loaded.forecast(x, 5).tobytes() == model.forecast(x, 5).tobytes()
    assert loaded.trained_fingerprints_.shape == (0, 32)


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
