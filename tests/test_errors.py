"""Errors are what callers expect, and no name gets control characters into a message."""

from __future__ import annotations

import numpy as np

import stepahead as sa

from .refusals import refused


def test_errors_are_what_callers_expect():
    from stepahead import errors as kinds

    table = {
        kinds.InputError: (ValueError,), kinds.DtypeError: (kinds.InputError, TypeError),
        kinds.ParameterError: (ValueError,),
        kinds.NotFittedError: (ValueError, AttributeError), kinds.FitError: (ArithmeticError,),
        kinds.BudgetError: (MemoryError,),
        kinds.ModelFileError: (ValueError,), kinds.OutputError: (OSError,), kinds.MissingExtraError: (ImportError,),
    }  # fmt: skip
    for kind, parents in table.items():
        error = kind("what went wrong", code="word", found=3)
        assert isinstance(error, (sa.errors.StepaheadError, *parents))
        assert (error.code, error.found, str(error)) == ("word", 3, "what went wrong")
        for parent in parents:
            assert issubclass(kind, parent)
    assert len(str(sa.errors.InputError("x" * 1000))) == 300


def test_names_cannot_carry_control_characters_into_a_message():
    text = str(refused("missing-values", [1.0, np.nan], name="a\x1b[31m\u202eb" + "x" * 500))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text) <= 300
