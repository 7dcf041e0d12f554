"""The files that a run of a pipeline reads and writes: a file that one run writes and another reads may hide a leak."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...series import Series

_NOT_FILES = ("/proc/", "/sys/", "/dev/pts/")
_INSTALLED = ("/usr/", "/etc/", "/lib/", "/lib64/", "/proc/", "/sys/", "/dev/")
"""Folders of the system or of Python: their files are not data of a pipeline."""
_LISTING = {"_frozen_importlib_external", "importlib._bootstrap_external", "shutil"}
"""Callers that list a folder to import from or to empty it: this does not count as reading names."""
_COARSE = 5
"""The number of CLOCK_REALTIME_COARSE, by which Linux stamps files."""

_stat = os.stat
_watching: list[Watch] = []
_hooked = False
_writers: dict[str, set[str]] = {}
"""The digests of the values and columns over which each file was written, in all audits in this process so far."""


@dataclass
class Touched:
    """The record of the files that one run, or several over the same values, read and wrote.

    Attributes
    ----------
    read : {path: when it was last changed} of files opened for reading that the run had not created itself before.
    wrote : files created or written to anywhere. grew : files only appended to, such as logs.
    kept : those of `wrote` that were created and still existed at the end.
    looked : {path: when it was last changed} of paths whose existence was checked, in isolated processes only.
    listed : folders whose names were read. beyond : what the run communicated with other than files.
    """

    read: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    wrote: set[str] = field(default_factory=set)
    grew: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    beyond: set[str] = field(default_factory=set)

    def packed(self) -> bytes:
        """The record of a run as bytes, for another process."""
        parts = {name: sorted(part) if isinstance(part, set) else part for name, part in vars(self).items()}
        import json

        return json.dumps(parts).encode()

    @classmethod
    def unpacked(cls, content: bytes) -> Touched:
        """The record of a run from its bytes."""
        import json

        parts = json.loads(content)
        return cls(parts.pop("read"), parts.pop("looked"), **{name: set(part) for name, part in parts.items()})


class Watch:
    """A context manager that records which files are used, in every thread of this process.

    It records what Python opens (`open`, `os`, `mmap`, `sqlite3`), and detects by file times what other code wrote if
    Python then reads it. It does not see files that only non-Python code writes and reads, nor those of other
    programs.
    """

    def __init__(self) -> None:
        self.touched = Touched()
        self._fresh: set[str] = set()
        self._came: dict[str, str] = {}
        self._before: dict[str, tuple[int, ...] | None] = {}

    def __enter__(self) -> Watch:
        global _hooked
        if not _hooked:  # an audit hook cannot be removed: one serves all watches, and is idle between them
            sys.addaudithook(_hook)
            _hooked = True
        _watching.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _watching.remove(self)
        found = self.touched
        for path, before in self._before.items():
            if _signature(path) not in (before, None):
                found.wrote.add(path)
        found.wrote = {path for path in found.wrote if _signature(path) is not None}
        found.kept = found.wrote & self._fresh
        found.grew = {path for path in found.grew - found.wrote if _signature(path) is not None}

    def opened(self, path: str, flags: int) -> None:
        """Record that a file is opened."""
        there = _signature(path)
        if flags & (os.O_WRONLY | os.O_RDWR):
            (self.touched.grew if flags & os.O_APPEND else self.touched.wrote).add(path)
            if flags & os.O_TRUNC or (flags & os.O_CREAT and there is None):
                self._fresh.add(path)
        if not flags & os.O_WRONLY and path not in self._fresh and there is not None:
            for name in (path, *self._sources(path)):
                self.touched.read.setdefault(name, max(there[2:]))

    def looked(self, path: str) -> None:
        """Record that the status of a file is asked for."""
        if path not in self._fresh and (there := _signature(path)) is not None:
            self.touched.looked.setdefault(path, max(there[2:]))

    def mapped(self, path: str) -> None:
        """Record a use that may be reading or writing: the change of the content will tell."""
        self._before.setdefault(path, _signature(path))
        self.opened(path, os.O_RDONLY)
        if self._before[path] is None:
            self._fresh.add(path)

    def moved(self, old: str, new: str) -> None:
        """Record that a file is renamed or linked."""
        (self.touched.grew if old in self.touched.grew else self.touched.wrote).add(new)
        if old in self._fresh:
            self._fresh.add(new)
        else:
            self._fresh.discard(new)
            self._came[new] = old

    def removed(self, path: str) -> None:
        """Record that a file is removed: a later file of this name is created by this run."""
        self._fresh.add(path)

    def listed(self, folder: str) -> None:
        """Record that the names in a folder are read."""
        self.touched.listed.add(folder)

    def _sources(self, path: str) -> Iterator[str]:
        seen = {path}
        while (path := self._came.get(path, "")) and path not in seen:
            seen.add(path)
            yield path


class Ledger:
    """The record of the files of all runs of an audit, and of those that may have passed data between runs.

    Attributes
    ----------
    wrote, read : paths that were written, and those that existed before and were read.
    carried : paths that were written over some values and read over others.
    beyond : what the runs communicated with other than files.
    """

    def __init__(self) -> None:
        self.wrote: set[str] = set()
        self.read: set[str] = set()
        self.carried: set[str] = set()
        self.beyond: set[str] = set()
        self._named: dict[str, set[str]] = {}
        self._base: Touched | None = None
        self._span = (0, 0)
        self._open: frozenset[str] | None = None

    @contextmanager
    def watching(self, series: Series, alone: bool = False) -> Iterator[None]:
        """A context that watches a run over these values in this process; the first run is the base.

        `alone` : the run does all that the base did, and no isolated process shows what it knows of other runs.
        """
        began = _next_tick() if self._base is None else 0
        watch = Watch()
        try:
            with watch:
                yield
        finally:
            if self._base is None:
                self._base, self._span = watch.touched, (began, _next_tick())
                self._open = _open_files()
            self.add(watch.touched, series)
        if alone and self._open is not None:
            self._compare_made(watch.touched, self._open)  # a file still open, such as a log, is not created again

    def add(self, found: Touched, series: Series, isolated: bool = False) -> None:
        """Add the record of a run. A run in an isolated process knows of the others only through files."""
        key = _digest(series)
        first, last = self._span
        for path, stamp in [*found.read.items(), *found.looked.items()]:
            writers, own = _writers.get(path, set()), path in found.wrote | found.grew
            if own and path not in found.read:
                continue  # checked for existence and then written to, as logs are
            unseen = not writers and found is not self._base and first <= stamp < last
            if writers - {key} or unseen:
                self.carried.add(path)
            elif not writers and not own and path in found.read:
                self.read.add(path)
        for path, writers in self._named.items():
            if writers - {key} and str(Path(path).parent) in found.listed and path not in found.wrote:
                self.carried.add(path)
        if isolated:
            self._compare_made(found, frozenset())
        for path in found.wrote | found.grew:
            _writers.setdefault(path, set()).add(key)
        for path in found.kept:
            self._named.setdefault(path, set()).add(key)
        self.wrote |= found.wrote | found.grew
        self.beyond |= found.beyond

    def _compare_made(self, found: Touched, but: frozenset[str]) -> None:
        """Compare with the base run: a run that does not create a file that the base created knows that it exists."""
        kinds = {Path(path).suffix for path in found.wrote}
        made = set() if self._base is None else self._base.kept - but
        self.carried |= {path for path in made if Path(path).suffix not in kinds}


def _digest(series: Series) -> str:
    """What tells the values of a run from those of another, its columns with them."""
    found = sha256(series.values.tobytes())
    for columns in () if series.beside is None else (series.known, series.past):
        found.update(columns.values.tobytes())
    return found.hexdigest()


def _open_files() -> frozenset[str] | None:
    """The files that this process has open; None if the system does not tell."""
    try:
        return frozenset(os.path.realpath(number) for number in Path("/proc/self/fd").iterdir())
    except OSError:
        return None


def look_everywhere(watch: Watch) -> None:
    """Record checks of existence too, for which Python has no audit event: patches `os`, in isolated processes only."""

    def noted(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asks(path: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(path, (str, bytes, os.PathLike)) and (known := _path(path)):
                watch.looked(known)
            return ask(path, *rest, **more)

        return asks

    os.stat, os.access = noted(os.stat), noted(os.access)


def names(paths: set[str]) -> tuple[str, ...]:
    """Paths for a message: relative if they are below the current folder."""
    here = os.path.realpath(os.curdir)
    return tuple(sorted(os.path.relpath(path, here) if path.startswith(here + os.sep) else path for path in paths))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in _EVENTS:
        return
    try:
        for watch in tuple(_watching):
            _EVENTS[event](watch, *arguments)
    except Exception:  # code that opens a file must not see this error
        return


def _open(watch: Watch, path: Any, mode: Any, flags: int) -> None:
    known = _path(path)
    if known is None:
        return
    if isinstance(mode, str) and not flags and set(mode) & set("wax+"):
        flags = os.O_RDWR if "+" in mode else os.O_WRONLY
        flags |= {"w": os.O_TRUNC | os.O_CREAT, "x": os.O_CREAT, "a": os.O_CREAT | os.O_APPEND}.get(mode[0], 0)
    watch.opened(known, flags)


def _moved(watch: Watch, old: Any, new: Any, *_: Any) -> None:
    if (one := _path(old)) and (other := _path(new)):
        watch.moved(one, other)


def _removed(watch: Watch, path: Any, *_: Any) -> None:
    if known := _path(path):
        watch.removed(known)


def _listed(watch: Watch, folder: Any = None) -> None:
    frame = sys._getframe(2)
    if frame.f_globals.get("__name__") not in _LISTING and (known := _path(os.curdir if folder is None else folder)):
        watch.listed(known)


def _database(watch: Watch, path: Any, *_: Any) -> None:
    text = os.fsdecode(path)
    if text.startswith("file:"):
        text = text[5:].split("?")[0]
    if text and ":memory:" not in text and (known := _path(text)):
        watch.mapped(known)
        watch.mapped(known + "-wal")


def _mapped(watch: Watch, number: int, *_: Any) -> None:
    if number >= 0 and (known := _path(f"/proc/self/fd/{number}")):
        watch.mapped(known)


def _program(watch: Watch, *_: Any) -> None:
    watch.touched.beyond.add("other programs")


def _network(watch: Watch, *_: Any) -> None:
    watch.touched.beyond.add("other machines or services")


_EVENTS: Mapping[str, Any] = {
    "open": _open,
    "os.rename": _moved,
    "os.link": _moved,
    "os.symlink": _moved,
    "os.remove": _removed,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "sqlite3.connect": _database,
    "mmap.__new__": _mapped,
    **dict.fromkeys(
        ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"), _program
    ),
    "socket.connect": _network,
}


def _path(path: Any) -> str | None:
    """The real path of a file; None if it is not a file, or is a cache of imported code."""
    if isinstance(path, int):
        return None
    known = os.path.realpath(os.fsdecode(path))
    code = "__pycache__" in known or known.endswith((".pyc", ".py", ".so"))
    return None if code or known.startswith(_NOT_FILES) else known


def _signature(path: str) -> tuple[int, ...] | None:
    """The signature of a file, which changes with it: its inode, size and times; None if there is no file."""
    try:
        found = _stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    # On Windows the second time is that of creation.
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def data_files(paths: set[str]) -> set[str]:
    """The paths that do not belong to the system, Python or a package."""
    installed = (*_INSTALLED, sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]))
    return {
        path
        for path in paths
        if not path.startswith(installed) and not {"site-packages", ".cache"} & set(Path(path).parts)
    }


def _now() -> int:
    """The current time of the clock that stamps files."""
    return time.clock_gettime_ns(_COARSE) if sys.platform == "linux" else time.time_ns()


def _next_tick() -> int:
    """The time of the file system just after a tick: a file written before has an earlier time stamp,
    one written later has not.

    Newer kernels stamp some files by the fine clock, which is ahead of the coarse one by more than a tick: what is
    waited for is that the coarse clock passes the time at which the wait began by the fine one.
    """
    first = time.time_ns()
    while (now := _now()) <= first:
        time.sleep(0.001)
    return now
