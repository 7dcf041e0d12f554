"""Tables of many series, as frames and as CSV files, good and bad."""

from __future__ import annotations

import pandas as pd

from .data import sine


def long_table(bad: bool = False) -> pd.DataFrame:
    rows = [("b", t, v) for t, v in enumerate(sine(0, 80))] + [("a", t, 5 + v) for t, v in enumerate(sine(1, 60))]
    if bad:
        rows += (
            [("short", t, 1.0 * t) for t in range(4)]
            + [("holes", t, None) for t in range(60)]
            + [("../x\u202e", 0, 1.0)]
        )
    return pd.DataFrame(rows, columns=["unique_id", "ds", "y"])


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
