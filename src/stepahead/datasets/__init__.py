"""Data sets: seven real series, and simulators with the smallest possible forecast error.

The files, their sources and licences are listed in ``data/README.md`` beside this one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OutputError, shown
from ..files import check_output, make_folder, write_whole
from ..parameters import one_of
from ..reading import read_bytes
from ..series import Series
from .simulators import (
    ar_process,
    level_shifts,
    logistic_map,
    mackey_glass,
    markov,
    noisy_growth,
    noisy_season,
    noisy_sine,
    noisy_trend,
    shop,
)

__all__ = [
    "CATALOGUE",
    "ar_process",
    "co2",
    "el_nino",
    "level_shifts",
    "logistic_map",
    "mackey_glass",
    "markov",
    "named",
    "nile",
    "noisy_growth",
    "noisy_season",
    "noisy_sine",
    "noisy_trend",
    "seattle_temperature",
    "shop",
    "speech",
    "stock_price",
    "sunspots",
    "write",
]


@dataclass(frozen=True)
class Dataset:
    """One real series of the package: its file, its columns, its description, and its licence."""

    file: str
    value: str | None
    time: str | None
    what: str
    source: str
    licence: str
    missing: str = "raise"
    unit: str = ""


CATALOGUE: dict[str, Dataset] = {
    "seattle_temperature": Dataset(
        "seattle_temperature.csv",
        "temp_max",
        "date",
        "highest temperature of the day in Seattle, C",
        "NOAA",
        "US Government data",
        unit="°C",
    ),
    "stock_price": Dataset(
        "stock_price.csv",
        "adj_close",
        "date",
        "IBM, adjusted close on trading days, US dollars",
        "Quandl WIKI",
        "public domain",
        unit="US$",
    ),
    "speech": Dataset(
        "speech.wav", None, None, "one spoken sentence at 16 kHz", "CMU ARCTIC", "free for any use, notice kept"
    ),
    "sunspots": Dataset(
        "sunspots.csv", "sunactivity", "year", "sunspot number, yearly from 1700", "NOAA NGDC", "public domain"
    ),
    "el_nino": Dataset(
        "el_nino.csv",
        "sst_c",
        "month",
        "sea surface temperature in Nino 1+2, monthly, C",
        "NOAA ERSST v3b",
        "public domain",
        unit="°C",
    ),
    "nile": Dataset(
        "nile.csv",
        "volume",
        "year",
        "flow of the Nile at Aswan, yearly, 10^8 m3",
        "statsmodels",
        "public domain",
        unit="10⁸ m³",
    ),
    "co2": Dataset(
        "co2.csv",
        "co2_ppm",
        "week_ending",
        "CO2 at Mauna Loa, weekly, 59 weeks missing, ppm",
        "Keeling and Whorf",
        "public domain",
        "skip",
        unit="ppm",
    ),
}

SIMULATED = {"shop": "daily sales of a shop, simulated, with promotions and holidays known ahead and warmth"}
"""Series that `named` makes: they have no file."""


def _content(name: str) -> bytes:
    return _data(CATALOGUE[name].file)


def _data(file: str) -> bytes:
    from importlib.resources import files

    return (files(__package__) / "data" / file).read_bytes()


def named(name: str, missing: str | None = None, every: Any = None, calendar: Any = ()) -> Series:
    """A series of the catalogue by its name; with the columns and the treatment of missing values of the catalogue.

    >>> named("nile")
    Series('volume': 100 numbers, 1871 to 1970)

    Parameters
    ----------
    name : as in ``CATALOGUE``, or "shop", which is simulated. missing : "raise" or "skip" in place of what the
        catalogue says. every, calendar : as for ``Series``.

    Raises
    ------
    ParameterError : there is no such series; the message lists them.
    """
    one_of("data", name, (*CATALOGUE, *SIMULATED))
    if name in SIMULATED:
        return Series(shop(), missing=missing or "raise", every=every, calendar=calendar)
    entry = CATALOGUE[name]
    return read_bytes(
        _content(name),
        entry.file,
        entry.value,
        entry.time,
        missing=missing or entry.missing,
        every=every,
        unit=entry.unit,
        calendar=calendar,
    )


def seattle_temperature() -> Series:
    """Highest temperature of the day in Seattle (C), 1,461 days from 2012-01-01. NOAA; US Government data.

    >>> seattle_temperature()
    Series('temp_max': 1461 numbers, 2012-01-01 to 2015-12-31)
    """
    return named("seattle_temperature")


def stock_price() -> Series:
    """IBM, adjusted close (US dollars) on 3,270 trading days from 2000-03-01. Quandl WIKI; public domain.

    Time steps are uneven (weekends, holidays): trading days are taken as consecutive, and a note says so.

    >>> stock_price()
    Series('adj_close': 3270 numbers, 2000-03-01 to 2013-03-01)
    """
    return named("stock_price")


def speech() -> Series:
    """One spoken sentence: 52,800 samples at 16 kHz, between -1 and 1, time in seconds. CMU ARCTIC; free for any use.

    >>> len(speech())
    52800
    """
    return named("speech")


def sunspots() -> Series:
    """Sunspot number, yearly, 1700 to 2008. NOAA NGDC; public domain.

    >>> sunspots()
    Series('sunactivity': 309 numbers, 1700 to 2008)
    """
    return named("sunspots")


def el_nino() -> Series:
    """Sea surface temperature (C) in the region Nino 1+2, monthly, 1950 to 2010. NOAA ERSST v3b; public domain.

    >>> el_nino()
    Series('sst_c': 732 numbers, 1950-01 to 2010-12)
    """
    return named("el_nino")


def nile() -> Series:
    """Yearly flow of the Nile at Aswan (10^8 m3), 1871 to 1970. Public domain.

    >>> nile().values[:3]
    array([1120., 1160.,  963.])
    """
    return named("nile")


def co2() -> Series:
    """CO2 at Mauna Loa (ppm), 2,284 weeks from 1958-03-29, 59 of them missing. Keeling and Whorf; public domain.

    >>> series = co2()
    >>> len(series), series.complete
    (2284, False)
    """
    return named("co2")


def write(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Write the seven files, and their licence notices, into a folder; yields each path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(path.name for path in write(folder))[:3]
    ['README.md', 'co2.csv', 'el_nino.csv']

    Raises
    ------
    OutputError : the folder cannot be made or written; another file of one of these names is there already.
    """
    make_folder(folder)
    names = [*(entry.file for entry in CATALOGUE.values()), "README.md", "speech-COPYING.txt"]
    made = {Path(folder) / name: _data(name) for name in names}
    for target, content in made.items():
        check_output(target)
        # README.md is a common name: another one in this folder is not overwritten.
        if target.exists() and target.read_bytes() != content:
            raise OutputError(
                f"there is another {target.name} in {shown(str(folder))} already: name another folder",
                code="exists",
                path=str(target),
            )
    for target, content in made.items():
        write_whole(target, content)
        yield target
