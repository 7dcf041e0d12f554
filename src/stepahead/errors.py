"""The errors that stepahead raises on purpose, and its one warning class.

    StepaheadError
    ├── InputError         (ValueError)      values, time, shape, length, columns, files, unseen states
    │   └── DtypeError     (TypeError)       text, complex, objects, symbols in a numeric model
    ├── ParameterError     (ValueError)      an argument: its name, the value found, what is allowed
    ├── NotFittedError     (ValueError, AttributeError)
    ├── FitError           (ArithmeticError) training diverged, a recursion overflows
    ├── BudgetError        (MemoryError)     more memory asked for than the budget
    ├── ModelFileError     (ValueError)      a model file that is damaged, malicious, newer, unknown
    ├── OutputError        (OSError)         a file could not be written; no partial file is left
    └── MissingExtraError  (ImportError)     an optional dependency, with its install line

``error.code`` is a short word that names the case ("missing-values", "too-short", ...); the facts behind the
message (``found=``, ``needed=``, ...) are attributes. User text is escaped and truncated.
"""

from __future__ import annotations

import unicodedata
import warnings

__all__ = [
    "BudgetError",
    "DtypeError",
    "FitError",
    "InputError",
    "MissingExtraError",
    "ModelFileError",
    "NotFittedError",
    "OutputError",
    "ParameterError",
    "StepaheadError",
    "StepaheadWarning",
]

LONGEST_MESSAGE = 300
LONGEST_QUOTE = 80


class StepaheadError(Exception):
    """The base class of all errors that stepahead raises on purpose."""

    def __init__(self, message: str, *, code: str = "", **facts: object) -> None:
        super().__init__(cut(message, LONGEST_MESSAGE))
        self.code = code
        self.__dict__.update(facts)


class InputError(StepaheadError, ValueError):
    """The data cannot be used as they are."""


class DtypeError(InputError, TypeError):
    """The data have a type that the model or the function does not take."""


class ParameterError(StepaheadError, ValueError):
    """An argument has a value that is not allowed."""


class NotFittedError(StepaheadError, ValueError, AttributeError):
    """A fitted attribute or method was used before ``fit``."""


class FitError(StepaheadError, ArithmeticError):
    """Training diverged, or a recursion left the range of floating point."""


class BudgetError(StepaheadError, MemoryError):
    """The request needs more memory than the budget; nothing was allocated."""


class ModelFileError(StepaheadError, ValueError):
    """The file is not a model file that this release can trust and read."""


class OutputError(StepaheadError, OSError):
    """A file could not be written; what was there before is unchanged."""


class MissingExtraError(StepaheadError, ImportError):
    """An optional dependency is not installed."""


class StepaheadWarning(UserWarning):
    """A note on a result: the result is valid, but has something that the user should know."""


def note(text: str) -> str:
    """Warn with `text` (a StepaheadWarning) and return it, so that results can store it as a note."""
    warnings.warn(text, StepaheadWarning, stacklevel=3)
    return text


def cut(text: str, longest: int) -> str:
    """`text`, truncated to at most `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def escaped(text: str) -> str:
    """Text that is safe on a terminal: control and text-direction characters as escapes."""
    return "".join(_escape(c) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)


def _escape(c: str) -> str:
    return f"\\u{ord(c):04x}" if c < "\U00010000" else f"\\U{ord(c):08x}"


def shown(value: object) -> str:
    """A value for a message: escaped, at most 80 characters."""
    text = value if isinstance(value, str) else repr(value)
    safe = escaped(text[: LONGEST_QUOTE + 1])
    return cut(f"'{safe}'" if isinstance(value, str) else safe, LONGEST_QUOTE)


def missing_extra(what: str, package: str, extra: str) -> MissingExtraError:
    """The error for an optional dependency that is not installed."""
    return MissingExtraError(
        f'{what} needs {package}: pip install "stepahead[{extra}]"',
        code="missing-extra",
        package=package,
        extra=extra,
    )
