"""Numbers as the report writes them; page.js does the same for the numbers that move."""

from __future__ import annotations

import math
from collections.abc import Iterable

NONE, MINUS = "–", "−"
LARGEST, SMALLEST = 1e7, 1e-4
EXPONENT = -1
"""In place of a number of decimals: all of these numbers are written with an exponent."""


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
    """A number as text: a real minus, thousands apart, a dash for none, an exponent where nothing else says it.

    >>> number(-0.2049), number(12345.6, 0), number(float("nan")), number(2e-9), number(3.14e-7, EXPONENT)
    ('−0.205', '12,346', '–', '2.0e−9', '3.14e−7')
    """
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    if places == EXPONENT or abs(value) >= LARGEST or 0.0 < abs(value) < 0.5 * 10.0**-places:
        if value == 0.0:
            return "0"
        mantissa, exponent = f"{value:.{2 if places == EXPONENT else 1}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:,.{places}f}"
    return text.replace("-", MINUS)


def share(value: float) -> str:
    """A share as a whole per cent.

    >>> share(0.8971)
    '90%'
    """
    return NONE if math.isnan(value) else f"{100.0 * value:.0f}%"


def rounded(value: float) -> float | str | None:
    """Six digits of a number, "∞" where it is without bound, None where there is none: what the data of the page hold."""
    if math.isfinite(value):
        return float(f"{value:.6g}")
    return None if math.isnan(value) else number(value)
