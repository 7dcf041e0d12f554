"""One run at a time in a folder."""

from __future__ import annotations

import os
import sys

import pytest

import stepahead as sa
from stepahead.scale import locks, run
from stepahead.scale.locks import locked


def test_a_folder_in_use_names_who_uses_it(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    for content, who in ((b'{"pid": 7, "host": "there"}', "process 7 on 'there'"), (b"torn", "process 0 on 'unknown'")):
        (tmp_path / locks.NAME).write_bytes(content)
        with open(tmp_path / locks.NAME, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(sa.errors.OutputError, match=who) as caught, locks.locked(tmp_path):
                pass
        assert caught.value.code == "locked"
    with locks.locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / locks.NAME).read_text()
    assert (tmp_path / locks.NAME).read_text() == ""


def test_a_lock_that_is_a_link_is_refused_and_without_locks_a_run_goes_on(tmp_path, monkeypatch):
    (tmp_path / "other").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / locks.NAME).symlink_to(tmp_path / "other")
    with pytest.raises(sa.errors.OutputError, match="cannot write in"), locks.locked(tmp_path / "folder"):
        pass
    assert (tmp_path / "other").read_text() == "mine"
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with locks.locked(tmp_path):
        assert (tmp_path / locks.NAME).exists()


SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def test_a_folder_in_use_is_refused(folder):
    with locked(folder / "out"), pytest.raises(sa.errors.OutputError) as caught:
        run(SPEC, folder / "shards", folder / "out", engine="serial")
    assert (caught.value.code, caught.value.pid) == ("locked", os.getpid())
    assert str(os.getpid()) in str(caught.value)
    run(SPEC, folder / "shards", folder / "out", engine="serial")
    (folder / "file").write_text("")
    with pytest.raises(sa.errors.OutputError):
        run(SPEC, folder / "shards", folder / "file", engine="serial")
