"""A long series in pieces: from an array, a memory map, a .npy file, the row groups of a Parquet file,
or any iterable of arrays.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DtypeError, InputError, missing_extra, shown
from ..memory import afford
from ..parameters import whole
from ..protocols import Array
from ..series import Series
from .csv_text import find_column, listed

SIZE = 1 << 16
"""Values in a piece: half a megabyte. Its windows take 8 MB for a model with 16 lags, its states 16 MB for a net
with 32 numbers.
"""

Reader = Callable[[int], Iterator[npt.NDArray[Any]]]
"""(number of values to skip) -> the other values, in arrays of any length."""


class Pieces:
    """One long series as float64 arrays of at most `size` values; see `pieces`.

    Attributes
    ----------
    name : of the column or the file, "" where there is none.
    length : the number of values; None if it is not known before all are read.
    again : whether it can be read more than once.
    """

    def __init__(self, read: Reader, length: int | None, size: int, name: str = "", again: bool = True) -> None:
        self.name, self.length, self.size, self.again = name, length, size, again
        self._read, self._is_fresh = read, True

    def __iter__(self) -> Iterator[Array]:
        return self.between(0)

    def whole(self) -> Series:
        """All values as one Series, if there is memory for it."""
        if self.length is not None:
            afford(
                self.length, 2, f"the series of {self.length:,} values as a whole", 'Read it in pieces: keep="scores"'
            )
        return Series(np.concatenate([*self, np.empty(0)]), name=self.name or None)

    def head(self, count: int) -> Pieces:
        """The first `count` values, in pieces."""
        return Pieces(lambda start: self.between(start, count), count, self.size, self.name, self.again)

    def between(self, start: int, stop: int | None = None) -> Iterator[Array]:
        """The values ``start .. stop``, checked: numbers, none missing, none infinite."""
        if not self.again and not self._is_fresh:
            raise InputError(
                "this source has been read already and cannot be read again: give an array or "
                "a file, or a new iterator",
                code="read-twice",
            )
        self._is_fresh = False
        at = start
        for found in self._read(start):
            last = len(found) if stop is None else min(len(found), stop - at)
            for begin in range(0, last, self.size):
                yield _checked(found[begin : min(begin + self.size, last)], at + begin)
            at += last
            if at == stop:
                return


def pieces(source: Any, column: str | None = None, size: int = SIZE) -> Pieces:
    """A long series, read in pieces, so that memory does not depend on its length.

    >>> import numpy as np
    >>> [piece.tolist() for piece in pieces(np.arange(5), size=2)]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]

    Parameters
    ----------
    source : an array or a Series; a memory map; the path of a .npy file of one axis, or of a Parquet file, read by row
        groups; or an iterable of arrays, the pieces of one series in order (an iterator can be read only once).
    column : of a Parquet file; may be left out where there is only one.
    size : the largest number of values in a piece.

    Raises
    ------
    InputError : the file cannot be read; a value is missing or infinite (found when its piece is read, with its place).
    DtypeError : the values are not numbers.
    """
    size = whole("size", size)
    if isinstance(source, Pieces):
        return source
    if isinstance(source, (str, os.PathLike)):
        return _of_file(Path(source), column, size)
    if isinstance(source, Series):
        return Pieces(lambda start: iter([source.numbers[start:]]), len(source), size, source.name or "")
    if isinstance(source, np.ndarray) and source.ndim == 1:
        return Pieces(lambda start: iter([source[start:]]), len(source), size)
    if isinstance(source, np.ndarray) or not isinstance(source, Iterable):
        raise DtypeError(
            f"{shown(type(source).__name__)} cannot be read in pieces: give a one-dimensional "
            "array, the path of a .npy or "
            "Parquet file, or an iterable of arrays",
            code="unknown-type",
            found=type(source).__name__,
        )
    return Pieces(lambda start: _behind(source, start), None, size, again=not isinstance(source, Iterator))


def _checked(found: npt.NDArray[Any], at: int) -> Array:
    """A piece as finite numbers; `at` is where it begins."""
    if found.dtype.kind not in "fiub":
        raise DtypeError(
            f"values from {at:,} on are not numbers but {found.dtype}", code="dtype", found=str(found.dtype)
        )
    values = np.array(found, dtype=np.float64)
    if not np.isfinite(values).all():
        place = int(np.argmin(np.isfinite(values)))
        raise InputError(
            f"value {at + place:,} is {values[place]}: a series read in pieces must be complete; "
            "cut it there, or fill it in",
            code="missing-values",
            at=at + place,
        )
    return values


def _behind(arrays: Iterable[Any], start: int) -> Iterator[npt.NDArray[Any]]:
    """The arrays without their first `start` values."""
    for given in arrays:
        found = given.numbers if isinstance(given, Series) else np.asarray(given)
        if found.ndim != 1:
            raise DtypeError(
                f"a piece has {found.ndim} axes; pieces are one-dimensional arrays", code="shape", found=found.shape
            )
        skipped = min(start, len(found))
        start -= skipped
        if len(found) > skipped:
            yield found[skipped:]


def _of_file(path: Path, column: str | None, size: int) -> Pieces:
    try:
        with open(path, "rb") as file:
            head = file.read(6)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read {shown(str(path))}: {reason}", code="file", path=str(path)) from error
    if head == b"\x93NUMPY":
        return _of_npy(path, size)
    if head.startswith(b"PAR1"):
        return _of_parquet(path, column, size)
    raise InputError(
        f"{shown(str(path))} is neither a .npy nor a Parquet file, which can be read in pieces: "
        "read(...) takes CSV and WAV",
        code="file",
        path=str(path),
    )


def _of_npy(path: Path, size: int) -> Pieces:
    """The pieces of a .npy file, read, not mapped: mapped pages count as memory in use until the system frees them."""
    from numpy.lib import format as npy

    try:
        with open(path, "rb") as file:
            version = npy.read_magic(file)
            header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = header(file)
            begin = file.tell()
            held = (os.fstat(file.fileno()).st_size - begin) // max(dtype.itemsize, 1)
    except ValueError as error:
        raise InputError(f"{shown(str(path))} is a damaged .npy file: {shown(str(error))}", code="file") from None
    if len(shape) != 1 or dtype.hasobject or held < shape[0]:
        raise InputError(
            f"{shown(str(path))} holds {held:,} values for shape {shape} of {dtype}; one whole "
            "axis of numbers was expected",
            code="file",
            found=shape,
        )

    def read(start: int) -> Iterator[npt.NDArray[Any]]:
        with open(path, "rb") as file:
            file.seek(begin + start * dtype.itemsize)
            for at in range(start, shape[0], size):
                yield np.fromfile(file, dtype=dtype, count=min(size, shape[0] - at))

    return Pieces(read, shape[0], size, path.stem)


def _of_parquet(path: Path, column: str | None, size: int) -> Pieces:
    try:
        import pyarrow
        import pyarrow.parquet as pq
    except ImportError:
        raise missing_extra("reading Parquet", "pyarrow", "parquet") from None
    try:
        with pq.ParquetFile(path) as file:
            names, counts = (
                file.schema_arrow.names,
                [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)],
            )
            name = names[0] if column is None and len(names) == 1 else column
            if name is None:
                raise InputError(f"which column? {listed(names)}: name one with column=", code="column", found=names)
            name = names[find_column(names, name)]
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(
            f"{shown(str(path))} is not a Parquet file that can be read: {shown(str(error))}", code="parquet"
        ) from None

    def read(start: int) -> Iterator[npt.NDArray[Any]]:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for group, count in enumerate(counts):
                if start >= count:
                    start -= count
                    continue
                for batch in file.iter_batches(size, row_groups=[group], columns=[name]):
                    skipped = min(start, batch.num_rows)
                    start -= skipped
                    yield batch.column(0).to_numpy(zero_copy_only=False)[skipped:]

    return Pieces(read, sum(counts), size, name)
