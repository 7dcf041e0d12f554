"""Hypothesis strategies for valid and invalid data.

from hypothesis import given
from stepahead.testing import strategies

@given(strategies.series(), strategies.horizons())
def test_my_model_forecasts_numbers(data, horizon):
    ...

Each gives data in a user's containers (arrays, lists, frames of the installed libraries), not as a ``Series``: their
conversion is tested too. Hypothesis is imported when a strategy is made.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import missing_extra
from ..protocols import Array

SHORTEST, LONGEST = 30, 90
FACTORS = (1.0, 1.0, 1.0, 1e-3, 1e6, 1e12, 1e-12, 1e100, 1e-100, 1e150, 1e-150, 1e300, 1e-300, 5e-324)
"""Magnitudes of values: usual ones most often, then up to the limits of float64."""
LEVELS = (0.0, 0.0, 0.0, 3.0, -7.5, 1e3, 1e10, -1e10, 1e13, 1e300)


def _hypothesis() -> Any:
    try:
        from hypothesis import strategies
    except ImportError:
        raise missing_extra("stepahead.testing.strategies", "hypothesis", "test") from None
    return strategies


# ---------------------------------------------------------------------------------------------------------------
# Values

_SHAPES: dict[str, Callable[[np.random.Generator, int], npt.NDArray[Any]]] = {
    "noise": lambda rng, n: rng.normal(size=n),
    "wave": lambda rng, n: (
        np.sin(rng.uniform(0.05, 2.0) * np.arange(n)) + rng.choice([0.0, 0.1, 0.5]) * rng.normal(size=n)
    ),
    "walk": lambda rng, n: np.cumsum(rng.normal(size=n)),
    "line": lambda rng, n: float(rng.normal()) * np.arange(n) + float(rng.normal()),
    "constant": lambda rng, n: np.full(n, rng.normal()),
    "zero": lambda rng, n: np.zeros(n),
    "steps": lambda rng, n: np.repeat(rng.normal(size=n), rng.integers(1, 9, n))[:n],
    "whole numbers": lambda rng, n: rng.integers(-3, 9, n).astype(np.float64),
    "two values": lambda rng, n: rng.integers(0, 2, n).astype(np.float64),
    "a spike": lambda rng, n: np.where(np.arange(n) == rng.integers(0, n), 1e3, rng.normal(size=n)),
    "constant, then not": lambda rng, n: np.where(np.arange(n) < rng.integers(0, n), 1.0, rng.normal(size=n)),
    "a cycle": lambda rng, n: np.resize(rng.normal(size=int(rng.integers(1, 9))), n),
    "growth": lambda rng, n: np.exp(rng.uniform(-0.3, 0.3) * np.arange(n)),
    "heavy tails": lambda rng, n: rng.standard_cauchy(n),
    "chaos": lambda rng, n: _logistic(rng.uniform(0.1, 0.9), n),
    "rounded": lambda rng, n: np.round(rng.normal(size=n), 1),
}


def _logistic(x: float, count: int) -> Array:
    found = np.empty(count)
    for place in range(count):
        found[place] = x = 3.9 * x * (1.0 - x)
    return found


def values(shortest: int = SHORTEST, longest: int = LONGEST) -> Any:
    """[time] float64, all of them finite: waves, walks, constants, spikes, of any size and level.

    >>> from hypothesis import find
    >>> find(values(), lambda x: bool((x == 0.0).all())).shape
    (30,)
    """
    st = _hypothesis()

    def made(shape: str, count: int, seed: int, factor: float, offset: float) -> Array:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            plain = _SHAPES[shape](np.random.default_rng(seed), count)
            found: Array = plain * factor + offset
        return found if np.isfinite(found).all() else plain

    return st.builds(
        made,
        st.sampled_from(sorted(_SHAPES)),
        st.integers(shortest, longest),
        st.integers(0, 999),
        st.sampled_from(FACTORS),
        st.sampled_from(LEVELS),
    )


def symbols(shortest: int = SHORTEST, longest: int = LONGEST) -> Any:
    """A list of texts of a few kinds, odd ones among them."""
    st = _hypothesis()
    kinds = st.lists(st.text(max_size=4), min_size=1, max_size=5, unique=True)
    return kinds.flatmap(lambda some: st.lists(st.sampled_from(some), min_size=shortest, max_size=longest))


# ---------------------------------------------------------------------------------------------------------------
# Containers


def _containers() -> dict[str, Callable[[npt.NDArray[Any]], Any]]:
    """The containers of values, of the libraries that are installed."""
    found: dict[str, Callable[[npt.NDArray[Any]], Any]] = {
        "numpy": lambda x: x,
        "list": lambda x: x.tolist(),
        "tuple": lambda x: tuple(x.tolist()),
        "objects": lambda x: x.astype(object),
        "a column": lambda x: x.reshape(-1, 1),
        "reversed": lambda x: x[::-1].copy()[::-1],
        "strided": lambda x: np.repeat(x, 2)[::2],
        "masked": lambda x: np.ma.masked_array(x, mask=np.zeros(len(x), dtype=bool)),
    }
    try:
        import pandas as pd

        found |= {"pandas": pd.Series, "pandas frame": lambda x: pd.DataFrame({"x": x})}
    except ImportError:
        pass
    try:
        import polars as pl

        found |= {"polars": lambda x: pl.Series(x.tolist()), "polars frame": lambda x: pl.DataFrame({"x": x.tolist()})}
    except ImportError:
        pass
    try:
        import pyarrow as pa

        found |= {"pyarrow": lambda x: pa.array(x.tolist()), "pyarrow table": lambda x: pa.table({"x": x.tolist()})}
    except ImportError:
        pass
    return found


def series(shortest: int = SHORTEST, longest: int = LONGEST) -> Any:
    """Valid series of numbers: any size and level, in any container; integers and booleans keep their own dtype.

    >>> from hypothesis import find
    >>> type(find(series(), lambda data: True)).__name__
    'ndarray'
    """
    st = _hypothesis()
    kinds = _containers()

    def held(x: Array, kind: str, dtype: str) -> Any:
        if dtype != "f8" and bool((x == np.rint(x)).all()) and bool((np.abs(x) < 100.0).all()):
            return kinds[kind](x.astype(dtype) if dtype != "?" else x > 0)
        return kinds[kind](x)

    dtypes = st.sampled_from(["f8", "f8", "i8", "i4", "i1", "f4", ">f8", "?"])
    return st.builds(held, values(shortest, longest), st.sampled_from(list(kinds)), dtypes)


def invalid() -> Any:
    """Invalid data, which no entry point may accept silently: missing values, infinities, text among numbers, objects,
    tables, nothing at all.

    >>> from hypothesis import find
    >>> find(invalid(), lambda data: isinstance(data, list) and not data)
    []
    """
    st = _hypothesis()
    kinds = _containers()
    intruders: tuple[Any, ...] = (
        *(np.nan, np.inf, -np.inf, None, "3.5", "", "text", b"1", 1 + 2j, object(), [1.0], {}, np.datetime64("2024")),
        *(10**400, True),
    )

    def spoiled(x: Array, intruder: object, places: list[int], kind: str) -> Any:
        listed = x.tolist()
        for place in places:
            listed[place % len(listed)] = intruder
        if kind == "list" or not isinstance(intruder, float):
            return listed
        return kinds[kind](np.array(listed, dtype=np.float64))

    short = st.builds(lambda x, n: x[:n], values(), st.integers(0, 12))
    tables = st.builds(lambda x, n: np.stack([x] * n, axis=n % 2), values(), st.integers(1, 3))
    nothings = st.sampled_from(
        [[], (), None, 3.0, "text", b"bytes", {}, set(), object(), np.array(3.0), np.zeros((0, 2)), [[]], [None]]
    )
    mixed = st.lists(
        st.one_of(st.floats(), st.none(), st.text(max_size=3), st.booleans(), st.integers(), st.complex_numbers())
    )
    return st.one_of(
        st.builds(
            spoiled,
            values(),
            st.sampled_from(intruders),
            st.lists(st.integers(0, LONGEST), min_size=1, max_size=5),
            st.sampled_from(list(kinds)),
        ),
        short,
        tables,
        nothings,
        mixed,
        symbols(),
        st.lists(st.floats(), max_size=40),
        st.lists(st.integers(), max_size=40),
    )


# ---------------------------------------------------------------------------------------------------------------
# Times, panels, arguments


def times(count: int) -> Any:
    """`count` time labels: even, uneven, out of order, repeated, with a zone, missing, or none at all."""
    st = _hypothesis()
    units = st.sampled_from(["D", "h", "m", "s", "ms", "W", "M", "Y"])

    def labels(steps: list[int], unit: str | None, start: int, order: int) -> Any:
        found = start + np.cumsum(np.resize(steps or [1], count))
        if order == 1:
            found = found[::-1]
        elif order > 1:
            found = found[np.random.default_rng(order).permutation(count)]
        return found if unit is None else found.astype(f"datetime64[{unit}]")

    steps = st.lists(st.integers(0, 9), min_size=1, max_size=4) | st.just([1])
    plain = st.builds(labels, steps, st.none() | units, st.integers(-1000, 100_000), st.sampled_from([0, 0, 0, 1, 7]))
    odd = st.sampled_from(
        [None, [], 3, "2024", ["a"] * count, [None] * count, np.zeros((count, 2)), np.full(count, np.nan)]
    )
    wrong = st.builds(lambda found: found[:-1], plain)
    floats = st.builds(
        lambda found: np.asarray(found, dtype=np.float64) / 8, plain.filter(lambda found: found.dtype.kind == "i")
    )
    kinds: list[Any] = [plain, plain, floats, odd, wrong]
    try:
        import pandas as pd
    except ImportError:
        return st.one_of(*kinds)
    zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", None])
    nights = st.sampled_from(["2024-03-30", "2024-10-26", "2024-11-02", "2024-06-01"])

    def zoned(start: str, zone: str | None, wall: bool) -> Any:
        index = pd.date_range(start, periods=count, freq="h", tz=zone)
        return index.tz_localize(None) if wall else index

    return st.one_of(*kinds, st.builds(zoned, nights, zones, st.booleans()))


def panels(most: int = 4) -> Any:
    """Lists of data, valid and invalid ones mixed."""
    st = _hypothesis()
    return st.lists(st.one_of(series(), series(), invalid()), min_size=1, max_size=most)


def horizons() -> Any:
    """Horizons, sometimes an invalid one."""
    st = _hypothesis()
    good = st.integers(1, 40)
    return st.one_of(good, good, good, st.sampled_from([0, -1, 2.5, True, "3", None, float("nan"), 10**14]))


def arguments(model: type, keep: Sequence[str] = ()) -> Any:
    """Keyword arguments for a class, each of them sometimes invalid; those in `keep` are left out.

    >>> import stepahead as sa
    >>> from hypothesis import find
    >>> sorted(find(arguments(sa.baselines.SeasonalNaive), lambda found: found))
    ['season']
    """
    st = _hypothesis()
    odd: tuple[object, ...] = (
        *(
            0,
            -1,
            1,
            2,
            3,
            5,
            2.5,
            0.1,
            True,
            False,
            None,
            "auto",
            "3",
            "train",
            "window",
            "last",
            "burg",
            "sign",
            "walk",
            "trend",
        ),
        *(
            float("nan"),
            float("inf"),
            -1.0,
            1e308,
            5e-324,
            10**20,
            (),
            [1],
            {},
            object(),
            b"x",
            1 + 2j,
            "x" * 400,
            "a\x1b\u202e",
        ),
    )
    names = [name for name in inspect.signature(model).parameters if name not in keep]
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(odd) for name in names})


# ---------------------------------------------------------------------------------------------------------------
# Files


def csv_bytes() -> Any:
    """The bytes of CSV files with a column ``x`` and a column ``t``: as people write them,
    and malformed ones.
    """
    st = _hypothesis()
    numbers = st.floats(-1e6, 1e6).map(repr)
    cells = st.one_of(
        numbers,
        numbers,
        numbers,
        st.sampled_from(["", "NA", "nan", "inf", "1,5", "1.234,5", "abc", '"', "'", "1e999", "1_0", "=1"]),
        st.text(max_size=5),
    )
    rows = st.lists(cells, max_size=30)
    boms = st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\0"])
    encodings = st.sampled_from(["utf-8", "utf-8", "utf-8", "latin-1", "utf-16"])

    def written(
        column: list[str], clean: bool, delimiter: str, end: str, bom: bytes, encoding: str, stamps: str
    ) -> bytes:
        if clean:
            column = [
                cell.replace(delimiter, " ").replace('"', "")
                for cell in column
                if cell.isascii() and cell.isprintable()
            ]
        labels = {"count": "{}", "date": "2024-01-{:02d}", "slashed": "{:02d}/01/2024", "odd": "day {}"}[stamps]
        lines = [
            f"t{delimiter}x",
            *(f"{labels.format(place % 28 + 1)}{delimiter}{cell}" for place, cell in enumerate(column)),
        ]
        return bom + end.join(lines).encode(encoding, "replace")

    return st.builds(
        written,
        rows,
        st.booleans(),
        st.sampled_from([",", ",", ";", "\t"]),
        st.sampled_from(["\n", "\n", "\r\n", "\r"]),
        boms,
        encodings,
        st.sampled_from(["count", "count", "date", "slashed", "odd"]),
    )


def damaged(content: bytes) -> Any:
    """`content` with a few bytes changed, cut out, or put in."""
    st = _hypothesis()
    places = st.integers(0, max(len(content) - 1, 0))

    def changed(edits: list[tuple[int, int, int]], cut: int, tail: bytes) -> bytes:
        found = bytearray(content)
        for place, kind, byte in edits:
            where = place % max(len(found), 1)
            if kind == 0 and found:
                found[where] = byte
            elif kind == 1 and found:
                del found[where]
            else:
                found.insert(where, byte)
        return bytes(found[: len(found) - cut]) + tail

    edits = st.lists(st.tuples(places, st.integers(0, 2), st.integers(0, 255)), max_size=3)
    return st.builds(
        changed, edits, st.sampled_from([0, 0, 0, 1, 8, 100]), st.sampled_from([b"", b"", b"", b"\0", b"tail"])
    )
