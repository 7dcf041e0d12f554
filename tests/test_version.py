"""The version: one number, that every model file carries."""

from __future__ import annotations

import re

import stepahead as sa
from stepahead import storage, version


def test_one_version_stands_everywhere():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", version.__version__)
    assert sa.__version__ == version.__version__
    assert f'"{version.__version__}"'.encode() in storage.dumps(sa.baselines.Naive().fit([1.0, 2.0])).replace(
        b"\\", b""
    )
