"""The corpus of docs/your-file.md: small files as programs export them, what to type for each, and what it is.

Of a file that is read: how many values, the first and the last of them, the first and the last time, and the next one
(worked out by hand; the tests ask pandas as well). Of one that is refused: words of the message, and what to do.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

Y = tuple(round(20.0 + 5.0 * math.sin(0.7 * i), 2) for i in range(48))
"""The values of every file."""


@dataclass(frozen=True)
class Kind:
    """One file of the corpus.

    Attributes
    ----------
    file, content : its name and its bytes.
    source : where such a file comes from, in English and Chinese.
    options : what to type, {option: value}, without the file.
    length, first, last, following : of what is read; the values are `Y`, from the first on, `missing` being blank.
    refused : words of the message; empty where the file is read.
    """

    file: str
    content: bytes
    source: tuple[str, str]
    options: dict[str, str] = field(default_factory=dict)
    length: int = 0
    first: str = ""
    last: str = ""
    following: str = ""
    missing: tuple[int, ...] = ()
    refused: str = ""


def _text(rows: list[str], end: str = "\n", encoding: str = "utf-8") -> bytes:
    return (end.join(rows) + end).encode(encoding)


def _days(count: int, start: str = "2024-01-01", step: int = 1) -> list[date]:
    return [date.fromisoformat(start) + timedelta(days=step * i) for i in range(count)]


def _busy(count: int, mask: str, start: str = "2024-01-01") -> list[date]:
    """The first days of a week, Monday first in `mask`."""
    return [day for day in _days(4 * count, start) if mask[day.weekday()] == "1"][:count]


def _rows(head: str, times: list[str], values: list[str], separator: str = ",") -> list[str]:
    return [head, *[separator.join(pair) for pair in zip(times, values, strict=True)]]


def _numbers(count: int, comma: bool = False) -> list[str]:
    return [f"{y:.2f}".replace(".", "," if comma else ".") for y in Y[:count]]


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def _wav(count: int) -> bytes:
    """32-bit floats, 100 a second."""
    samples = struct.pack(f"<{count}f", *[y / 32.0 for y in Y[:count]])
    form = struct.pack("<HHIIHH", 3, 1, 100, 400, 4, 32)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _stamps(start: str, hours: int, count: int) -> list[datetime]:
    return [datetime.fromisoformat(start) + timedelta(hours=hours * i) for i in range(count)]


ISO = [day.isoformat() for day in _days(48)]
PLAIN = {"value": "y", "time": "t"}
OPEN = [f"{day} {hour:02d}:00" for day in _busy(10, "1111100") for hour in range(7, 18)][:48]
MONTHS = [f"{2020 + i // 12}-{i % 12 + 1:02d}" for i in range(24)]
THIRTIETH = [(date(2023 + (8 + i) // 12, (8 + i) % 12 + 1, 1), i) for i in range(18)]
THE_30TH = [
    (day.replace(day=min(30, ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day)))
    for day, _ in THIRTIETH
]
BERLIN = [
    f"2024-03-{day:02d}T00:00:00+0{1 if day <= 31 else 2}:00" for day in range(15, 32)
] + [f"2024-04-{day:02d}T00:00:00+02:00" for day in range(1, 12)]  # fmt: skip
SYDNEY = [
    f"{day.isoformat()}T00:00:00+{'11' if day <= date(2024, 4, 7) else '10'}:00" for day in _days(28, "2024-03-25")
]

KINDS: tuple[Kind, ...] = (
    # Excel in three locales.
    Kind(
        "excel-us.csv",
        b"\xef\xbb\xbf" + _text(_rows("t,y", [f"{d.month}/{d.day}/{d.year}" for d in _days(48)], _numbers(48)), "\r\n"),
        ("Excel, United States", "Excel，美国"), PLAIN, 48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "excel-de.csv",
        _text(["sep=;", *_rows("t;y", [f"{d:%d.%m.%Y}" for d in _days(48)], _numbers(48, True), ";"), ";", ";"], "\r\n"),
        ("Excel, Germany: sep=, comma, rows of separators", "Excel，德国：sep= 行、小数逗号、末尾的空行"),
        {**PLAIN, "decimal": ","}, 48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "excel-zh.csv",
        _text(_rows("日期,y", [f"{d.year}年{d.month}月{d.day}日" for d in _days(48)], _numbers(48)), "\r\n", "gbk"),
        ("Excel, China: GBK", "Excel，中国：GBK 编码"), {"value": "y", "time": "日期", "encoding": "gbk"},
        48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "excel-unicode.txt", _text(_rows("t\ty", ISO, _numbers(48), "\t"), "\r\n", "utf-16"),
        ("Excel, Unicode text", "Excel，Unicode 文本"), {**PLAIN, "encoding": "utf-16"},
        48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "excel-errors.csv",
        _text(_rows("t,y", ISO, [{5: "#N/A", 9: "#DIV/0!"}.get(i, y) for i, y in enumerate(_numbers(48))])),
        ("Excel, cells that failed", "Excel，出错的单元格"), {**PLAIN, "missing": "skip"},
        48, "2024-01-01", "2024-02-17", "2024-02-18", (5, 9),
    ),
    Kind(
        "excel-months.csv",
        _text(_rows("t,y", [date.fromisoformat(f"{m}-01").strftime("%b-%y") for m in MONTHS], _numbers(24))),
        ("Excel, months such as Jan-20", "Excel，Jan-20 这样的月份"), PLAIN, 24, "2020-01", "2021-12", "2022-01",
    ),
    # pandas, polars, R.
    Kind(
        "pandas-index.csv", _text(_rows(",y", ISO, _numbers(48))), ("pandas, to_csv of a series", "pandas，序列的 to_csv"),
        {"value": "y", "time": ""}, 48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "pandas-zone.csv",
        _text(_rows("t,y", [f"{d} 00:00:00+08:00" for d in ISO], _numbers(48))),
        ("pandas, times in a zone", "pandas，带时区的时间"), PLAIN,
        48, "2024-01-01T00:00:00+08:00", "2024-02-17T00:00:00+08:00", "2024-02-18T00:00:00+08:00",
    ),
    Kind(
        "polars.csv", _text(_rows("t,y", [f"{s:%Y-%m-%dT%H:%M:%S}.000000" for s in _stamps("2024-01-01", 6, 48)], _numbers(48))),
        ("polars, write_csv", "polars，write_csv"), PLAIN, 48, "2024-01-01", "2024-01-12T18:00:00", "2024-01-13",
    ),
    Kind(
        "r-names.csv", _text(['"","y"', *[f'"{i + 1}",{y}' for i, y in enumerate(_numbers(48))]]),
        ("R, write.csv", "R，write.csv"), {"value": "y"}, 48,
    ),
    Kind(
        "r-table.txt", _text(['"t" "y"', *[f'"{i + 1}" "{t}" {y}' for i, (t, y) in enumerate(zip(ISO, _numbers(48), strict=True))]]),
        ("R, write.table: a name less than cells", "R，write.table：表头少一格"), PLAIN,
        48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "r-na.csv", _text(_rows("t,y", ISO, [{3: "NA"}.get(i, y) for i, y in enumerate(_numbers(48))])),
        ("R, a value that is NA", "R，NA 值"), {**PLAIN, "missing": "skip"}, 48, "2024-01-01", "2024-02-17", "2024-02-18", (3,),
    ),
    # Databases and offices of statistics.
    Kind(
        "postgres.csv", _text(_rows("t|y", [f"{s:%Y-%m-%d %H:%M:%S}+00" for s in _stamps("2024-01-01", 1, 48)],
                                    [{7: "\\N"}.get(i, y) for i, y in enumerate(_numbers(48))], "|")),
        ("PostgreSQL, with bars and \\N", "PostgreSQL，竖线分隔，\\N"), {**PLAIN, "missing": "skip"},
        48, "2024-01-01T00:00:00+00:00", "2024-01-02T23:00:00+00:00", "2024-01-03T00:00:00+00:00", (7,),
    ),
    Kind(
        "oracle.csv", _text(_rows("T,Y", [f"{d:%d-%b-%y}".upper() for d in _days(48)], _numbers(48))),
        ("Oracle, days such as 31-JAN-24", "Oracle，31-JAN-24 这样的日期"), {"value": "Y", "time": "T"},
        48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "eurostat.csv", _text(_rows("t,y", [m.replace("-", "M") for m in MONTHS], [{2: ":"}.get(i, y) for i, y in enumerate(_numbers(24))])),
        ("Eurostat, 2020M01 and a colon", "Eurostat，2020M01 与冒号"), {**PLAIN, "missing": "skip"},
        24, "2020-01", "2021-12", "2022-01", (2,),
    ),
    Kind(
        "quarters.csv", _text(_rows("t,y", [f"{2008 + i // 4}Q{i % 4 + 1}" for i in range(24)], _numbers(24))),
        ("quarters, 2008Q1", "季度，2008Q1"), PLAIN, 24, "2008-01", "2013-10", "2014-01",
    ),
    Kind(
        "weeks.csv", _text(_rows("t,y", [f"2018-W{i + 1:02d}" for i in range(48)], _numbers(48))),
        ("weeks, 2018-W01", "周，2018-W01"), PLAIN, 48, "2018-01-01", "2018-11-26", "2018-12-03",
    ),
    Kind(
        "whole-numbers.csv", _text(_rows("t,y", [m.replace("-", "") for m in MONTHS], _numbers(24))),
        ("months as whole numbers, 202001", "整数写的月份，202001"), PLAIN, 24, "2020-01", "2021-12", "2022-01",
    ),
    # Calendars.
    Kind(
        "weekdays.csv", _text(_rows("t,y", [d.isoformat() for d in _busy(48, "1111100")], _numbers(48))),
        ("days of a five-day week", "五天工作周"), PLAIN, 48, "2024-01-01", "2024-03-06", "2024-03-07",
    ),
    Kind(
        "sunday-to-thursday.csv", _text(_rows("t,y", [d.isoformat() for d in _busy(48, "1111001", "2024-01-07")], _numbers(48))),
        ("days from Sunday to Thursday", "周日到周四"), PLAIN, 48, "2024-01-07", "2024-03-12", "2024-03-13",
    ),
    Kind(
        "opening-hours.csv", _text(_rows("t,y", OPEN, _numbers(48))), ("hours from 7 to 17 on weekdays", "工作日 7 到 17 点"),
        PLAIN, 48, "2024-01-01T07:00", "2024-01-05T10:00", "2024-01-05T11:00",
    ),
    Kind(
        "the-30th.csv", _text(_rows("t,y", [d.isoformat() for d in THE_30TH], _numbers(18))),
        ("the 30th of each month", "每月 30 日"), PLAIN, 18, "2023-09-30", "2025-02-28", "2025-03-30",
    ),
    Kind(
        "berlin.csv", _text(_rows("t,y", BERLIN, _numbers(28))),
        ("midnights of Berlin, clock forward", "柏林的零点，拨快"), PLAIN,
        28, "2024-03-15T00:00:00+01:00", "2024-04-11T00:00:00+02:00", "2024-04-12T00:00:00+02:00",
    ),
    Kind(
        "sydney.csv", _text(_rows("t,y", SYDNEY, _numbers(28))),
        ("midnights of Sydney, clock back", "悉尼的零点，拨慢"), PLAIN,
        28, "2024-03-25T00:00:00+11:00", "2024-04-21T00:00:00+10:00", "2024-04-22T00:00:00+10:00",
    ),
    Kind(
        "two-columns.csv",
        _text([*["Date;Time;y;;"], *[f"{s:%d/%m/%Y};{s:%H.%M.%S};{y};;" for s, y in
               zip(_stamps("2004-03-13T18:00", 1, 48), _numbers(48, True), strict=True)], ";;;;"]),
        ("a date and a time of day in two columns", "日期与时刻分两列"), {"value": "y", "time": "Date,Time", "decimal": ","},
        48, "2004-03-13T18:00:00", "2004-03-15T17:00:00", "2004-03-15T18:00:00",
    ),
    # Long tables, packed files, sound.
    Kind(
        "long.csv",
        _text(["store_nbr,family,t,y", *[f"{s},{f},{t},{y}" for t, y in zip(ISO[:24], _numbers(24), strict=True)
               for s in (1, 2) for f in ("BREAD", "EGGS")]]),
        ("a long table with two ids", "有两列标识的长表"), {**PLAIN, "id": "store_nbr,family"},
        24, "2024-01-01", "2024-01-24", "2024-01-25",
    ),
    Kind(
        "long-bad.csv",
        _text(["id,t,y", *[f"{s},{t},{'?!' if s == 'b' and t == ISO[4] else y}" for t, y in
               zip(ISO[:24], _numbers(24), strict=True) for s in ("a", "b", "c")]]),
        ("a long table with one bad cell", "有一个坏单元格的长表"), {**PLAIN, "id": "id"},
        24, "2024-01-01", "2024-01-24", "2024-01-25",
    ),
    Kind(
        "packed.csv.gz", gzip.compress(_text(_rows("t,y", ISO, _numbers(48))), mtime=0), ("CSV in gzip", "gzip 里的 CSV"), PLAIN,
        48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind(
        "packed.zip", _zip({"data.csv": _text(_rows("t,y", ISO, _numbers(48)))}), ("a zip of one CSV", "只有一个 CSV 的 zip"),
        PLAIN, 48, "2024-01-01", "2024-02-17", "2024-02-18",
    ),
    Kind("sound.wav", _wav(48), ("WAV of 32-bit floats", "32 位浮点 WAV"), {}, 48, "0", "0.47", "0.48"),
    # Refused.
    Kind(
        "book.xlsx", _zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        ("an Excel workbook", "Excel 工作簿"), PLAIN, refused='an Excel workbook: save it as CSV, or give pandas.read_excel("book.xlsx")',
    ),
    Kind(
        "no-header.csv", _text(_numbers(48)), ("no line of names", "没有表头"), {},
        refused="are values, not names of columns: put a line of names before it",
    ),
    Kind(
        "utf-16.csv", _text(_rows("t,y", ISO, _numbers(48)), encoding="utf-16-le"), ("UTF-16 without a mark", "没有标记的 UTF-16"),
        PLAIN, refused='it looks like UTF-16 without a byte order mark: give encoding="utf-16-le"',
    ),
    Kind(
        "ambiguous.csv", _text(_rows("t,y", [f"{d.day:02d}/{d.month:02d}/2024" for d in _days(9)], _numbers(9))),
        ("days that can be months", "日与月分不清"), PLAIN, refused="write ISO dates",
    ),
    Kind(
        "mixed-zones.csv", _text(_rows("t,y", [f"{t}T00:00{'Z' * (i % 2)}" for i, t in enumerate(ISO[:9])], _numbers(9))),
        ("some times with a zone, some without", "有的时间带时区，有的不带"), PLAIN, refused="give all of them a zone, or none",
    ),
    Kind(
        "money.csv", _text(_rows("t,y", ISO[:9], [f"{y} EUR" for y in _numbers(9)])), ("a currency beside the number", "数字旁的货币"),
        PLAIN, refused="is not a number: without 'EUR' it is",
    ),
    Kind(
        "families.csv", _text(["family,t,y", *[f"{f},{t},1" for t in ISO[:9] for f in ("BREAD", "EGGS")]]),
        ("many series, no --id", "多个序列，没有 --id"), PLAIN, refused='read_panel(.., id="family")',
    ),
    Kind(
        "ragged.csv", _text([*_rows("t,y", ISO[:9], _numbers(9)), "2024-01-10,1,2"]), ("a row with a cell too many", "多一格的行"),
        PLAIN, refused="line 11: 3 cells found, 2 expected",
    ),
    Kind(
        "data.json", b'[{"t": "2024-01-01", "y": 1}]', ("JSON", "JSON"), PLAIN, refused='pandas.read_json("data.json")',
    ),
    Kind("empty.csv", b"", ("an empty file", "空文件"), PLAIN, refused="is empty"),
)  # fmt: skip
"""F1-F6 of the promises, and what other programs write."""
