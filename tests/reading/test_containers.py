"""What a file is by its first bytes: packed tables are read, and other kinds named with what to type."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, orc

import stepahead as sa
from stepahead.reading.containers import unpacked

CSV = b"t,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,4\n"


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [gzip.compress(CSV), zipped(data_csv=CSV), zipped(data_csv=gzip.compress(CSV))],
    ids=["gz", "zip", "both"],
)
def test_a_packed_table_is_read_like_the_table(run, tmp_path, content):
    assert unpacked(content, "f") == CSV
    path = tmp_path / "data.csv.gz"
    path.write_bytes(content)
    series = sa.read(path, time="t")
    assert series.values.tolist() == [1.0, 2.0, 4.0]
    assert series.when(-1) == "2024-01-03"
    code, out, _ = run("forecast", path, "--time", "t", "--horizon", 1, "--models", "naive")
    assert (code, out.splitlines()[1]) == (0, "1,2024-01-04,4.0")


def _feather() -> bytes:
    made = io.BytesIO()
    feather.write_feather(pa.table({"y": [1.0, 2.0]}), made)
    return made.getvalue()


def _orc() -> bytes:
    made = io.BytesIO()
    orc.write_table(pa.table({"y": [1.0, 2.0]}), made)
    return made.getvalue()


def _npy() -> bytes:
    made = io.BytesIO()
    np.save(made, np.arange(3.0))
    return made.getvalue()


def _sqlite() -> bytes:
    with sqlite3.connect(":memory:") as base:
        base.execute("create table t (y real)")
        return base.serialize()


OTHERS = {
    "xlsx": (
        zipped(**{"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b"<x/>"}),
        'an Excel workbook: save it as CSV, or give pandas.read_excel("data.file")',
    ),
    "ods": (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "pandas.read_excel"),
    "two files": (zipped(a_csv=CSV, b_csv=CSV), "archive of 2 files"),
    "no file": (zipped(), "archive of 0 files"),
    "a damaged gzip": (gzip.compress(CSV)[:-9], "damaged gzip"),
    "a damaged zip": (zipped(a_csv=CSV)[:40], "zip file that cannot be read"),
    "bzip2": (bz2.compress(CSV), "bunzip2"),
    "xz": (lzma.compress(CSV), "unxz"),
    "feather": (_feather(), "pyarrow.feather.read_table"),
    "orc": (_orc(), "pyarrow.orc.read_table"),
    "npy": (_npy(), "numpy.load"),
    "sqlite": (_sqlite(), "read_sql_query"),
    "json": (b'[{"t": 1, "y": 2}]', "pandas.read_json"),
    "html": (b"\n<!DOCTYPE html><table></table>", "pandas.read_html"),
    "r": (b"RDX3\nX\n" + bytes(60), "write.csv"),
    "rar": (b"Rar!\x1a\x07\x00" + bytes(60), "unrar"),
    "pdf": (b"%PDF-1.7", "CSV"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_kinds_are_named_with_what_to_type(run, tmp_path, kind):
    content, says = OTHERS[kind]
    path = tmp_path / "data.file"
    path.write_bytes(content)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.read(path, "y")
    assert says in str(caught.value)
    code, out, err = run("evaluate", path, "--value", "y")
    assert (code, out) == (3, "")
    assert says.split("(")[0] in err


def test_what_a_message_names_reads_the_file(tmp_path):
    (tmp_path / "data.json").write_text('[{"t": "2024-01-01", "y": 1.5}, {"t": "2024-01-02", "y": 2.5}]')
    assert sa.read(pd.read_json(tmp_path / "data.json"), "y", "t").values.tolist() == [1.5, 2.5]


def test_a_bomb_is_refused_before_it_goes_off(tmp_path, monkeypatch):
    monkeypatch.setattr("stepahead.reading.containers.memory_budget", lambda: 1 << 21)
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(b"y\n" + b"1\n" * (1 << 22)))
    with pytest.raises(sa.errors.BudgetError, match="budget is 2,097,152 bytes"):
        sa.read(tmp_path / "f.csv.gz")


@pytest.mark.parametrize("name", ["ORCL", "RDX1", "BZh", "FEA1", "ARROW1", "Rar!"])
def test_the_name_of_a_column_is_no_kind_of_file(tmp_path, name):
    (tmp_path / "f.csv").write_text(f"{name},AAPL\n1,2\n3,4\n")
    assert sa.read(tmp_path / "f.csv", name).values.tolist() == [1.0, 3.0]
