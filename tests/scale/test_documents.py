"""Small JSON documents are read strictly."""

from __future__ import annotations

import pytest

import stepahead as sa
from stepahead.scale import documents, shards


def test_a_document_has_a_largest_size(tmp_path, monkeypatch):
    (tmp_path / "d").write_text('{"a": 1}')
    monkeypatch.setattr(documents, "LARGEST", 8)
    assert documents.read_json(tmp_path / "d", "spec") == {"a": 1}
    monkeypatch.setattr(documents, "LARGEST", 7)
    with pytest.raises(sa.errors.InputError, match="is not a spec that can be read: 'more than 7 bytes'"):
        documents.read_json(tmp_path / "d", "spec")


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"format": NaN}', '{"a": 1, "a": 2}', "[" * 100_000])
def test_documents_are_read_strictly(text, tmp_path):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(sa.errors.InputError, match="manifest"):
        shards.read_manifest(tmp_path)
