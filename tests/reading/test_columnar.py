"""A fast reader gives what reading cell by cell gives, bit for bit, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.reading import columnar

ENGINES = {"pyarrow": columnar._by_arrow, "polars": columnar._by_polars, "none": None}
N = 2000
X = np.random.default_rng(0).normal(size=N)
TIMES = {
    "D": np.datetime64("2000-01-01") + np.arange(N),
    "m": np.datetime64("2000-01-01T00:00") + np.arange(N) * 7,
    "s": np.datetime64("2000-01-01T00:00:00") + np.arange(N) * 60,
}


def written(path, times, cells, delimiter=",") -> None:
    path.write_text(f"t{delimiter}y\n" + "".join(f"{t}{delimiter}{c}\n" for t, c in zip(times, cells, strict=True)))


@pytest.fixture(params=ENGINES)
def engine(request, monkeypatch):
    monkeypatch.setattr(columnar, "LEAST", 1)
    monkeypatch.setattr(columnar, "_engine", lambda: ENGINES[request.param])
    return request.param


@pytest.mark.parametrize("unit", TIMES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_numbers_and_times_are_those_of_cell_by_cell(tmp_path, engine, unit, delimiter):
    texts = [repr(float(x)) for x in X]
    written(tmp_path / "f.csv", TIMES[unit].astype(str), texts, delimiter)
    series = sa.read(tmp_path / "f.csv", "y", "t")
    assert series.values.tobytes() == np.array([float(text) for text in texts]).tobytes()
    assert (series.times == TIMES[unit]).all()
    assert series.times.dtype == TIMES[unit].dtype


# What a second look is needed for; the values and the note or error by eye.
ODD = {
    "missing": ("", "1 of 2000 values"),
    "a mark": ("#N/A", "1 of 2000 values"),
    "words": ("high", "'high' is not a number"),
    "a comma of thousands": ("1'234'567.5", None),
    "zeros": ("007", "without its leading zeros"),
    "zeros behind a blank": ("  007", "without its leading zeros"),
    "an underscore": ("1_0", "'1_0' is not a number"),
    "infinite": ("inf", "infinite"),
    "blanks": ("  2.5 ", None),
    "a plus": ("+3.25", None),
    "hexadecimal": ("0x10", "'0x10' is not a number"),
    "large": ("1e400", "infinite"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_needs_a_second_look_gets_it(tmp_path, engine, kind):
    cell, says = ODD[kind]
    cells = [str(i) for i in range(N)]
    cells[1234] = cell
    written(tmp_path / "f.csv", TIMES["D"].astype(str), cells)
    if says is None or says.startswith("without"):
        with pytest.warns(sa.errors.StepaheadWarning) if says else np.errstate():
            series = sa.read(tmp_path / "f.csv", "y", "t")
        assert series.values[1234] == float(cell.replace("'", ""))
        assert bool(says) == any(str(says) in text for text in series.notes)
    else:
        with pytest.raises(sa.errors.InputError) as caught:
            sa.read(tmp_path / "f.csv", "y", "t")
        assert says in str(caught.value)


def test_a_row_that_is_cut_off_has_its_line(tmp_path, engine):
    rows = [f"{t},{i}" for i, t in enumerate(TIMES["D"].astype(str))]
    for bad, says in (("2005-06-01", "1 cells found, 2 expected"), ("2005-06-01,1,2", "3 cells found, 2 expected")):
        (tmp_path / "f.csv").write_text("\n".join(["t,y", *rows[:1500], bad, *rows[1501:]]))
        with pytest.raises(sa.errors.InputError, match=f"line 1502: {says}"):
            sa.read(tmp_path / "f.csv", "y", "t")
    # One cell too many here and one too few there: as many in all.
    (tmp_path / "f.csv").write_text("\n".join(["t,y", *rows[:9], "2000-01-10", "2000-01-11,1,2", *rows[11:]]))
    with pytest.raises(sa.errors.InputError, match="line 11: 1 cells found"):
        sa.read(tmp_path / "f.csv", "y", "t")


def test_times_of_another_form_are_read_cell_by_cell(tmp_path, engine):
    texts = [f"{i // 12 + 1800}-{i % 12 + 1:02d}" for i in range(N)]
    written(tmp_path / "f.csv", texts, range(N))
    assert sa.read(tmp_path / "f.csv", "y", "t").times.dtype == "M8[M]"
    mixed = [*TIMES["D"].astype(str)[:-1], "2010-13-01"]
    written(tmp_path / "f.csv", mixed, range(N))
    with pytest.raises(sa.errors.InputError, match="line 2001: '2010-13-01' is not a time"):
        sa.read(tmp_path / "f.csv", "y", "t")


def test_the_work_is_done_once_for_each_column(tmp_path, engine, monkeypatch):
    calls = []
    real = ENGINES[engine]
    if real is None:
        return
    monkeypatch.setattr(columnar, "_engine", lambda: lambda *how: calls.append(how[2:]) or real(*how))
    written(tmp_path / "f.csv", TIMES["D"].astype(str), X)
    sa.read(tmp_path / "f.csv", "y", "t")
    assert calls == [(1, True), (0, False)]


def test_leading_zeros_behind_many_fractions_are_noted(tmp_path, engine):
    count = 70_000
    cells = ["0.5"] * count + ["007"]
    written(tmp_path / "f.csv", np.arange(count + 1), cells)
    with pytest.warns(sa.errors.StepaheadWarning, match=f"line {count + 2}: '007' was read as a number, without its"):
        sa.read(tmp_path / "f.csv", "y")
