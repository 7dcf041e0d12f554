"""DATA is a file with its columns, for every command that reads a series."""

from __future__ import annotations

import pytest

import stepahead as sa
from stepahead.datasets import CATALOGUE


@pytest.mark.parametrize("name", CATALOGUE)
def test_data_is_the_file_with_its_columns(run, tmp_path, name):
    entry = CATALOGUE[name]
    assert run("datasets", "--out", tmp_path)[0] == 0
    columns = [
        part for flag, word in (("--value", entry.value), ("--time", entry.time)) if word for part in (flag, word)
    ]
    columns += ["--missing", entry.missing]
    how = ["--models", "naive", "--horizon", 3, "--json"]
    by_file = run("evaluate", tmp_path / entry.file, *columns, *how)
    by_name = run("evaluate", "--data", name, *how)
    assert by_file[0] == by_name[0] == 0
    assert by_name[1] == by_file[1]


def test_every_command_that_reads_a_series_takes_data(run, tmp_path):
    how = ["--data", "nile", "--horizon", 2, "--models", "ar", "--lags", 2]
    code, out, _ = run("forecast", *how)
    assert (code, len(out.splitlines())) == (0, 3)
    assert run("report", *how, "--out", tmp_path / "r.html")[0] == 0
    assert run("evaluate", *how, "--save", tmp_path / "models")[0] == 0
    saved = next((tmp_path / "models").glob("*.safetensors"))
    code, out, err = run("audit", "--data", "nile", "--model", saved, "--horizon", 2)
    assert code == 0, err
    expected = sa.forecast(sa.AR(2).fit(sa.datasets.nile()), sa.datasets.nile(), 2)
    code, out, _ = run("forecast", *how, "--json")
    assert all(f"{value}"[:12] in out for value in expected)


WRONG_SOURCES = {
    "neither": ([], ["FILE", "--data NAME"]),
    "both": (["x.csv", "--data", "nile"], ["file='x.csv'", "--data nile"]),
    "unknown": (["--data", "nil"], ["data='nil'", "'nile'", "'co2'"]),
    "empty": (["--data", ""], ["data=''"]),
    "another case": (["--data", "Nile"], ["'nile'"]),
    "a path": (["--data", "nile.csv"], ["'nile'"]),
    "value": (["--data", "nile", "--value", "volume"], ["value='volume'", "left out"]),
    "time": (["--data", "nile", "--time", "year"], ["time='year'", "left out"]),
    "id": (["--data", "nile", "--id", "x"], ["id='x'", "left out"]),
    "decimal": (["--data", "nile", "--decimal", ","], ["decimal=','", "left out"]),
    "encoding": (["--data", "nile", "--encoding", "gbk"], ["encoding='gbk'", "left out"]),
}


@pytest.mark.parametrize(("typed", "words"), WRONG_SOURCES.values(), ids=WRONG_SOURCES.keys())
def test_a_source_that_is_none_or_two_is_refused(run, typed, words):
    code, out, err = run("evaluate", *typed, "--horizon", 3)
    assert (code, out) == (2, "")
    assert len(err) <= 320
    for word in words:
        assert word in err


def test_missing_and_every_are_taken_beside_data(run):
    code, _, err = run("evaluate", "--data", "co2", "--missing", "raise", "--horizon", 3, "--models", "naive")
    assert code == 3
    assert "missing" in err
    code, _, err = run("evaluate", "--data", "stock_price", "--every", "1D", "--horizon", 3, "--models", "naive")
    assert code == 3
    assert "gap" in err or "every" in err or "missing" in err
