"""The pages "Your file": docs/your-file.md and docs/zh/your-file.md, made by reading the corpus of file_kinds.

python docs/make_files.py
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import stepahead as sa
from stepahead.cells import ABSENT

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
from file_kinds import KINDS, Kind  # noqa: E402

PAGES = {"en": DOCS / "your-file.md", "zh": DOCS / "zh" / "your-file.md"}
HEAD = {
    "en": """# Your file

What is read, what is refused, and what to type. Each row of the tables is a small file, made as some program exports it, and read when this page was made
(`python docs/make_files.py`); a test reads all of them again, from Python and on the command line. In Python an option is an argument: `--time t` is `time="t"`.

```text
import stepahead as sa

series = sa.read("sales.csv", value="sold", time="day", every="B, DE", missing="skip")
panel = sa.read_panel("train.csv", value="sales", time="date", id="store_nbr,family")
```

## Read
""",
    "zh": """# 我的文件

什么能读，什么会被拒绝，该怎么写。下表每一行是一个小文件，按某个程序导出的样子做成，生成本页时（`python docs/make_files.py`）真的读过一遍；测试会从 Python 和命令行再各读一遍。
命令行的选项就是 Python 的参数：`--time t` 即 `time="t"`。

```text
import stepahead as sa

series = sa.read("sales.csv", value="sold", time="day", every="B, DE", missing="skip")
panel = sa.read_panel("train.csv", value="sales", time="date", id="store_nbr,family")
```

## 能读的
""",
}
COLUMNS = {
    "en": ("| from | file | type | values | first time | last time | the next |\n|---|---|---|---|---|---|---|",
           "| what | file | the message |\n|---|---|---|"),
    "zh": ("| 来源 | 文件 | 这样写 | 值 | 首个时间 | 末个时间 | 下一个 |\n|---|---|---|---|---|---|---|",
           "| 什么 | 文件 | 报错（英文） |\n|---|---|---|"),
}  # fmt: skip
REFUSED = {"en": "\n## Refused, and what to do\n", "zh": "\n## 会被拒绝的，以及怎么办\n"}
TAIL = {
    "en": """
## Missing values

These count as missing, in capital or small letters: {signs}, and an empty cell. In a column of words `none`, `nil` and `missing` are words. A missing value is an
error unless you type `--missing skip`: windows and targets with one are then left out.

## Times

ISO dates; days, months, quarters and weeks as text (`2024-01-31`, `1/31/2024 1:00 PM`, `31.01.2024`, `2024年1月31日`, `31-JAN-24`, `Jan 2024`, `2024M01`, `2024Q1`, `2024-W05`);
whole numbers such as `202401` or `20240131`, with a note; other numbers as numbers. Where day and month cannot be told apart the file is refused. Times in a zone are kept in UTC, told in
their zone, and stepped on its clock: a day is a day where clocks are set. Two columns: `--time Date,Time`.

## The step of time

`--every` takes the spellings of pandas and polars: `15min`, `1h`, `1D`, `1W`, `1M` or `1mo`, `1Q`, `QE-JAN`, `MS`. `15m` is refused: it can be minutes or months. A gap is then an error, or missing.

| type | the days |
|---|---|
| `--every B` | Monday to Friday |
| `--every Sun-Thu`, `--every "Mon Wed Fri"`, `--every 1111110` | those days |
| `--every "B, 2024-12-25, 2024-12-26"` | without these dates |
| `--every "B, DE"`, `--every "B, US-CA"`, `--every "B, NYSE"` | without the holidays of a country, a state, an exchange: `pip install "stepahead[calendar]"` |

Without `--every` the week, the opening hours or the day of the month are found in the times, noted, and followed by the times ahead. Where they cannot be told, the column and a note say why.

## Many series

`--id store_nbr,family` names the columns that tell series apart. One series with a bad cell, a time of another kind or no id costs no other: it is set aside with its line (`panel.refused`,
exit code 6). Above 2,000 series `stepahead evaluate` fits each model to each series by itself and keeps errors alone.
""",
    "zh": """
## 缺失值

下面这些（不分大小写）算缺失：{signs}，以及空单元格。在文字列里，`none`、`nil`、`missing` 是文字。有缺失值就报错；写 `--missing skip` 则只略过碰到它的窗口和目标。

## 时间

ISO 日期；文字写的日、月、季度、周（`2024-01-31`、`1/31/2024 1:00 PM`、`31.01.2024`、`2024年1月31日`、`31-JAN-24`、`Jan 2024`、`2024M01`、`2024Q1`、`2024-W05`）；
`202401`、`20240131` 这样的整数当作日期，并有提示；其他数字就是数字。分不清日和月的文件会被拒绝。带时区的时间以 UTC 保存，按原来的时区显示，并按当地的钟走：拨钟那天也是一天。
分两列的：`--time Date,Time`。

## 时间的步长

`--every` 认得 pandas 和 polars 的写法：`15min`、`1h`、`1D`、`1W`、`1M` 或 `1mo`、`1Q`、`QE-JAN`、`MS`。`15m` 会被拒绝：它可以是分钟，也可以是月。给了步长，缺口就是错误，或者算缺失。

| 这样写 | 哪些天 |
|---|---|
| `--every B` | 周一到周五 |
| `--every Sun-Thu`、`--every "Mon Wed Fri"`、`--every 1111110` | 写出的那些天 |
| `--every "B, 2024-12-25, 2024-12-26"` | 去掉这些日子 |
| `--every "B, DE"`、`--every "B, US-CA"`、`--every "B, NYSE"` | 去掉一个国家、一个州、一个交易所的假日：`pip install "stepahead[calendar]"` |

没有 `--every` 时，会从时间里找出工作周、营业时间或每月的哪一天，加以提示，以后的时间照此推下去。推不出来时，那一列和提示会说明原因。

## 多个序列

`--id store_nbr,family` 指出用哪些列区分序列。一个序列有坏单元格、另一种时间或没有标识，不影响其他序列：它被放到一边，并注明行号（`panel.refused`，退出码 6）。
超过 2,000 个序列时，`stepahead evaluate` 对每个序列单独拟合，只保留误差。
""",
}


def read(kind: Kind, folder: Path) -> Any:
    """The series of a file, or the panel; as `sa.read` gives it."""
    (folder / kind.file).write_bytes(kind.content)
    path, how = Path(kind.file), dict[str, Any](kind.options)
    # From inside the folder: messages then have the name of the file, not of a folder of this machine.
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
        return sa.read_panel(path, **how) if "id" in how else sa.read(path, **how)


def shown(text: str) -> str:
    """A text in a cell of a table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def drawn(language: str) -> str:
    """A whole page."""
    good, bad = [], []
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            where = shown(kind.source[language == "zh"])
            options = " ".join(f"--{name} {_typed(value)}" for name, value in kind.options.items())
            try:
                found = read(kind, Path(folder))
            except sa.errors.InputError as error:
                message = shown(str(error))
                bad.append(f"| {where} | `{kind.file}` | {message} |")
                continue
            series = found[0] if isinstance(found, sa.Panel) else found
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
                ahead = sa.forecast(sa.baselines.Naive().fit(series), series, 1)
            following = "" if ahead.times is None else repr(ahead).splitlines()[2].split()[0]
            many = f"{len(found)} × " if isinstance(found, sa.Panel) else ""
            first, last = (series.when(0), series.when(-1)) if series.times is not None else ("", "")
            count = f"{many}{len(series)}"
            typed = f"`{options}`" if options else ""
            good.append(f"| {where} | `{kind.file}` | {typed} | {count} | {first} | {last} | {following} |")
    signs = (", " if language == "en" else "、").join(f"`{shown(sign)}`" for sign in sorted(ABSENT) if sign)
    table, refusals = COLUMNS[language]
    return "\n".join(
        [HEAD[language], table, *good, REFUSED[language], refusals, *bad, TAIL[language].format(signs=signs)]
    )


def _typed(value: str) -> str:
    return f'"{value}"' if not value or " " in value else value


def main() -> None:
    """Write both pages."""
    for language, path in PAGES.items():
        path.write_text(drawn(language), encoding="utf-8")


if __name__ == "__main__":
    main()
