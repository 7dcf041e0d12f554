"""What a refusal has to say."""

from __future__ import annotations

import pytest

import stepahead as sa


def refused(code, *args, kind=sa.errors.InputError, **kwargs):
    with pytest.raises(kind) as caught:
        sa.Series(*args, **kwargs)
    assert caught.value.code == code, caught.value
    assert len(str(caught.value)) <= 300
    return caught.value
