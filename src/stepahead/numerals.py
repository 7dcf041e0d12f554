"""Numbers written as text: which texts are numbers, which only look like one, and thousands separators.

Text becomes symbols only if it is words. If most cells of a column begin with a digit (after signs, brackets and
currencies), it holds numbers: they are read, or the first that cannot be read is an error. Thousands separators are
judged over the whole column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .cells import ABSENT, Cells
from .errors import DtypeError, InputError, cut, escaped, shown
from .protocols import Array

LABELS = "for labels give symbols=True"
_BLANKS = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_OTHER = {".": ",", ",": "."}
_NUMERAL = {
    decimal: re.compile(
        rf"([+-]?)(\d+(?:[{re.escape(other + _BLANKS + _APOSTROPHES)}]\d+)*)?({re.escape(decimal)}\d*)?([eE][+-]?\d+)?"
    )
    for decimal, other in _OTHER.items()
}
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_NO_LETTERS = re.compile(rf"[^\w]*+\d[\d.,{_BLANKS}{_APOSTROPHES}]*+[^\w]*+")
"""A number with no letter around it, so that it cannot be a word. Possessive quantifiers,
so that no cell takes quadratic time.
"""
_BEFORE = re.compile(
    r"(?:(?:usd|eur|gbp|chf|jpy|cny|rmb|inr|aud|cad|nzd|hkd|sgd|sek|nok|dkk|krw|brl|mxn|pln|czk|huf|约|約)\s*"
    r"|(?:rs|kr|fr|try|rub|ca|circa|approx|about)(?:\.\s*|\s+)|[^\W\d]{1,12}\s*[=<>≤≥≈~]\s*)(?=[\d.,+-])",
    re.IGNORECASE,
)
"""Currencies, words such as "ca." and names ("T=") before a number."""


class Numeral(NamedTuple):
    """One number: its value, the number of digits before the decimal mark, and its thousands separator."""

    value: float
    digits: int
    separator: str


def numeral(text: str, decimal: str) -> Numeral | None:
    """The number in a text with this decimal mark; None if it is not a number, or not grouped in threes.

    >>> numeral("1,512.5", ".").value, numeral("1.512,5", ",").value, numeral("1.51", ","), numeral("0.512", ",")
    (1512.5, 1512.5, None, None)
    """
    found = _NUMERAL[decimal].fullmatch(text)
    if not found:
        return Numeral(float(text), 0, "") if _INFINITE.fullmatch(text) else None
    sign, whole, fraction, power = (part or "" for part in found.groups())
    if not whole and len(fraction) < 2:
        return None
    groups = re.split(r"\D", whole)
    separators = {" " if c in _BLANKS else "'" if c in _APOSTROPHES else c for c in whole if not c.isdigit()}
    if separators:
        threes = len(groups[0]) <= 3 and float(groups[0][0]) > 0 and all(len(group) == 3 for group in groups[1:])
        if power or len(separators) > 1 or not threes:
            return None
    digits = "".join(groups)
    return Numeral(float(f"{sign}{digits}.{fraction[1:]}{power}"), len(digits), "".join(separators))


def read_numbers(cells: Cells, decimal: str) -> tuple[Array, tuple[str, ...]] | None:
    """The numbers of a column, NaN for an empty cell, with notes; None if it holds words.

    Raises InputError for cells that are neither, and where thousands separators contradict each other.
    """
    texts = cells.texts
    here = [place for place, text in enumerate(texts) if text.lower() not in ABSENT]
    values = np.full(len(texts), np.nan)
    if decimal == "." or not any("." in text for text in texts):
        try:
            if not any("_" in text for text in texts):
                values[here] = [float(texts[place].replace(decimal, ".")) for place in here]
                return values, _leading_zeros(cells, here)
        except ValueError:
            pass
    found = {place: one for place in here if (one := numeral(texts[place], decimal)) is not None}
    if len(found) < len(here):
        _refuse(cells, here, [place for place in here if place not in found], decimal)
        return None
    odd = _inconsistent(list(found.values()))
    if odd is not None:
        raise _ungrouped(cells, here[odd], here, decimal)
    values[here] = [one.value for one in found.values()]
    return values, (*_leading_zeros(cells, here), *_two_readings(cells, found, decimal))


def _inconsistent(numbers: Sequence[Numeral]) -> int | None:
    """The first number that contradicts the grouping of the others: it has another separator,
    or none where others of its size have one.
    """
    separator = next((one.separator for one in numbers if one.separator), None)
    if separator is None:
        return None
    # Four digits may have no separator, as in Spanish and Polish, but not if other numbers of four digits have one.
    shortest = 4 if any(one.separator and one.digits == 4 for one in numbers) else 5
    for place, one in enumerate(numbers):
        if one.separator != separator if one.separator else one.digits >= shortest:
            return place
    return None


def _all_are(cells: Cells, here: Sequence[int], decimal: str) -> bool:
    """Whether all cells are numbers, and agree, with this decimal mark."""
    found = [one for place in here if (one := numeral(cells.texts[place], decimal)) is not None]
    return len(found) == len(here) and _inconsistent(found) is None


def _two_readings(cells: Cells, found: dict[int, Numeral], decimal: str) -> tuple[str, ...]:
    """A note where points or commas between thousands could also be decimal marks:
    nothing in the column decides it.
    """
    other = _OTHER[decimal]
    place = next((place for place, one in found.items() if one.separator == other), None)
    if place is None or not _all_are(cells, list(found), other):
        return ()
    text = cells.texts[place]
    return (
        f"{cells.where(place)}: {shown(text)} was read as {found[place].value:.15g}, with "
        f"{shown(other)} between thousands, "
        "and nothing in the column decides it: if it is "
        f'{float(text.replace(other, ".")):.15g}, give decimal="{other}"',
    )


def _leading_zeros(cells: Cells, here: Sequence[int]) -> tuple[str, ...]:
    """A note on numbers that look like codes, such as 01234."""
    for place in here:
        text = cells.texts[place]
        if text[:1] == "0" and text[1:2].isdigit():
            return (f"{cells.where(place)}: {shown(text)} was read as a number, without its leading zeros; {LABELS}",)
    return ()


# ---------------------------------------------------------------------------------------------------------------
# Text that is not a number


def like_a_number(text: str) -> bool:
    """Whether a text begins with a digit, after signs, brackets, currencies and words such as "ca.".

    >>> [like_a_number(text) for text in ("$50", "(12.5)", "EUR 3", "<0.1", "12kWh", "S1", "N95", "E11.9", "five")]
    [True, True, True, True, True, False, False, False, False]
    """
    rest = text[found.end() :] if (found := _BEFORE.match(text.strip())) else text
    currency = re.match(r"[^\W\d_]{1,3}(?=[^\w\s])", rest)
    if currency and unicodedata.category(rest[currency.end()]) == "Sc":
        rest = rest[currency.end() :]
    first = next((c for c in rest if c.isalnum()), "")
    return bool(first) and unicodedata.category(first).startswith("N")


def strange_number(texts: Sequence[str]) -> int | None:
    """The index of the first number among texts; None if they are all words.

    One text that can only be a number is enough, or half of the texts beginning like one.
    """
    like = [place for place, text in enumerate(texts) if like_a_number(text)]
    certain = next((place for place in like if _NO_LETTERS.fullmatch(texts[place]) or numeral(texts[place], ".")), None)
    if certain is not None:
        return certain
    return like[0] if like and 2 * len(like) >= len(texts) else None


def check_words(texts: Sequence[str], rows: Sequence[int]) -> None:
    """Refuse numbers as text among symbols: here they are never parsed."""
    place = strange_number(texts)
    if place is not None:
        raise DtypeError(
            f"row {rows[place]} is {cut(shown(texts[place]), 40)}: numbers as text are not symbols "
            "by themselves; convert them "
            "(float, pandas.to_numeric), or for labels give categories= to Series or symbols=True to read",
            code="dtype",
            found=texts[place],
            row=rows[place],
        )


def symbols_note(symbols: Sequence[object]) -> str:
    """The note that text was read as symbols."""
    first = ", ".join(escaped(cut(str(symbol), 24)) for symbol in symbols[:7])
    return f"read as {len(symbols)} symbols: {first}{', ..' if len(symbols) > 7 else ''}"


def _refuse(cells: Cells, here: Sequence[int], bad: Sequence[int], decimal: str) -> None:
    """Raise the error for cells that are not numbers; nothing if the column holds words."""
    texts, other = cells.texts, _OTHER[decimal]
    if len(bad) == len(here) and strange_number([texts[place] for place in here]) is None:
        return
    swapped = [place for place in bad if numeral(texts[place], other)]
    if 2 * len(swapped) > len(bad):
        name = {",": "comma", ".": "point"}[other]
        against = next((place for place in here if place not in bad and numeral(texts[place], other) is None), None)
        if against is None:
            hint = f'with a decimal {name} give decimal="{other}"'
        else:
            where = f"{cells.unit} {cells.numbers[against]}"
            hint = f"it has a decimal {name}, and {shown(texts[against])} in {where} has none"
        raise InputError(
            f"{cells.where(swapped[0])}: {cut(shown(texts[swapped[0]]), 40)} is not a number: {hint}",
            code=f"decimal-{name}",
            **cells.facts(swapped[0]),
        )
    place = bad[0] if len(bad) < len(here) else next(place for place in bad if like_a_number(texts[place]))
    if _NUMERAL[decimal].fullmatch(texts[place]):
        raise _ungrouped(cells, place, here, decimal)
    separators, plain = _without_separators(texts[place], decimal)
    hint = f": without {separators} it is {shown(plain)}" if plain else ""
    if like_a_number(texts[place]) or 2 * len(bad) >= len(here):
        hint += f"; {LABELS}"
    raise InputError(
        f"{cells.where(place)}: {cut(shown(texts[place]), 40)} is not a number{hint}",
        code="not-a-number",
        separator=separators,
        **cells.facts(place),
    )


def _without_separators(text: str, decimal: str) -> tuple[str, str]:
    """The text around the one number in a cell, and that number; both empty if there is not exactly one."""
    core = re.search(rf"[+-]?\d[\d.,{_BLANKS}{_APOSTROPHES}]*", text)
    plain = core[0].strip() if core else ""
    if not core or not (numeral(plain, decimal) or numeral(plain, _OTHER[decimal])):
        return "", ""
    before, behind = text[: core.start()].strip(), text[core.start() + len(plain) :].strip()
    if re.search(r"[\d_]", before + behind):
        return "", ""
    separators = " and ".join(cut(shown(separator), 24) for separator in (before, behind) if separator)
    negative = ("(" in before and ")" in behind) or any(dash in before or dash == behind for dash in _DASHES)
    return separators, f"-{plain.lstrip('+-')}" if negative else plain


def _ungrouped(cells: Cells, place: int, here: Sequence[int], decimal: str) -> InputError:
    """The error for a number whose thousands separators are not before every three digits,
    or differ from those of the others.
    """
    other = _OTHER[decimal]
    hint = f', or give decimal="{other}" if {shown(other)} is the decimal mark' if _all_are(cells, here, other) else ""
    return InputError(
        f"{cells.where(place)}: {cut(shown(cells.texts[place]), 40)} is not grouped as the other "
        "numbers are (the same separator "
        f"before every three digits): remove the thousands separators{hint}",
        code="thousands",
        **cells.facts(place),
    )
