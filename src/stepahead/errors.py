"""Every error that stepahead raises on purpose, and the one kind of warning.

    StepaheadError
    ├── InputError         (ValueError)      values, time, shape, length, columns, files, unseen states
    │   └── DtypeError     (TypeError)       text, complex, objects, symbols in a numeric model
    ├── ParameterError     (ValueError)      an argument: its name, the value found, what is allowed
    ├── NotFittedError     (ValueError, AttributeError)
    ├── FitError           (ArithmeticError) training diverged, a recursion overflows
    ├── BudgetError        (MemoryError)     more memory asked for than the budget
    ├── ModelFileError     (ValueError)      a model file that is damaged, malicious, newer, unknown
    ├── OutputError        (OSError)         a file could not be written; nothing half written
    └── MissingExtraError  (ImportError)     an optional dependency, with its install line

``error.code`` is a short word that names the case ("missing-values", "too-short", ...); the facts behind the
message (``found=``, ``needed=``, ...) are attributes. Text that came from a user is shown escaped and cut.
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
    """The common root: catch this to catch everything that stepahead raises on purpose."""

    def __init__(self, message: str, *, code: str = "", **facts: object) -> None:
        super().__init__(cut(message, LONGEST_MESSAGE))
        self.code = code
        self.__dict__.update(facts)


class InputError(StepaheadError, ValueError):
    """The data cannot be used as they are."""


class DtypeError(InputError, TypeError):
    """The data are of a kind that the model or the function does not take."""


class ParameterError(StepaheadError, ValueError):
    """An argument has a value that is not allowed."""


class NotFittedError(StepaheadError, ValueError, AttributeError):
    """Something learned was asked for before ``fit``."""


class FitError(StepaheadError, ArithmeticError):
    """Training diverged, or a recursion left the range of floating point."""


class BudgetError(StepaheadError, MemoryError):
    """The request needs more memory than the budget; nothing was allocated."""


class ModelFileError(StepaheadError, ValueError):
    """The file is not a model file that this release can trust and read."""


class OutputError(StepaheadError, OSError):
    """A file could not be written; whatever stood there before is untouched."""


class MissingExtraError(StepaheadError, ImportError):
    """An optional dependency is not installed."""


class StepaheadWarning(UserWarning):
    """A note beside a result: the result is right, and something about it should be known."""


def note(text: str) -> str:
    """Give `text` as a note and return it, so that results can carry it too."""
    warnings.warn(text, StepaheadWarning, stacklevel=3)
    return text


def cut(text: str, longest: int) -> str:
    """`text`, at most `longest` characters of it."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def escaped(text: str) -> str:
    """A text for a terminal: control and direction characters as escapes."""
    return "".join(_escape(c) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)


def _escape(c: str) -> str:
    return f"\\u{ord(c):04x}" if c < "\U00010000" else f"\\U{ord(c):08x}"


def shown(value: object) -> str:
    """A value as it may stand in a message: escaped, cut to 80."""
    text = value if isinstance(value, str) else repr(value)
    safe = escaped(text[: LONGEST_QUOTE + 1])
    return cut(f"'{safe}'" if isinstance(value, str) else safe, LONGEST_QUOTE)


def missing_extra(what: str, package: str, extra: str) -> MissingExtraError:
    """The one wording for an optional dependency that is not there."""
    return MissingExtraError(
        f'{what} needs {package}: pip install "stepahead[{extra}]"',
        code="missing-extra",
        package=package,
        extra=extra,
    )
