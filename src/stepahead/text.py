"""Numbers, names and tables as text, HTML and frames: how every report writes them."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import numpy as np

from .errors import cut, escaped, missing_extra

Cells = Sequence[Sequence[str]]
NONE, MINUS = "–", "−"
LARGEST, SMALLEST = 1e7, 1e-4
EXPONENT = -1
"""Given instead of a number of decimals: all numbers are written with an exponent."""
_PLACEHOLDER = re.compile(r"\{(\w+)(?::([\w -]+))?\}")


def fill(text: str, **values: object) -> str:
    """`text` with its placeholders filled in, in one pass: text that is filled in is not searched again.

    ``{n:step}`` is a count with its English noun, which takes an s unless the count is 1. A Latin word stands apart
    from a Chinese letter before it.

    >>> fill("{model}: {n} steps", model="{n}", n=4), fill("{n:held-out origin}", n=1), fill("{n:step}", n="1,000")
    ('{n}: 4 steps', '1 held-out origin', '1,000 steps')
    >>> fill("请用{name}。", name="promo"), fill("请用{name}。", name="最后一个值")
    ('请用 promo。', '请用最后一个值。')
    """

    def filled(found: re.Match[str]) -> str:
        value = str(values[found[1]])
        before, first = text[found.start() - 1 : found.start()], value[:1]
        if "\u4e00" <= before <= "\u9fff" and first.isascii() and first.isalpha():
            value = f" {value}"
        return f"{value} {found[2]}{'s' * (value != '1')}" if found[2] else value

    return _PLACEHOLDER.sub(filled, text)


def printable(name: str, longest: int = sys.maxsize) -> str:
    r"""A name that is safe to print, truncated if longer: control and text-direction characters as escapes.

    >>> printable("a\u202eb"), printable("x" * 9, 4)
    ('a\\u202eb', 'xxx…')
    """
    return cut(escaped(name), longest)


# -- numbers: drawing.js formats those of its moving figures in the same way ----------------------------------------


def decimals(values: Iterable[float]) -> int:
    """How many decimals a table takes: three digits for its smallest number, at most two more than its largest needs.

    >>> decimals([0.204, 0.847]), decimals([12.5, 0.003]), decimals([35200.0]), decimals([3e-9])
    (3, 3, 0, -1)
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    if not sizes:
        return 3
    if not SMALLEST <= max(sizes) < LARGEST:
        return EXPONENT
    least, most = (max(0, 2 - math.floor(math.log10(size))) for size in (max(sizes), min(sizes)))
    return min(most, least + 2)


def number(value: float, places: int = 3) -> str:
    """A number as text: with a minus sign (U+2212) and thousands separators, a dash for NaN, an exponent if necessary.

    >>> number(-0.2049), number(12345.6, 0), number(float("nan")), number(2e-9), number(3.14e-7, EXPONENT)
    ('−0.205', '12,346', '–', '2.0e−9', '3.14e−7')
    """
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    with localcontext(rounding=ROUND_HALF_UP):  # as a browser rounds
        if places != EXPONENT and abs(value) < LARGEST and not 0.0 < abs(value) < 0.5 * 10.0**-places:
            text = f"{Decimal(value or 0.0):,.{places}f}"
        else:
            text = f"{Decimal(value):.{2 if places == EXPONENT else 1}e}".replace("+", "") if value else "0"
    return text.replace("-", MINUS)


def typed(value: float, places: int = 3) -> str:
    """A number in ASCII, for a terminal and for copying into a program.

    >>> typed(-0.2049), typed(12345.6, 0), typed(float("nan")), typed(float("-inf")), typed(2e-9)
    ('-0.205', '12346', '-', '-inf', '2.0e-9')
    """
    return number(value, places).translate(_TYPED)


_TYPED = str.maketrans({MINUS: "-", NONE: "-", "∞": "inf", ",": ""})


def share(value: float) -> str:
    """A share as a whole per cent, with a real minus.

    >>> share(0.8971), share(-1.15), share(-0.004)
    ('90%', '−115%', '0%')
    """
    text = NONE if math.isnan(value) else f"{100.0 * value:.0f}%".replace("-", MINUS)
    return "0%" if text == f"{MINUS}0%" else text


def ordinal(n: int, language: str = "en") -> str:
    """A whole number as an ordinal; in Chinese the number itself.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 24, 103, 1000)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '21st', '24th', '103rd', '1,000th']
    """
    if language == "zh":
        return f"{n:,}"
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n:,}{ending}"


# -- cells of a terminal ----------------------------------------------------------------------------------------------

NEVER_FIRST, NEVER_LAST = "，。；：、）！？」』》％,.;:)!?", "（「『《("


def cells(text: str) -> int:
    """How many cells of a terminal a text takes: two for a wide letter, none for a combining mark.

    >>> cells("AR(4)"), cells("误差"), cells("e\u0301")
    (5, 4, 1)
    """
    return sum(
        0
        if unicodedata.combining(letter) or letter == "\u2060"
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )


def padded(text: str, width: int, right: bool = False) -> str:
    """A text padded with spaces to `width` cells, at its end or (`right`) at its start."""
    space = " " * (width - cells(text))
    return space + text if right else text + space


AS_IF = "AS IF FORESEEN"
"""What stands beside a measured column that is taken as known, and in the name of what uses one: it is never cut."""
AS_IF_BRIEF = "AS IF"
"""What is left of it in a name of few cells."""
ENOUGH = 12
"""Cells of a name beside which all of it stands."""
_WITH_COLUMNS = re.compile(r"(.*?\)+) with (.+)")


def shortened(text: str, most: int, end: bool = False) -> str:
    """A text of at most `most` cells: a longer one loses its middle, as names often differ at the end; or its end. Of a
    model with columns their number is told; that one is taken as foreseen is never lost.

    >>> shortened("quarterly revenue of the month calendar", 22)
    'quarterly r…h calendar'
    >>> shortened("straight line plus average by phase", 20, end=True)
    'straight line plus…'
    >>> shortened("Regressed(AR(7)) with promo, holiday, weekday", 22)
    'Regressed(AR(7)) +3'
    >>> shortened("AR(7) with promo, warmth AS IF FORESEEN", 24)
    'AR(7) +2 AS IF FORESEEN'
    >>> shortened("AR(7) with promo, warmth AS IF FORESEEN", 16)
    'AR(7) +2 AS IF'
    """
    if cells(text) <= most:
        return text
    if AS_IF in text:
        rest = text.replace(f" {AS_IF}", "")
        room = most - len(AS_IF) - 1
        kept = shortened(rest, max(room, 0), end)
        if room >= ENOUGH or (room > 0 and "…" not in kept):
            return f"{kept} {AS_IF}"
        room = most - len(AS_IF_BRIEF) - 1
        return f"{shortened(rest, room, end)} {AS_IF_BRIEF}" if room > 2 else _cut(AS_IF_BRIEF, most, end=True)
    return _cut(counted(text), most, end)


def counted(name: str) -> str:
    """The name of a model with the number of its columns in place of them; any other name as it is."""
    count = counted_columns(name)
    return f"{name.partition(' with ')[0]} +{count}" if count else name


def _cut(text: str, most: int, end: bool = False) -> str:
    """A text without its middle, or its end, where it has more than `most` cells."""
    if cells(text) <= most:
        return text
    head, tail = "", ""
    if end:
        for letter in text:
            if cells(head) + cells(letter) > most - 1:
                return head.rstrip() + "…"
            head += letter
    for place in range(len(text)):  # a letter from each end in turn
        letter = text[-1 - place // 2] if place % 2 else text[place // 2]
        if cells(head) + cells(tail) + cells(letter) > most - 1:
            break
        head, tail = (head, letter + tail) if place % 2 else (head + letter, tail)
    return f"{head}…{tail}"


def shortened_apart(names: Iterable[str], most: int, end: bool = False) -> dict[str, str]:
    """Names that stand in one table, each of at most `most` cells as ``shortened`` has it, and no two of them alike:
    those that would be are told by what they differ in, and where even that is too long by a number.

    >>> list(shortened_apart(["Regressed(Scaled(SSA)) with a, b", "Regressed(Scaled(SES)) with a, b"], 17).values())
    ['Regresse…SSA)) +2', 'Regresse…SES)) +2']
    >>> list(shortened_apart(["AR(7) with promo, holiday", "AR(7) with promo, weekday"], 17).values())
    ['AR(7) +2: holiday', 'AR(7) +2: weekday']
    """
    found = {name: shortened(name, most, end) for name in dict.fromkeys(names)}
    for change in (_by_columns, _by_middle, _by_number):
        groups: dict[str, list[str]] = {}
        for name, short in found.items():
            groups.setdefault(short, []).append(name)
        for alike in groups.values():
            if len(alike) > 1:
                found |= change(alike, most)
    return found


def _by_columns(alike: Sequence[str], most: int) -> dict[str, str]:
    """Names of models that look alike, with those of their columns that not all of them have."""
    parts = [_WITH_COLUMNS.fullmatch(name.replace(f" {AS_IF}", "")) for name in alike]
    listed = [part[2].split(", ") if part else [] for part in parts]
    common = set(listed[0]).intersection(*listed)
    return {
        name: _foreseen(f"{counted(name.replace(f' {AS_IF}', ''))}: {', '.join(own)}" if own else name, name, most)
        for name, columns in zip(alike, listed, strict=True)
        for own in [[column for column in columns if column not in common]]
    }


def _by_middle(alike: Sequence[str], most: int) -> dict[str, str]:
    """Names that look alike, without most of what they begin with together."""
    plain = {name: counted(name.replace(f" {AS_IF}", "")) for name in alike}
    first = min(plain.values(), key=len)
    differing = (place for place, letters in enumerate(zip(*plain.values(), strict=False)) if len(set(letters)) > 1)
    same = next(differing, len(first))
    return {
        name: shortened(name, most)
        if text == first
        else _foreseen(f"{text[:2]}…{text[max(same - 1, 2) :]}", name, most)
        for name, text in plain.items()
    }


def _by_number(alike: Sequence[str], most: int) -> dict[str, str]:
    """Names that nothing else tells apart, by their order."""
    numbers = [f" ({place})" for place in range(1, len(alike) + 1)]
    return {name: shortened(name, max(most - len(own), 1)) + own for name, own in zip(alike, numbers, strict=True)}


def _foreseen(text: str, name: str, most: int) -> str:
    """A form of a name, which says that a column is taken as foreseen where the name does."""
    return shortened(f"{text} {AS_IF}" if AS_IF in name else text, most)


def counted_columns(name: str) -> int:
    """How many columns the name of a model tells; 0 for any other name.

    >>> counted_columns("AR(7) with promo, weekday"), counted_columns("sales with tax")
    (2, 0)
    """
    found = _WITH_COLUMNS.fullmatch(name)
    return found[2].count(",") + 1 if found else 0


def wrapped(text: str, width: float, indent: str = "", measure: Callable[[str], float] = cells) -> list[str]:
    """A paragraph as lines of at most `width` cells: broken at spaces, and between wide letters where that is allowed.

    >>> wrapped("Days 2 to 11: too close to call", 16)
    ['Days 2 to 11:', 'too close to', 'call']

    Parameters
    ----------
    measure : how wide a text is, in the unit of the width.
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if measure(indent + line + piece.rstrip()) <= width or not line:
            line += piece
            while measure(indent + line.rstrip()) > width:  # a single word longer than a line
                cut_at = next(n for n in range(len(line), 0, -1) if measure(indent + line[:n]) <= width or n == 1)
                lines.append(line[:cut_at])
                line = line[cut_at:]
        else:
            lines.append(line.rstrip())
            line = piece
    return [indent + found for found in [*lines, line.rstrip()] if found]


def _pieces(text: str) -> Iterator[str]:
    """The unbreakable pieces of a text: words with trailing spaces; a wide letter with its punctuation."""
    piece = ""
    for place, letter in enumerate(text):
        piece += letter
        after = text[place + 1 : place + 2]
        if not after or after == " " or after in NEVER_FIRST or letter in NEVER_LAST:
            continue
        if letter == " " or "W" in unicodedata.east_asian_width(letter) + unicodedata.east_asian_width(after):
            yield piece
            piece = ""
    if piece:
        yield piece


# -- tables ---------------------------------------------------------------------------------------------------------


def as_text(head: Sequence[str], rows: Cells, right: bool = True) -> str:
    """A table of plain text: the first column to the left, the others to the right unless they are words."""
    every = [list(head), *[list(row) for row in rows]]
    widths = [max(cells(row[i]) for row in every) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            padded(cell, width, right and place > 0)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in every
    )


def as_html(caption: str, head: Sequence[str], rows: Cells, notes: Sequence[str] = ()) -> str:
    """The same table for a notebook. Every text is escaped; there is no script and no style that could carry one."""
    import html

    cell = '<td style="text-align:right">{}</td>'
    body = "".join(
        f'<tr><th scope="row" style="text-align:left"><bdi>{html.escape(row[0])}</bdi></th>'
        + "".join(cell.format(html.escape(value)) for value in row[1:])
        + "</tr>"
        for row in rows
    )
    top = "".join(f'<th scope="col" style="text-align:right">{html.escape(text)}</th>' for text in head[1:])
    below = "".join(f"<p><bdi>{html.escape(text)}</bdi></p>" for text in notes)
    return (
        f'<table><caption style="text-align:left"><bdi>{html.escape(caption)}</bdi></caption>'
        f'<thead><tr><th scope="col" style="text-align:left">{html.escape(head[0])}</th>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>{below}"
    )


def as_frame(columns: Mapping[str, Any], kind: Any, zones: Mapping[str, str | None] | None = None) -> Any:
    """A data frame of the wanted kind, or of the first of pandas, polars, pyarrow; columns of times in UTC get their
    zone, {column: zone}.
    """
    from importlib.util import find_spec

    kinds: list[Any] = [kind] if kind else [name for name in ("pandas", "polars", "pyarrow") if find_spec(name)]
    if not kinds:
        raise missing_extra("to_frame()", "pandas, polars or pyarrow (table() needs none)", "parquet")
    import narwhals.stable.v2 as nw

    frame = nw.from_dict({name: _plain_times(values) for name, values in columns.items()}, backend=kinds[0])
    for name, zone in (zones or {}).items():
        if zone is not None:
            frame = _in_zone(frame, name, zone)
    return frame.to_native()


def _in_zone(frame: Any, name: str, zone: str) -> Any:
    """A frame whose column of times in UTC is in a zone; polars has no offsets, but names for whole hours."""
    import narwhals.stable.v2 as nw

    in_utc = frame.with_columns(nw.col(name).dt.replace_time_zone("UTC"))
    hours = re.fullmatch(r"([+-])(\d{2}):00", zone)
    if zone == "UTC":
        return in_utc
    if frame.implementation.is_polars() and zone[0] in "+-":
        if not hours:
            return in_utc
        zone = f"Etc/GMT{'-' if hours[1] == '+' else '+'}{int(hours[2])}"
    return in_utc.with_columns(nw.col(name).dt.convert_time_zone(zone))


def _plain_times(values: Any) -> Any:
    """Dates in a unit that every kind of frame knows."""
    if (
        isinstance(values, np.ndarray)
        and values.dtype.kind == "M"
        and np.datetime_data(values.dtype)[0] not in ("ms", "us", "ns")
    ):
        return values.astype("datetime64[ms]")
    return values
