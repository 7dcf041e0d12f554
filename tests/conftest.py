"""What several test files use."""

from __future__ import annotations

import pytest

from stepahead.cli import main


@pytest.fixture
def run(capsys):
    def typed(*arguments: object) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments], leave=int)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return typed
