"""What several test modules of this folder use."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepahead.scale import shard

from ..shards import long_table


@pytest.fixture
def folder(tmp_path) -> Path:
    shard(long_table(), tmp_path / "shards", shards=4)
    return tmp_path
