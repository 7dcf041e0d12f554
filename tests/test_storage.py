"""Model files are data: their header, JSON and lengths, checked byte by byte."""

from __future__ import annotations

import json

import pytest

import stepahead as sa
from stepahead import storage

from .data import sine
from .model_files import GIVEN, edited


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_json_is_read_to_a_depth_of_20_and_brackets_in_text_do_not_count():
    assert storage._strict(nested(20), "x")
    with pytest.raises(sa.errors.ModelFileError, match="more than 20 deep") as caught:
        storage._strict(nested(21), "x")
    assert caught.value.found == 21
    with pytest.raises(sa.errors.ModelFileError, match="deep"):
        storage._strict(b'{"a": [], "b": {}, "c": ' + b"[" * 20 + b"]" * 20 + b"}", "x")
    assert storage._strict(b'{"a": [], "b": {}, "c": ' + b"[" * 19 + b"]" * 19 + b"}", "x")
    quoted = {"a": "[" * 50 + '"' + "{" * 50 + "\\", "b": ["\\\\", '"]']}
    assert storage._strict(json.dumps(quoted).encode(), "x") == quoted
    with pytest.raises(sa.errors.ModelFileError, match="deep"):
        storage._strict(b'{"": ' + b"[" * 30 + b"]" * 30 + b"}", "x")
    with pytest.raises(sa.errors.ModelFileError, match="deep"):
        storage._strict(b'{"a": "\\\\", "b": ' + b"[" * 30 + b"]" * 30 + b"}", "x")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"{}", True),
        (b"[]", False),
        (b"1", False),
        (b'{"a": 1, "a": 1}', False),
        (b'{"a": NaN}', False),
        (b'{"a": 1e308}', True),
        (b'{"a": 1e309}', False),
        (b'{"a": ' + b"1" * 40 + b"}", True),
        (b'{"a": ' + b"1" * 41 + b"}", False),
        (b"{" + b" " * (1 << 20) + b"}", False),
        (b"{" + b" " * ((1 << 20) - 2) + b"}", True),
        (b'{"a": "\xff"}', False),
        (b"", False),
        (b'{"a": {"b": 1, "b": 2}}', False),
    ],
    ids=lambda text: repr(text[:16]) if isinstance(text, bytes) else "",
)
def test_strict_json(text, good):
    if good:
        assert isinstance(storage._strict(text, "x"), dict)
        return
    with pytest.raises(sa.errors.ModelFileError):
        storage._strict(text, "x")


def header(content: bytes) -> dict:
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])


def test_a_model_without_arrays_has_one_that_says_so():
    class Bare:
        context = 1

        def __pack__(self):
            return {"level": 2.5}, {}

        @classmethod
        def __unpack__(cls, facts, arrays):
            assert arrays == {}
            made = cls()
            made.level = facts["level"]
            return made

    known = dict(storage._registry)
    try:
        storage.register(Bare)
        content = storage.dumps(Bare())
        assert header(content)["_"]["shape"] == [1]
        assert storage.loads(content).level == 2.5
        with pytest.raises(ValueError, match="another name"):
            storage.register(type("Bare", (), {}))
        assert storage.register(Bare) is Bare
        assert storage.registered_class("Bare") is Bare
        assert storage.registered_name(Bare()) == "Bare"
    finally:
        storage._registry.clear()
        storage._registry.update(known)


@pytest.mark.parametrize(
    ("head", "size", "good"),
    [
        ((2).to_bytes(8, "little"), 10, True),
        ((1).to_bytes(8, "little"), 10, False),
        ((2).to_bytes(8, "little"), 9, False),
        ((3).to_bytes(8, "little"), 10, False),
        ((2 << 20).to_bytes(8, "little"), 1 << 30, True),
        (((2 << 20) + 1).to_bytes(8, "little"), 1 << 30, False),
        ((2).to_bytes(8, "little")[:7], 10, False),
    ],
)
def test_a_header_has_a_plausible_length(head, size, good):
    assert storage._plausible(head, size) is good


def test_a_header_may_fill_half_of_what_is_read(monkeypatch):
    model = sa.AR(2).fit(sine(0, 60))
    size = len(header(storage.dumps(model))["__metadata__"]["stepahead"].partition(" ")[2])
    monkeypatch.setattr(storage, "LARGEST_HEADER", 2 * size)
    storage.dumps(model)
    monkeypatch.setattr(storage, "LARGEST_HEADER", 2 * size - 2)
    with pytest.raises(sa.errors.ModelFileError, match="too long"):
        storage.dumps(model)


def test_what_no_file_can_name():
    assert storage.registered_class("Bare") is None
    assert storage.registered_class(["AR"]) is None
    assert storage.registered_name(object()) is None


def test_numbers_that_are_none_are_not_written():
    model = sa.baselines.Mean().fit([1.0, 2.0])
    model.mean_ = float("nan")
    with pytest.raises(sa.errors.ModelFileError) as caught:
        storage.dumps(model)
    assert caught.value.code == "values"


def test_an_empty_file_of_the_format_is_named_as_such(tmp_path):
    (tmp_path / "m").write_bytes((2).to_bytes(8, "little") + b"{}")
    with pytest.raises(sa.errors.ModelFileError) as caught:
        sa.load(tmp_path / "m")
    assert caught.value.code == "not-a-model-file"


def test_offsets_that_are_no_numbers_are_none(tmp_path):
    head = b'{"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, "eight"]}}'
    (tmp_path / "m").write_bytes(len(head).to_bytes(8, "little") + head + b"\0" * 8)
    with pytest.raises(sa.errors.ModelFileError) as caught:
        sa.load(tmp_path / "m")
    assert (caught.value.code, caught.value.needed) == ("length", 8 + len(head))


def test_four_tensors_that_differ_are_named():
    content = storage.dumps(sa.AR(2).fit(sine(0, 60)))
    own = list(header(content).keys() - {"__metadata__"})
    with pytest.raises(sa.errors.ModelFileError, match=r"tensors and their list differ: 'u, v, w, x'$") as caught:
        storage._arrays(content, {name: {} for name in (*own, *"zyxwvu")})
    assert caught.value.found == ["u", "v", "w", "x"]


def test_the_header_of_a_file_needs_no_padding():
    model = sa.AR(2).fit(sine(0, 60))
    content = storage.dumps(model)
    length = int.from_bytes(content[:8], "little")
    bare = content[8 : 8 + length].rstrip(b" ")
    assert bare.endswith(b"}")
    found = storage.loads(len(bare).to_bytes(8, "little") + bare + content[8 + length :])
    assert found.coefficients_.tolist() == model.coefficients_.tolist()


def test_a_link_is_not_followed_and_a_file_that_is_not_there_is_not_called_one(tmp_path):
    sa.AR(2).fit(sine(0, 60)).save(tmp_path / "m")
    (tmp_path / "link").symlink_to(tmp_path / "m")
    for name, reason in (("link", "it is a link, and links are not followed"), ("none", "No such file or directory")):
        with pytest.raises(sa.errors.ModelFileError, match=f": {reason}$") as caught:
            sa.load(tmp_path / name)
        assert caught.value.code == "unreadable"


def test_a_file_longer_or_shorter_than_it_says_is_not_read_to_its_end(tmp_path):
    content = storage.dumps(sa.AR(2).fit(sine(0, 60)))
    path = tmp_path / "m"
    for bad in (content[:-1], content + b"\0"):
        path.write_bytes(bad)
        with pytest.raises(sa.errors.ModelFileError) as caught:
            sa.load(path)
        assert (caught.value.code, caught.value.found, caught.value.needed) == ("length", len(bad), len(content))
    path.write_bytes(content)
    assert sa.load(path).lags == 2


@pytest.fixture
def content() -> bytes:
    return storage.dumps(sa.AR(3).fit(sine(0, 60)))


def test_the_editing_itself_is_harmless(content):
    assert repr(storage.loads(edited(content, lambda document: None))) == "AR(lags=3)"


def test_a_class_with_a_registered_name_is_still_a_stranger(tmp_path):
    class AR(sa.AR):
        pass

    with pytest.raises(sa.errors.ModelFileError):
        AR(2).fit(sine(0, 60)).save(tmp_path / "m.safetensors")


@pytest.mark.parametrize("name", GIVEN)
def test_models_of_given_parameters_are_saved_and_loaded(name, tmp_path):
    model, x = GIVEN[name](), sine(0, 40)
    model.save(tmp_path / "m.safetensors")
    loaded = sa.load(tmp_path / "m.safetensors")
    assert loaded.forecast(x, 5).tobytes() == model.forecast(x, 5).tobytes()
    assert loaded.trained_fingerprints_.shape == (0, 32)
