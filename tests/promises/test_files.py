"""Rows F1 to F6: files and panels. What `read` makes of each kind of file is in tests/reading/test_csv_text.py;
here are all doors.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa

from ..cases import CASES
from ..counting import calls
from ..data import ALWAYS
from ..tables import BAD, long_table
from .entry_points import COMMANDS, X, few, typed

ACCEPTED = {
    "plain": "t,x\n1,3.5\n2,4\n",
    "byte order mark": b"\xef\xbb\xbft,x\n1,3.5\n2,4\n",
    "CRLF": "t,x\r\n1,3.5\r\n2,4\r\n",
    "old Mac line ends": "t,x\r1,3.5\r2,4\r",
    "no last line end": "t,x\n1,3.5\n2,4",
    "blank tail": "t,x\n1,3.5\n2,4\n\n\n",
    "spaces": "t, x\n1, 3.5\n2, 4 \n",
    "quoted": '"t","x"\n"1","3.5"\n"2","4"\n',
    "a quoted line end in another column": 't,x,note\n1,3.5,"two\nlines"\n2,4,"a ""word"""\n',
    "semicolons": "t;x\n1;3.5\n2;4\n",
    "tabs": "t\tx\n1\t3.5\n2\t4\n",
    "exponents": "t,x\n1,35e-1\n2,+4.0E0\n",
}


ROWS = "".join(f"{100 + i},{v},note {i}\n" for i, v in enumerate(X))
PLAIN = "t,x,n\n" + ROWS

GOOD = {
    "plain": PLAIN,
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "mixed line ends": PLAIN.replace("\n", "\r\n", 7),
    "CRLF and a blank tail": PLAIN.replace("\n", "\r\n") + "\r\n\r\n",
    "old Mac": PLAIN.replace("\n", "\r"),
    "no last line end": PLAIN.rstrip("\n"),
    "a blank head": "\n\n" + PLAIN,
    "blank lines between": PLAIN.replace("\n", "\n\n"),
    "everything quoted": "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.strip().split("\n")
    ),
    "quoted line ends": PLAIN.replace("note 39", '"two\nlines, and a ""word"""'),
    "quoted delimiters": PLAIN.replace("note 39", '"a,b;c\td"'),
    "spaces around": PLAIN.replace(",", " , "),
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "non-breaking spaces": PLAIN.replace("note 1", "\xa0note\xa01"),
    "a header in Chinese": PLAIN.replace("n\n", "备注\n", 1),
    "emoji": PLAIN.replace("note 2", "\U0001f600"),
    "a long line": PLAIN.replace("note 5", "y" * 100_000),
    "plus signs and exponents": "t,x,n\n" + "".join(f"{100 + i},{v:+.17e},\n" for i, v in enumerate(X)),
    "vertical tabs and form feeds in a note": PLAIN.replace("note 9", "a\x0bb\x0cc"),
    "a line separator of Unicode in a note": PLAIN.replace("note 9", "a\u2028b"),
}


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("command", COMMANDS)
def test_F1_files_as_people_write_them(promise, run, tmp_path, kind, command):
    path = tmp_path / "f.csv"
    content = GOOD[kind]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    series = promise.answered(lambda: sa.read(path, "x", "t"))
    assert series.values.tobytes() == X.tobytes()
    assert series.times.tolist() == list(range(100, 140))
    (tmp_path / "plain.csv").write_text(PLAIN)
    expected = typed(run, command, tmp_path / "plain.csv", "--value", "x", "--time", "t")
    assert typed(run, command, path, "--value", "x", "--time", "t") == expected


ENCODED = [
    "latin-1",
    "cp1252",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-kr",
    "koi8-r",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
]
IN = {"gbk": "时间", "gb18030": "时间", "big5": "時間", "shift_jis": "時間", "euc-kr": "시간", "koi8-r": "время"}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("command", COMMANDS)
def test_F2_another_encoding_is_named_and_never_guessed(promise, run, tmp_path, encoding, command):
    name = IN.get(encoding, "Zähler é")
    path = tmp_path / "f.csv"
    path.write_bytes((f"t,{name}\n" + "".join(f"{i},{v}\n" for i, v in enumerate(X))).encode(encoding))
    error = promise.refused(lambda: sa.read(path, name), ("encoding", "nul"))
    if error.code == "encoding":
        assert "encoding=" in str(error)
        assert error.offset >= 0
    code, _, err = typed(run, command, path, "--value", name)
    assert code == 3
    assert "encoding=" in err or "NUL" in err
    found = promise.answered(lambda: sa.read(path, name, encoding=encoding))
    assert found.values.tobytes() == X.tobytes()
    assert typed(run, command, path, "--value", name, "--encoding", encoding)[0] == 0


@pytest.mark.parametrize(("content", "keywords", "code", "words"), BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("missing", ["raise", "skip"])
def test_F3_F4_bad_files_at_every_entry_point(promise, tmp_path, content, keywords, code, words, missing):
    path = tmp_path / "f.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if missing == "skip" and code == "missing-values" and "none was observed" not in words:
        promise.answered(lambda: sa.read(path, **{"value": "x", **keywords}, missing=missing))
        return
    promise.refused(lambda: sa.read(path, **{"value": "x", **keywords}, missing=missing), code, *words)


WORSE = {
    "a NUL at the end": (PLAIN.encode() + b"\0", "nul", "line"),
    "NULs alone": (b"\0" * 100, "nul", "line 1"),
    "a zip": (b"PK\x03\x04" + b"\xff" * 60, "zip", "zip file"),
    "a gzip": (b"\x1f\x8b\x08" + b"\x00" * 60, "gzip", "gzip file"),
    "half a Parquet file": (b"PAR1" + b"\x15\x04" * 30, "parquet", "Parquet"),
    "a WAV that ends early": (b"RIFF\x10\0\0\0WAVEfmt ", "wav", "WAV"),
    "a quote in the middle of a field": (b'x,y\n1,2\na"b,3\n', ("csv", "not-a-number"), "line"),
    "a quote that never closes, 200 lines on": (b't,x\n1,"3\n' + b"2,4\n" * 200, "csv", "quote"),
    "one cell of 2 MB": (b"x\n" + b"1" * (2 << 20) + b"\n", "csv", "line 2"),
    "the header alone, quoted over lines": (b'"t\nime",x\n', "empty", "no rows"),
    "a row too long, far down": (PLAIN.encode() + b"1,2,3,4\n", "ragged", "line 42"),
    "a row too short, far down": (PLAIN.encode() + b"1,2\n", "ragged", "line 42"),
    "an empty name": (b",t\n1,2\n", "column", "'x'"),
    "a thousand columns": (
        (",".join(f"c{i}" for i in range(1000)) + "\n" + ",".join("1" * 1000) + "\n").encode(),
        "column",
        "...",
    ),
    "JSON": (json.dumps({"x": X.tolist()}).encode(), "not-a-table", "pandas.read_json"),
    "HTML": (b"<!doctype html><html><body>404</body></html>", "not-a-table", "pandas.read_html"),
    "a pickle": (b"\x80\x04\x95\x10\x00", ("encoding", "nul"), "f.csv"),
}


@pytest.mark.parametrize("kind", WORSE)
@pytest.mark.parametrize("command", COMMANDS)
def test_F3_what_is_no_table(promise, run, tmp_path, monkeypatch, kind, command):
    content, code, says = WORSE[kind]
    monkeypatch.chdir(tmp_path)  # an error shortens a long path, and then its end is not shown
    path = Path("f.csv")
    path.write_bytes(content)
    promise.refused(lambda: sa.read(path, "x"), code, says)
    assert typed(run, command, path, "--value", "x")[0] == 3


def test_F3_what_is_no_file(promise, run, tmp_path):
    for path in (tmp_path, tmp_path / "nothing", tmp_path / ("x" * 300), tmp_path / "f\n.csv"):
        promise.refused(lambda path=path: sa.read(path, "x"), "file", "cannot read")
        assert typed(run, "evaluate", path, "--value", "x")[0] == 3
    promise.refused(lambda: sa.read("a\0b", "x"), "file")
    for nothing in (None, 3, X, [1.0], b"f.csv", object()):
        promise.refused(
            lambda nothing=nothing: sa.read(nothing, "x"), "unknown-type", "cannot be read", kind=sa.errors.DtypeError
        )


FRAMES = {
    "pandas": lambda columns: pd.DataFrame(columns),
    "polars": lambda columns: pl.DataFrame(columns),
    "lazy": lambda columns: pl.LazyFrame(columns),
    "arrow": lambda columns: pa.table(columns),
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("lod", "did you mean 'load'"),
        ("LOAD", "'load'"),
        ("", "'load'"),
        ("zebra", "the columns are 'day', 'load'"),
        ("load ", "did you mean"),
        ("x" * 500, "'load'"),
        ("a\x1b[31m", "'load'"),
    ],
    ids=["a letter less", "capitals", "nothing", "another", "a space more", "too long", "escapes"],
)
def test_F4_a_column_that_is_not_there(promise, run, tmp_path, frame, asked, says):
    source = FRAMES[frame]({"day": np.arange(40), "load": X})
    for call in (
        lambda: sa.read(source, asked),
        lambda: sa.read(source, "load", asked) if asked else sa.read(source, asked),
    ):
        error = promise.refused(call, "column", says)
        assert error.columns == ["day", "load"]
    (tmp_path / "f.csv").write_text("day,load\n" + "".join(f"{i},{v}\n" for i, v in enumerate(X)))
    promise.refused(lambda: sa.read(tmp_path / "f.csv", asked), "column", says)
    code, _, err = typed(run, "evaluate", tmp_path / "f.csv", "--value", asked)
    assert code == 3
    assert "'load'" in err


@pytest.mark.parametrize("value", [3, None, 2.5, ["load"], b"load"], ids=repr)
def test_F4_a_name_that_is_no_text(promise, value):
    frame = pd.DataFrame({"day": np.arange(40), "load": X})
    promise.refused(lambda: sa.read(frame, value), ("parameter", "column"), "column")


def test_F4_a_column_that_stands_there_twice(promise, tmp_path):
    promise.refused(
        lambda: sa.read(pd.DataFrame(np.ones((3, 2)), columns=["a", "a"]), "a"), ("column-repeated", "frame")
    )
    (tmp_path / "f.csv").write_text("a,a,b\n1,2,3\n")
    promise.refused(lambda: sa.read(tmp_path / "f.csv", "a"), "column-repeated", "2 times")
    promise.answered(lambda: sa.read(tmp_path / "f.csv", "b"))


# ---------------------------------------------------------------------------------------------------------------
# F5, F6: panels


def panel(bad: dict[str, list[tuple[object, object]]]) -> pd.DataFrame:
    rows = [(f"good {i}", t, v) for i in range(3) for t, v in enumerate(np.roll(X, i))]
    rows += [(name, t, v) for name, series in bad.items() for t, v in series]
    return pd.DataFrame(rows, columns=["unique_id", "ds", "y"])


BAD_SERIES = {
    "short": [(t, 1.0 * t) for t in range(3)],
    "one value": [(0, 1.0)],
    "all missing": [(t, None) for t in range(40)],
    "a hole": [(t, None if t == 7 else 1.0 * t) for t in range(40)],
    "infinite": [(t, np.inf if t == 7 else 1.0 * t) for t in range(40)],
    "a time twice": [(t // 2, 1.0 * t) for t in range(40)],
    "a time missing": [(None if t == 3 else t, 1.0 * t) for t in range(40)],
}


@pytest.mark.parametrize("kind", BAD_SERIES)
@pytest.mark.parametrize("frame", ["pandas", "polars", "csv"])
def test_F5_one_bad_series_never_costs_the_others(promise, run, tmp_path, kind, frame):
    table = panel({"bad": BAD_SERIES[kind]})
    table.to_csv(tmp_path / "p.csv", index=False)
    source = {"pandas": table, "polars": pl.from_pandas(table), "csv": tmp_path / "p.csv"}[frame]
    found = promise.ended(lambda: sa.read_panel(source)).value
    assert [s.name for s in found if s.name != "bad"] == ["good 0", "good 1", "good 2"]
    result = promise.ended(lambda: sa.evaluate(sa.AR(2), found, 2)).value
    assert [result.status[f"good {i}"] for i in range(3)] == ["ok"] * 3
    assert result.status["bad"] != "ok"
    alone = sa.evaluate(sa.AR(2), [s for s in found if s.name != "bad"], 2)
    if "bad" in found.refused:
        assert result["AR(2)"].predictions.tobytes() == alone["AR(2)"].predictions.tobytes()
    for command in COMMANDS:
        code, out, err = typed(
            run, command, tmp_path / "p.csv", "--id", "unique_id", "--value", "y", "--time", "ds", "--json"
        )
        assert code == 6 or (command == "forecast" and kind == "short")
        assert json.loads(out)["status"]["good 1"] == "ok"
        assert code == 0 or "'bad'" in err


@pytest.mark.parametrize("name", ["AR", "Mean", "SSA", "Scaled", "StateSpace walk", "MarkovChain bins"])
def test_F5_the_notes_and_the_status_name_the_first_five(promise, name):
    bad = {f"bad {i}": BAD_SERIES["a hole"] for i in range(9)}
    found = promise.answered(lambda: sa.read_panel(panel(bad)), "9 of 12 series", "'bad 4'")
    assert list(found.refused) == list(bad)
    result = promise.answered(lambda: sa.evaluate(CASES[name].make(), found, 2))
    assert sum(why == "ok" for why in result.status.values()) == 3


def test_F5_none_is_left(promise, run, tmp_path):
    rows = pd.DataFrame({"unique_id": ["a", "b"], "ds": [1, 1], "y": [None, np.inf]})
    error = promise.refused(lambda: sa.read_panel(rows), "panel", "none of 2 series")
    assert error.found == 0
    rows.to_csv(tmp_path / "p.csv", index=False)
    assert typed(run, "evaluate", tmp_path / "p.csv", "--id", "unique_id", "--value", "y", "--time", "ds")[0] == 3


def test_F5_the_work_of_many_series_is_linear():
    def work(count: int) -> int:
        frame = pl.DataFrame(
            {
                "unique_id": np.repeat(np.arange(count), 12),
                "ds": np.tile(np.arange(12), count),
                "y": np.ones(12 * count),
            }
        )
        return calls(lambda: sa.read_panel(frame))

    work(10)
    assert work(4000) < 1.1 * 10 * work(400)


@pytest.mark.slow
def test_F5_a_hundred_thousand_series_are_read():
    count = 100_000
    frame = pl.DataFrame({"unique_id": np.repeat(np.arange(count), 12), "ds": np.tile(np.arange(12), count), "y": 1.0})
    assert len(sa.read_panel(frame)) == count


IDS = [
    "x" * 10_000,
    "../x",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\x",
    "con",
    "a/b",
    "\U0001f600",
    "\u05d0\u05d1",
    "a\u202eb",
    "Case",
    "case",
    "=cmd()",
    "+1",
    "@x",
    "a,b",
    'a"b',
    "a\nb",
    "a\tb",
    "<script>alert(1)</script>",
    "%s%n",
    "{0}",
    "$(touch x)",
    "`touch x`",
    "nan",
    "None",
    "0",
    "1e5",
    "-",
    ".",
    "..",
    "a b",
    "\u2028",
    "\ufeffx",
    "\x1b[31mred",
]


@pytest.mark.parametrize("name", few(IDS), ids=lambda name: ascii(name)[:24])
def test_F6_an_id_is_data_never_a_path(promise, run, tmp_path, monkeypatch, name):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    frame = pd.DataFrame({"id": [name] * 40 + ["plain"] * 40, "t": [*range(40)] * 2, "y": np.r_[X, X]})
    frame.to_parquet(tmp_path / "in" / "p.parquet")
    found = promise.answered(lambda: sa.read_panel(tmp_path / "in" / "p.parquet", value="y", time="t", id="id"))
    assert [series.name for series in found] == [name, "plain"]
    assert list(promise.answered(lambda: sa.evaluate(sa.AR(2), found, 2)).status) == [name, "plain"]
    reading = (tmp_path / "in" / "p.parquet", "--id", "id", "--value", "y", "--time", "t")
    code, out, err = run("forecast", *reading, "--horizon", 1, "--models", "naive")
    assert code == 0, err
    assert [row["series"].lstrip("'") for row in csv.DictReader(io.StringIO(out, newline=""))][1:] == ["plain"]
    code, out, err = run("evaluate", *reading, "--horizon", 1, "--models", "naive", "--save", "s", "--json")
    assert code == 0, err
    assert json.loads(out)["status"] == {name: "ok", "plain": "ok"}
    files = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert files == ["in/p.parquet", *sorted(f"out/s/{always.lower()}.safetensors" for always in ALWAYS)]


def test_F5_the_command_line_delivers_the_rest_and_ends_with_6(run, tmp_path):
    long_table(bad=True).to_csv(tmp_path / "p.csv", index=False)
    typed = [
        "evaluate",
        tmp_path / "p.csv",
        "--id",
        "unique_id",
        "--value",
        "y",
        "--time",
        "ds",
        "--horizon",
        6,
        "--models",
        "ar",
        "--lags",
        4,
    ]
    code, out, err = run(*typed, "--json")
    assert code == 6
    assert json.loads(out)["status"]["a"] == "ok"
    assert "3 of 5 series failed" in err
    assert "\u202e" not in err
    code, out, err = run(
        "forecast", tmp_path / "p.csv", "--id", "unique_id", "--value", "y", "--time", "ds", "--horizon", 2, "--lags", 4
    )
    assert code == 6
    rows = list(csv.DictReader(out.splitlines()))
    assert [(r["series"], r["k"]) for r in rows][:4] == [("b", "1"), ("b", "2"), ("a", "1"), ("a", "2")]
    long_table().to_csv(tmp_path / "good.csv", index=False)
    assert run("evaluate", tmp_path / "good.csv", *typed[2:])[0] == 0


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_F1_accepted(csv, content):
    series = sa.read(csv(content), value="x", time="t")
    assert series.values.tolist() == [3.5, 4.0]
    assert series.times.tolist() == [1, 2]
    assert series.name == "x"
