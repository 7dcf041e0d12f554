"""Writing files: completely or not at all, never over an input, a device or a folder,
and with the mode of the file that is replaced.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from .errors import LONGEST_QUOTE, OutputError, escaped

STRAY_AFTER_SECONDS = 3600.0
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link, and links are not followed",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}
_reads: ContextVar[dict[tuple[int, int], str]] = ContextVar("_reads", default={})  # noqa: B039  (never written to)
"""The inputs of the current call, {identity: path as given}."""


@contextmanager
def inputs(*paths: str | os.PathLike[str]) -> Iterator[None]:
    """A context in which stepahead never writes or removes a file, or writes into a folder, that one of `paths` names.

    Files are compared by device and inode, not by name: links, hard links, ``..`` and other spellings count as the
    same file. A missing file is left for its reader to report.
    """
    known = dict(_reads.get())
    for path in paths:
        with suppress(OSError, ValueError, TypeError):
            known[_identity(Path(path).stat())] = str(path)
    token = _reads.set(known)
    try:
        yield
    finally:
        _reads.reset(token)


def refuse_input(path: str | os.PathLike[str] | int, name: str = "") -> None:
    """An OutputError where a path, or an open file, is an input of this call; both names are in its message."""
    try:
        given = _reads.get().get(_identity(os.stat(path)))  # noqa: PTH116  (or of an open file)
    except (OSError, ValueError, TypeError):
        return  # no such file, or it cannot be accessed
    if given is not None:
        name = name or str(path)
        raise OutputError(
            f"cannot write {_named(name)}: it is {_named(given)}, an input of the same call, and "
            "inputs are never replaced; "
            "name another",
            code="output-is-input",
            path=name,
            input=given,
            reason=f"it is the input {_named(given)}",
        )


def check_output(path: str | os.PathLike[str]) -> None:
    """Refuse, before any work, a path to which `write_whole` would refuse to write.

    Raises
    ------
    OutputError : it is an input of this call, or exists and is not a plain file, or its folder does not exist.
    """
    with _refused(path):
        if _standing(Path(path)) is None:
            Path(path).parent.stat()


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` atomically: whatever happens, `path` holds either all of it or its old content.

    A file that is replaced keeps its mode, and its owner and group where the system allows it; at no time can more
    people read the new content than could read the old one. A new file has the mode that ``open`` would give it.

    Raises
    ------
    OutputError : the folder is missing or read-only, the disk is full; the path is an input of this call, a folder, a
        link, a device, a pipe or a socket.
    """
    with _refused(path):
        target = Path(path)
        before = _standing(target)
        made = target.parent / f".{target.name}.{os.urandom(6).hex()}.tmp"
        _sweep(target)
        mode = 0o666 if before is None else before.st_mode & 0o600
        try:
            with open(made, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(content)
                file.flush()
                if before is not None:
                    _take_over(file.fileno(), before)
                os.fsync(file.fileno())
            made.replace(target)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def remove(path: str | os.PathLike[str]) -> None:
    """Remove a result file if it exists; an OutputError for what `write_whole` would not replace."""
    with _refused(path):
        if _standing(Path(path)) is not None:
            Path(path).unlink()


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder, and those above it; an OutputError where something is in the way."""
    refuse_input(path)
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot make the folder {_named(path)}: {reason}", code="output", path=str(path), reason=str(error)
        ) from error


@contextmanager
def _refused(path: object) -> Iterator[None]:
    """A context in which an OSError on `path` becomes an OutputError."""
    try:
        yield
    except OutputError:
        raise
    except (OSError, ValueError, TypeError) as error:
        raise OutputError(
            f"cannot write {_named(path)}: {getattr(error, 'strerror', None) or error}; what was there is unchanged",
            code="output",
            path=str(path),
            reason=str(error),
        ) from error


def _named(path: object) -> str:
    """A path for a message; of a long one the end, with the file name."""
    text = escaped(str(path))
    return f"'{text}'" if len(text) <= LONGEST_QUOTE else f"'…{text[1 - LONGEST_QUOTE :]}'"


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _standing(target: Path) -> os.stat_result | None:
    """The status of the file at a path, None if there is none; an OSError if it must not be replaced."""
    refuse_input(target)
    try:
        found = target.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"it is {_KINDS.get(stat.S_IFMT(found.st_mode), 'not a plain file')}: name a plain file")
    return found


def _take_over(handle: int, before: os.stat_result) -> None:
    """Give a new file the owner, the group and the mode of the one that it replaces."""
    if not hasattr(os, "fchown"):
        return  # on Windows the folder sets the permissions
    mode = before.st_mode & 0o777
    for owner in (before.st_uid, -1):
        with suppress(OSError):
            os.fchown(handle, owner, before.st_gid)
            break
    else:
        mode &= ~0o070 | (mode & 0o007) << 3  # the group differs: it gets the permissions of others only
    with suppress(OSError):
        os.fchmod(handle, mode)


def _sweep(target: Path) -> None:
    """Remove temporary files of the same target that a killed process left long ago."""
    ours = re.compile(re.escape(f".{target.name}.") + r"[0-9a-f]{12}\.tmp")
    for stray in target.parent.glob(".*.tmp"):
        if ours.fullmatch(stray.name):
            with suppress(OSError):
                if time.time() - stray.lstat().st_mtime > STRAY_AFTER_SECONDS:
                    remove(stray)


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
