"""CSV files: rows F, T4 and V10 of the promises."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa


@pytest.fixture
def csv(tmp_path):
    def write(content, name="f.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


GOOD = {
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


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_F1_accepted(csv, content):
    series = sa.read(csv(content), value="x", time="t")
    assert series.values.tolist() == [3.5, 4.0]
    assert series.times.tolist() == [1, 2]
    assert series.name == "x"


# content, keywords, code, words that must be in the message
BAD = {
    "F2 latin-1": ("t,x\n1,3\n2,é\n".encode("latin-1"), {}, "encoding", ["encoding=", "offset 10"]),
    "F2 gbk": ("时间,x\n1,3\n".encode("gbk"), {}, "encoding", ["encoding="]),
    "F2 utf-16": ("t,x\n1,3\n".encode("utf-16"), {}, "encoding", ["utf-16"]),
    "F3 empty": ("", {}, "empty", []),
    "F3 blank": ("\n\n", {}, "empty", []),
    "F3 header only": ("t,x\n", {}, "empty", ["no rows"]),
    "F3 ragged, short": ("t,x\n1,3\n2\n", {}, "ragged", ["line 3", "1 cells", "2 expected"]),
    "F3 ragged, long": ("t,x\n1,3\n2,4,5\n", {}, "ragged", ["line 3", "3 cells"]),
    "F3 open quote": ('t,x\n1,"3\n2,4\n', {}, "csv", ["quote"]),
    "F3 NUL": (b"t,x\n1,3\n2,\x004\n", {}, "nul", ["line 3"]),
    "F4 no such column": ("t,load\n1,3\n", {"value": "lod"}, "column", ["'load'", "'t'", "did you mean"]),
    "F4 repeated column": ("t,x,x\n1,3,4\n", {"value": "x"}, "column-repeated", ["2 times"]),
    "F4 which column": ("t,x,y\n1,3,4\n", {"value": None}, "column", ["value="]),
    "V10 decimal comma": ('t,x\n1,"3,5"\n2,"4,25"\n', {}, "decimal-comma", ['decimal=","', "line 2", "3,5"]),
    "V9 text among numbers": ("t,x\n1,3.5\n2,abc\n3,4\n", {}, "not-a-number", ["line 3", "abc"]),
    "V9 underscores": ("t,x\n1,1_000\n2,3\n", {}, "not-a-number", ["1_000"]),
    "V1 missing": ("t,x\n1,3.5\n2,\n3,NA\n", {}, "missing-values", ["2 of 3"]),
    "V4 infinite": ("t,x\n1,3.5\n2,inf\n", {}, "infinite-values", []),
    "T2 repeated": ("t,x\n1,3.5\n1,4\n", {"time": "t"}, "time-repeated", []),
    "T4 ambiguous date": (
        "t,x\n01/02/2020,3\n02/02/2020,4\n",
        {"time": "t"},
        "ambiguous-date",
        ["2020-02-01", "2020-01-02"],
    ),
    "T4 no date": ("t,x\n2020-01-01,3\nsoon,4\n", {"time": "t"}, "not-a-time", ["line 3", "soon"]),
    "T4 no such day": ("t,x\n2020-02-30,3\n2020-03-01,4\n", {"time": "t"}, "not-a-time", ["2020-02-30"]),
    "F1 a mark and nothing else": (b"\xef\xbb\xbf", {}, "empty", []),
    "F2 cut in the middle of a character": ("t,x\n1,3\n2,4 \u00e9".encode()[:-1], {}, "encoding", ["encoding="]),
    "F2 a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "encoding", ["0x89"]),
    "F3 blank cells only": ("t,x\n,\n,\n", {}, "missing-values", ["none was observed"]),
    "F3 ragged with semicolons": ("t;x\n1;3\n2\n", {}, "ragged", ["line 3"]),
    "F3 ragged after a quoted line end": ('t,x\n"a\nb",3\n2\n', {}, "ragged", ["line 4"]),
    "F3 text behind a quote": ('t,x\n1,"3"4\n', {}, "csv", ["line 2"]),
    "F3 a field of two megabytes": ("t,x\n1," + "9" * (2 << 20) + "\n", {}, "csv", ["line 2"]),
    "F4 no such time": ("t,x\n1,3\n", {"time": "when"}, "column", ["'when'", "'t'"]),
    "F4 time twice": ("t,t,x\n1,1,3\n", {"time": "t"}, "column-repeated", ["2 times"]),
    "F4 a header without names": (",\n1,3\n", {}, "column", []),
    "V4 a number past the range": ("t,x\n1,3\n2,1e400\n", {}, "infinite-values", []),
    "V13 commas between hundreds": ('t,x\n1,"12,34,567"\n2,"5,678"\n', {}, "thousands", ["line 2", "12,34,567"]),
    "V12 percent": ("t,x\n1,50%\n2,20%\n", {}, "not-a-number", ["line 2", "'50%'", "'%'", "'50'", "symbols=True"]),
    "V13 points that are not between thousands": (
        "t;x\n1;1.512\n2;1.51\n3;1.700\n",
        {"decimal": ","},
        "decimal-point",
        ["line 3", "'1.51'", 'decimal="."'],
    ),
    "V9 a unit behind the number": ("t,x\n1,3 kW\n2,4\n", {}, "not-a-number", ["line 2", "3 kW"]),
    "V9 an error of a spreadsheet": ("t,x\n1,3\n2,#REF!\n", {}, "not-a-number", ["line 3", "#REF!"]),
    "T2 repeated dates": ("t,x\n2024-01-01,3\n2024-01-01,4\n", {"time": "t"}, "time-repeated", ["2024-01-01"]),
    "T4 a time is missing": ("t,x\n2024-01-01,3\n,4\n", {"time": "t"}, "time-missing", ["row 1"]),
    "T4 an hour of 25": ("t,x\n2024-01-01 25:00,3\n2024-01-02 00:00,4\n", {"time": "t"}, "not-a-time", ["line 2"]),
    "T4 numbers and dates": ("t,x\n1,3\n2024-01-02,4\n", {"time": "t"}, "not-a-time", ["'1'"]),
    "F5 no file": (None, {}, "file", ["No such file"]),
}


@pytest.mark.parametrize(("content", "keywords", "code", "words"), BAD.values(), ids=BAD.keys())
def test_bad_files_say_what_and_where(csv, tmp_path, content, keywords, code, words):
    path = tmp_path / "no.csv" if content is None else csv(content)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.read(path, **{"value": "x", **keywords})
    assert caught.value.code == code, caught.value
    for word in words:
        assert word in str(caught.value)


def test_what_the_options_are_for(csv):
    assert sa.read(csv('t;x\n1;"1.234,5"\n2;4,25\n'), "x", decimal=",").values.tolist() == [1234.5, 4.25]
    assert sa.read(csv("t,x\n1,3\n", encoding="utf-16"), "x", encoding="utf-16").values.tolist() == [3.0]
    assert sa.read(csv("时间,负荷\n1,3\n2,5\n", encoding="gbk"), "负荷", "时间", encoding="gbk").name == "负荷"
    skipped = sa.read(csv("t,x\n1,3\n2,\n3,5\n"), "x", missing="skip").values
    assert skipped[[0, 2]].tolist() == [3.0, 5.0]
    assert np.isnan(skipped[1])
    assert sa.read(csv("t,x\n1,3\n"), time="t").values.tolist() == [3.0]
    for bad in ({"decimal": ";"}, {"encoding": "klingon"}, {"missing": "drop"}):
        with pytest.raises(sa.errors.ParameterError):
            sa.read(csv("t,x\n1,3\n"), "x", **bad)


def test_text_becomes_symbols(csv):
    series = sa.read(csv("t,w\n1,rain\n2,sun\n3,rain\n"), "w")
    assert series.categories == ("rain", "sun")
    assert series.values.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-01-31", "2024-02-29"], "2024-01-31"),
        (["2024-01", "2024-02"], "2024-01"),
        (["2024-01-31 13:00:00", "2024-01-31 14:00:00"], "2024-01-31T13:00:00"),
        (["2024-01-31T13:00", "2024-01-31T14:00"], "2024-01-31T13:00"),
        (["2024-01-31T13:00+02:00", "2024-01-31T13:00+01:00"], "2024-01-31T11:00"),
        (["2024-01-31T13:00Z", "2024-01-31T14:00Z"], "2024-01-31T13:00"),
        (["31/01/2024", "01/02/2024"], "2024-01-31"),
        (["01/31/2024 9:30", "02/01/2024 9:30"], "2024-01-31T09:30"),
        (["2300-01-01", "2301-01-01"], "2300-01-01"),
        (["-5", "7"], "-5"),
        (["0.5", "1.5"], "0.5"),
    ],
)
def test_times_that_are_clear(csv, cells, first):
    path = csv("t,x\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert str(sa.read(path, "x", "t").times[0]) == first
