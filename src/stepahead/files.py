"""Files out: whole or not at all, whatever happens in between."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .errors import OutputError, shown

STRAY_AFTER_SECONDS = 3600.0


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` so that `path` holds all of it or what it held before, whatever happens in between.

    Raises
    ------
    OutputError : the folder is missing or read-only, the disk is full, the path is a folder or a link.
    """
    try:
        target = Path(path)
        made = target.parent / f".{target.name}.{os.urandom(6).hex()}.tmp"
        if target.is_symlink():
            raise OSError("it is a link, and links are not followed")
        if target.is_dir():
            raise OSError("it is a folder")
        _sweep(target)
        try:
            with open(made, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            made.replace(target)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except (OSError, ValueError, TypeError) as error:
        raise OutputError(
            f"cannot write {shown(str(path))}: {getattr(error, 'strerror', None) or error}; what was there is untouched",
            code="output",
            path=str(path),
            reason=str(error),
        ) from error


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder, and those above it; an OutputError where something is in the way."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {shown(str(path))}: {error.strerror}", code="output", path=str(path), reason=str(error)
        ) from error


def _sweep(target: Path) -> None:
    """Remove temporary files of the same target that a killed process left long ago."""
    for stray in target.parent.glob(f".{_literal(target.name)}.*.tmp"):
        try:
            if time.time() - stray.stat().st_mtime > STRAY_AFTER_SECONDS:
                stray.unlink()
        except OSError:
            continue


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


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
