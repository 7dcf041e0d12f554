"""Every data set is what its page says, and is that of its source."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

import stepahead as sa
from stepahead import datasets
from stepahead.report import figures

from ..data import path


@pytest.mark.parametrize("name", datasets.CATALOGUE)
def test_every_dataset_is_what_its_page_says_and_can_be_drawn(name, tmp_path):
    series = getattr(datasets, name)()
    entry = datasets.CATALOGUE[name]
    page = (files(datasets.__package__) / "data" / "README.md").read_text()
    assert f"`{entry.file}`" in page
    assert entry.licence.split(",")[0] in page
    lengths = {
        "seattle_temperature": 1461,
        "stock_price": 3270,
        "speech": 52800,
        "sunspots": 309,
        "el_nino": 732,
        "nile": 100,
        "co2": 2284,
    }
    assert len(series) == lengths[name]
    figures.save(figures.along(series.times, series.numbers, title=entry.what), tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 10_000
    assert getattr(datasets, name)().values.tobytes() == series.values.tobytes()


def test_the_shipped_data_are_those_of_their_sources():
    pairs = {
        "seattle_temperature": ("seattle_weather_daily.csv", "temp_max", "date"),
        "sunspots": ("sunspots_yearly.csv", "sunactivity", "year"),
        "el_nino": ("elnino_monthly.csv", "sst_c", "month"),
        "nile": ("nile_yearly.csv", "volume", "year"),
        "co2": ("co2_weekly.csv", "co2_ppm", "week_ending"),
    }
    for name, (file, value, when) in pairs.items():
        theirs = sa.read(path(file), value, when, missing="skip")
        ours = getattr(datasets, name)()
        np.testing.assert_array_equal(ours.values, theirs.values)
        assert (ours.times == theirs.times).all()
    prices = sa.read(path("stock_IBM_daily.csv"), "adj_close", "date")
    np.testing.assert_allclose(datasets.stock_price().values, prices.values, atol=5e-5)
    whole = sa.read(path("speech/cmu_arctic_a0007.wav"))
    np.testing.assert_array_equal(datasets.speech().values, whole.values[3200:56000])


def test_the_package_data_are_small_and_carry_their_notice():
    folder = files(datasets.__package__) / "data"
    assert sum(len(entry.read_bytes()) for entry in folder.iterdir()) < 300_000
    assert "Carnegie Mellon University" in (folder / "speech-COPYING.txt").read_text()
