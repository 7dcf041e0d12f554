"""Scores of long pyarrow tables: of a shard, or of a group of Spark's ``applyInArrow``."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..columns import Column, read_times
from ..errors import InputError, StepaheadError, StepaheadWarning, missing_extra, shown
from ..evaluation.comparison import Comparison
from ..evaluation.each import score_blocks
from ..evaluation.panels import Named
from ..numerals import check_words, strange_number
from ..protocols import Index
from ..series import Series
from ..times import Times
from .specs import Spec

ID, TIME, VALUE = "unique_id", "ds", "y"
"""The columns of a shard: the names that Nixtla's libraries use too."""


def pyarrow() -> Any:
    """The pyarrow module, or the error that says what to install."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        raise missing_extra("shards and runs", "pyarrow", "parquet") from None
    return pa


def in_order(table: Any) -> Any:
    """A long table sorted by series, and within each by time."""
    return table.sort_by([(name, "ascending") for name in (ID, TIME) if name in table.column_names])


def score_table(table: Any, spec: Any) -> Any:
    """The scores of the series in a pyarrow table, as a pyarrow table: the function for Spark's ``applyInArrow``.

    >>> import pyarrow as pa
    >>> import stepahead as sa
    >>> x = sa.datasets.noisy_sine(length=200, seed=0).values
    >>> table = pa.table({"unique_id": ["a"] * 200 + ["b"], "y": [*x, 1.0]})
    >>> scores = score_table(table, {"models": ["naive"], "horizon": 4, "steps": [1, 4]})
    >>> scores.column_names
    ['series', 'status', 'model', 'k', 'n', 'rmse', 'mae', 'bias', 'skill']
    >>> scores.slice(9).select(["series", "model", "k", "n"]).to_pylist()
    [{'series': 'a', 'model': 'Drift', 'k': 4, 'n': 77}, {'series': 'b', 'model': None, 'k': None, 'n': None}]

    Parameters
    ----------
    table : with the columns unique_id, y, and ds where there are times; rows in any order of series.
    spec : what ``run`` takes: a dict, the path of a JSON file, a Spec.

    Returns
    -------
    One row for each (series, model, k); of a series that cannot be scored one row, whose status says why.
    """
    pa, spec = pyarrow(), Spec.read(spec)
    table = in_order(table)
    parts = [score_series(series_of(table, spec), spec)] if len(table) else []
    tables = map(scores_of, parts)
    found = [rows.append_column("status", pa.array(["ok"] * len(rows), pa.string())) for rows in tables]
    failed = statuses_of({name: why for part in parts for name, why in part.failed.items()})
    joined = pa.concat_tables([*found, failed], promote_options="default")
    first = [name for name in ("series", "status", "model", "k", "n") if name in joined.column_names]
    return joined.select([*first, *(name for name in joined.column_names if name not in first)])


def score_series(named: Iterable[Named], spec: Spec) -> Comparison:
    """The scores of series, each fitted by itself, as a spec asks."""
    options: Any = {"steps": spec.steps, "season": spec.season}
    return Comparison._joined(list(score_blocks(spec.build(), named, spec.horizon, spec.train, **options)))


def scores_of(scores: Comparison) -> Any:
    """A row for each (series, model, k)."""
    pa, scorer = pyarrow(), scores.scorer
    series, models, steps = len(scorer.series), len(scorer.models), len(scorer.steps)

    def named(places: Index, names: Sequence[str]) -> Any:
        return pa.DictionaryArray.from_arrays(places, pa.array(names, pa.string())).cast(pa.string())

    columns = scorer.columns()
    return pa.table(
        {
            "series": named(np.repeat(np.arange(series), models * steps), scorer.series),
            "model": named(np.tile(np.repeat(np.arange(models), steps), series), scorer.models),
            "k": pa.array(columns["k"], pa.int32()),
            "n": pa.array(columns["n"], pa.int64()),
            **{key: pa.array(columns[key], pa.float64(), from_pandas=False) for key in scorer.readings},
        }
    )


def statuses_of(status: dict[str, str]) -> Any:
    """A row for each series: its name, and "ok" or why it has no scores."""
    pa = pyarrow()
    return pa.table(
        {"series": pa.array(list(status), pa.string()), "status": pa.array(list(status.values()), pa.string())}
    )


# ---------------------------------------------------------------------------------------------------------------
# Reading series


def ids_of(table: Any) -> tuple[list[str], Index]:
    """The names of the series of a table, and the rows at which they begin, then the end; no series may be split."""
    names, edges = runs_of(table)
    known: set[str] = set()
    for name in names:
        if name in known:
            raise split(name, "in more than one place of a table")
        known.add(name)
    return names, edges


def runs_of(table: Any) -> tuple[list[str], Index]:
    """The id of each block of rows that share one, and the rows at which the blocks begin, then the end."""
    pa = pyarrow()
    column = table.column(ID).combine_chunks()
    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise InputError(f"column {ID}, row {row}: the id is missing", code="id-missing", row=row)
    if not len(column):
        return [], np.zeros(1, dtype=np.intp)
    found = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    codes = found.indices.to_numpy(zero_copy_only=False)
    edges = np.concatenate([[0], np.flatnonzero(codes[1:] != codes[:-1]) + 1, [len(codes)]])
    texts = found.dictionary.cast(pa.string()).to_pylist()
    return [texts[code] for code in codes[edges[:-1]]], edges


def split(name: str, where: str) -> InputError:
    """The error for a series that is not whole in one place."""
    return InputError(
        f"series {shown(name)} is split: its rows are {where}; a series has to be whole in one "
        f"shard, so sort the rows by {ID}",
        code="split-series",
        series=name,
    )


def series_of(table: Any, spec: Spec, categories: Sequence[str] | None = None) -> Iterator[Named]:
    """The series of a table whose rows are in order of series, or the reason why one cannot be read.

    A complete, evenly spaced series of numbers comes as an array, since a Series of it would have no notes.
    """
    names, edges = ids_of(table)
    values, times = _values(table.column(VALUE)), _times(table)
    if categories is None and values.dtype == object and not pyarrow().types.is_dictionary(table.column(VALUE).type):
        check_words_of(table.column(VALUE))
    is_plain = (
        _plain(values, times, edges) if values.dtype.kind == "f" and spec.every is None else np.zeros(len(names), bool)
    )
    if values.dtype == object and categories is None:
        categories = sorted({value for value in values.tolist() if value is not None})
    for name, start, stop, plain in zip(names, edges[:-1], edges[1:], is_plain, strict=True):
        if plain:
            yield Named(name, values[start:stop])
            continue
        column = Column(values[start:stop], None if times is None else times[start:stop], name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", StepaheadWarning)
                yield Named(name, Series(column, missing=spec.missing, every=spec.every, categories=categories))
        except (StepaheadError, ValueError) as error:
            yield Named(name, str(error))


def check_words_of(column: Any) -> None:
    """Refuse numbers as text among symbols: each distinct text is judged once."""
    texts = [text for text in column.unique().to_pylist() if text is not None]
    strange = strange_number(texts)
    if strange is not None:
        row = column.to_pylist().index(texts[strange])
        check_words([texts[strange]], [row])


def _values(column: Any) -> npt.NDArray[Any]:
    pa = pyarrow()
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.array(column.cast(pa.string()).to_pylist(), dtype=object)
    raise InputError(f"column {VALUE} is of type {kind}: expected numbers or text", code="dtype", found=str(kind))


def _times(table: Any) -> Times | None:
    return read_times(table.column(TIME)) if TIME in table.column_names else None


def _plain(values: npt.NDArray[Any], times: Times | None, edges: Index) -> npt.NDArray[np.bool_]:
    """Which series have finite values and times in even steps."""
    if len(edges) < 2:
        return np.zeros(0, dtype=bool)
    whole = np.logical_and.reduceat(np.isfinite(values), edges[:-1])
    if times is None or len(times) < 2:
        return np.asarray(whole)
    steps, lengths = np.diff(times.labels), np.diff(edges)
    first = steps[edges[:-1].clip(0, len(steps) - 1)]
    even = np.append((steps == np.repeat(first, lengths)[:-1]) & (steps > np.zeros(1, steps.dtype)), True)
    even[edges[1:] - 1] = True  # the step from the last row of a series to the next series
    return np.asarray(whole & np.logical_and.reduceat(even, edges[:-1]))
