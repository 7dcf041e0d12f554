"""Files out: what cannot be swept or synced stops nobody."""

from __future__ import annotations

import os

import stepahead as sa
from stepahead import files


def test_what_cannot_be_swept_or_synced_stops_nobody(tmp_path):
    stray = tmp_path / ".m.1.tmp"
    stray.mkdir()
    os.utime(stray, (0, 0))
    sa.baselines.Naive().fit([1.0, 2.0]).save(tmp_path / "m")
    assert sa.load(tmp_path / "m").forecast([1.0, 5.0], 1).tolist() == [5.0]
    assert stray.is_dir()
    files._sync_folder(tmp_path / "none")
