"""The corpus of docs/your-file.md: each file is read right, or refused in the right words, by API and command line."""

from __future__ import annotations

import csv
import importlib
import sys
import warnings

import numpy as np
import pytest

import stepahead as sa

from ..data import ROOT

sys.path.insert(0, str(ROOT / "docs"))
make = importlib.import_module("make_files")
KINDS = {kind.file: kind for kind in make.KINDS}


def test_the_corpus_has_files_of_every_kind():
    assert len(KINDS) == len(make.KINDS) >= 40
    assert sum(bool(kind.refused) for kind in KINDS.values()) >= 10
    assert max(len(kind.content) for kind in KINDS.values()) < 5000


def expected(kind) -> list[float]:
    kinds = importlib.import_module("file_kinds")
    scale = 32.0 if kind.file == "sound.wav" else 1.0
    values = np.array(kinds.Y[: kind.length]) / scale
    values[list(kind.missing)] = np.nan
    return values.tolist()


@pytest.mark.parametrize("file", [file for file, kind in KINDS.items() if not kind.refused])
def test_a_file_is_read_right_from_python(tmp_path, file):
    kind = KINDS[file]
    found = make.read(kind, tmp_path)
    for series in found if isinstance(found, sa.Panel) else [found]:
        close = 1e-6 if file == "sound.wav" else 0.0
        np.testing.assert_allclose(series.values, expected(kind), rtol=close, atol=0.0)
        assert (series.times is None) == (not kind.first)
        if kind.first:
            assert (series.when(0), series.when(-1)) == (kind.first, kind.last)
    if file == "long-bad.csv":
        assert found.refused == {"b": "column 'y', line 15: '?!' is not a number"}


@pytest.mark.parametrize("file", [file for file, kind in KINDS.items() if not kind.refused])
def test_a_file_is_read_right_on_the_command_line(run, tmp_path, file):
    kind = KINDS[file]
    (tmp_path / file).write_bytes(kind.content)
    options = [part for name, value in kind.options.items() for part in (f"--{name}", value)]
    code, out, err = run("forecast", tmp_path / file, *options, "--horizon", 1, "--models", "naive")
    assert code == (6 if file == "long-bad.csv" else 0), err
    rows = list(csv.DictReader(out.splitlines()))
    assert {row["time"] for row in rows} == {kind.following}
    values = [float(row["last value" if "last value" in row else "Naive"]) for row in rows]
    np.testing.assert_allclose(values, expected(kind)[-1], rtol=1e-6)


@pytest.mark.parametrize("file", [file for file, kind in KINDS.items() if kind.refused])
def test_a_file_is_refused_in_the_right_words(run, tmp_path, file):
    kind = KINDS[file]
    with pytest.raises(sa.errors.InputError) as caught:
        make.read(kind, tmp_path)
    assert kind.refused in str(caught.value)
    options = [part for name, value in kind.options.items() for part in (f"--{name}", value)]
    code, out, err = run("forecast", tmp_path / file, *options, "--horizon", 1)
    assert (code, out) == (3, "")
    assert kind.refused in err
    assert "Traceback" not in err


WAYS_OUT = {
    "no-header.csv": lambda content: (b"value\n" + content, {}),
    "utf-16.csv": lambda content: (content, {"encoding": "utf-16-le", "value": "y", "time": "t"}),
    "money.csv": lambda content: (content.replace(b" EUR", b""), {"value": "y", "time": "t"}),
    "families.csv": lambda content: (content, {"value": "y", "time": "t", "id": "family"}),
    "ragged.csv": lambda content: (content.replace(b",1,2\n", b",1\n"), {"value": "y", "time": "t"}),
}


@pytest.mark.parametrize("file", WAYS_OUT)
def test_what_a_refusal_says_to_do_reads_the_file(tmp_path, file):
    content, options = WAYS_OUT[file](KINDS[file].content)
    made = make.Kind(file, content, ("", ""), options)
    assert len(make.read(made, tmp_path)) > 0


def test_the_dates_of_the_corpus_are_those_of_pandas(tmp_path):
    pd = pytest.importorskip("pandas")
    following = {
        "weekdays.csv": pd.offsets.BDay(),
        "sunday-to-thursday.csv": pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu"),
        "quarters.csv": pd.offsets.QuarterBegin(startingMonth=1),
        "weeks.csv": pd.offsets.Week(),
        "excel-months.csv": pd.offsets.MonthBegin(),
        "berlin.csv": pd.DateOffset(days=1),
        "sydney.csv": pd.DateOffset(days=1),
    }
    zones = {"berlin.csv": "Europe/Berlin", "sydney.csv": "Australia/Sydney"}
    for file, offset in following.items():
        kind = KINDS[file]
        last, after = pd.Timestamp(kind.last), pd.Timestamp(kind.following)
        if file in zones:
            last, after = last.tz_convert(zones[file]), after.tz_convert(zones[file])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert last + offset == after


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_are_those_of_the_corpus(language):
    assert make.PAGES[language].read_text(encoding="utf-8") == make.drawn(language), "python docs/make_files.py"


def test_the_pages_do_not_depend_on_where_they_are_made(tmp_path, monkeypatch):
    folder = tmp_path / ("x" * 90)
    folder.mkdir()
    monkeypatch.setattr(make.tempfile, "tempdir", str(folder))
    assert make.PAGES["en"].read_text(encoding="utf-8") == make.drawn("en")
