"""The face of scale: every name is there, and what a run needs is imported when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stepahead import scale


def test_every_name_is_there_and_no_other():
    for name in scale.__all__:
        assert getattr(scale, name).__module__.startswith("stepahead.")
    assert scale.__all__ == sorted(scale.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Ray'"):
        _ = scale.Ray


def test_nothing_of_a_run_is_imported_before_it_is_asked_for():
    line = "import sys, stepahead.scale as s; print(sorted(m for m in sys.modules if m.startswith('stepahead.scale.')))"
    line += "; s.Spec; print('stepahead.scale.specs' in sys.modules, 'stepahead.scale.driver' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True False"]
