"""The laboratory is there under one name each."""

from __future__ import annotations

import inspect

import stepahead as sa


def test_its_page_says_what_is_there():
    said = inspect.getdoc(sa.diagnostics)
    assert all(f"`{name}`" in said for name in sa.diagnostics.__all__)
    assert all(inspect.isfunction(getattr(sa.diagnostics, name)) for name in sa.diagnostics.__all__)


def test_every_module_of_the_face_says_what_is_there():
    for module in (sa.results, sa.baselines, sa.wrappers):
        assert all(f"`{name}`" in inspect.getdoc(module) for name in module.__all__), module.__name__
