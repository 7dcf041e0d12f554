"""Rows O1 to O3: names that are not what they seem, wherever they are shown."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import warnings

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead.report.export import evaluation_csv, forecast_csv, safe_cell
from stepahead.report.page.page import report

from ..data import ALWAYS
from ..pages import PAYLOADS
from .entry_points import MODELS, X, few

SPOKEN = [ascii(payload)[:30] for payload in PAYLOADS]


class Seen(html.parser.HTMLParser):
    """The elements and attributes that a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def results(name: str) -> list[object]:
    """Whatever shows itself in a notebook, with `name` in every place where a user can put one."""
    series = sa.Series(X, name=name)
    panel = [sa.Series(X, name=name), sa.Series(np.roll(X, 3), name=f"{name}2")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, many = (sa.evaluate({name: sa.AR(2)}, given, 2) for given in (series, panel))
    return [one, many, one[name], many[name]]


PLAIN = [Seen(result._repr_html_()) for result in results("plain")]


@pytest.mark.parametrize("payload", few(PAYLOADS), ids=SPOKEN)
def test_O1_markup_in_a_name_is_inert_in_a_notebook(payload):
    for result, plain in zip(results(payload), PLAIN, strict=True):
        seen = Seen(result._repr_html_())
        assert set(seen.tags) <= set(plain.tags)
        assert set(seen.attributes) <= set(plain.attributes)
    assert not {"script", "iframe"} & {tag for plain in PLAIN for tag in plain.tags}


@pytest.fixture(scope="module")
def plain_page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "r.html"
    report(results("plain")[0], path)
    return Seen(path.read_text())


@pytest.mark.parametrize("payload", few(PAYLOADS), ids=SPOKEN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_O1_markup_in_a_name_is_inert_in_the_page(tmp_path, plain_page, payload, language):
    result = results(payload)[0]
    report(result, tmp_path / "r.html", language)
    seen = Seen((tmp_path / "r.html").read_text())
    assert set(seen.tags) <= set(plain_page.tags)
    assert seen.tags.count("script") == plain_page.tags.count("script")
    assert not [name for name in seen.attributes if name.startswith("on")]


def test_O1_markup_in_a_name_is_data_in_json(run, tmp_path):
    ids = list(dict.fromkeys(PAYLOADS))
    pd.DataFrame({"id": np.repeat(ids, 12), "t": [*range(12)] * len(ids), "y": np.resize(X, 12 * len(ids))}).to_parquet(
        tmp_path / "p"
    )
    reading = (
        tmp_path / "p",
        "--id",
        "id",
        "--value",
        "y",
        "--time",
        "t",
        "--horizon",
        1,
        "--models",
        "mean",
        "--json",
    )
    code, out, err = run("evaluate", *reading)
    assert code == 0, err
    assert json.loads(out)["status"] == dict.fromkeys(ids, "ok")
    code, out, err = run("forecast", *reading)
    assert code == 0, err
    assert [row["series"] for row in json.loads(out)["forecasts"]] == ids


FORMULAS = [
    "=cmd()",
    "=1+1",
    "+1",
    "-1",
    "-x",
    "@sum",
    "\tx",
    "\rx",
    "\0x",
    '=HYPERLINK("http://x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "=",
    "+",
    "-",
    "@",
    "--",
    "=\u202e1",
]
HARMLESS = ["AR(2)", "a=1", " =1", "'=1", "1-2", "x", "", "1e5", "-1.5", "+", "\u2212 1", "a\tb"]


@pytest.mark.parametrize("text", FORMULAS, ids=lambda text: "return" if text == "\rx" else ascii(text))
def test_O2_formulas_are_inert_in_exported_csv(run, tmp_path, monkeypatch, text):
    assert safe_cell(text) == "'" + text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = sa.evaluate({text: MODELS["AR"]()}, sa.Series(X, name=text), 2)
    rows = list(csv.reader(io.StringIO(evaluation_csv(result), newline="")))
    assert {row[0] for row in rows[1:]} == {"'" + text if not _number(text) else text, *ALWAYS}
    head, *rows = csv.reader(
        io.StringIO(forecast_csv(["series", "k", text], [[text, 1, -2.5], [text, 2, 1e-300]]), newline="")
    )
    assert head[2] == ("'" + text if not _number(text) else text)
    assert [row[2] for row in rows] == ["-2.5", "1e-300"]
    frame = pd.DataFrame({"id": [text] * 40, "t": range(40), "y": -X})
    frame.to_parquet(tmp_path / "p.parquet")
    code, out, err = run(
        "forecast",
        tmp_path / "p.parquet",
        "--id",
        "id",
        "--value",
        "y",
        "--time",
        "t",
        "--horizon",
        1,
        "--models",
        "mean",
    )
    assert code == 0, err
    row = list(csv.reader(io.StringIO(out, newline="")))[1]
    assert row[0] == ("'" + text if not _number(text) else text)
    assert row[-1].startswith("-")


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[:1] != "+"


@pytest.mark.parametrize(
    "value", [0.0, -0.0, -1.5, 1e300, -1e-300, 5e-324, 0.1 + 0.2, -12345678901234567.0, float("nan")], ids=repr
)
def test_O2_numbers_are_never_touched(value):
    _, row = csv.reader(io.StringIO(forecast_csv(["k", "AR(2)"], [[1, value]]), newline=""))
    assert float(row[1]) == value or row[1] in ("nan", "")
    assert not row[1].startswith("'")


@pytest.mark.parametrize("text", [t for t in HARMLESS if t != "+"], ids=ascii)
def test_O2_other_texts_stay_as_they_are(text):
    _, row = csv.reader(io.StringIO(forecast_csv(["k", "s"], [[1, text]]), newline=""))
    assert row[1] == text


CONTROLS = [
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\x07",
    "\x08\x08",
    "\r",
    "\x00",
    "\x9b31m",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\x7f",
    "\U000e0041",
]


@pytest.mark.parametrize("control", few(CONTROLS, 5), ids=ascii)
@pytest.mark.parametrize("command", ["evaluate", "forecast"])
def test_O3_control_characters_are_shown_as_escapes(run, tmp_path, control, command):
    name = f"a{control}b"
    frame = pd.DataFrame({"id": [name] * 40 + [f"bad{control}"], "t": [*range(40), 0], name: [*X, 1.0]})
    frame.to_parquet(tmp_path / "p.parquet")
    for more in (
        ["--id", "id", "--time", "t"],
        ["--time", "t"],
        ["--id", "id", "--time", f"t{control}"],
        ["--models", f"ar{control}"],
        [f"--{control}"],
    ):
        _, out, err = run(command, tmp_path / "p.parquet", "--value", name, "--horizon", 1, "--lags", 2, *more)
        assert control not in err
        assert "Traceback" not in err
        if command == "evaluate":
            assert control not in out
    _, out, err = run(command, f"{control}.csv", "--value", name, "--horizon", 1)
    assert control not in out + err


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_O3_in_messages_tables_and_reprs(promise, control):
    name = f"a{control}b"
    y = X.copy()
    y[3] = np.nan
    assert control not in str(promise.refused(lambda: sa.Series(y, name=name), "missing-values", "a"))
    assert control not in repr(sa.Series(X, name=name))
    result = sa.evaluate({name: sa.AR(2)}, sa.Series(X, name=name), 2)
    for text in (str(result), result.table(), repr(result), repr(result[name]), str(result.answer), *result.notes):
        assert control not in text
    for bad in (
        lambda: sa.AR(name).fit(X),
        lambda: sa.Series([name, 1.0]),
        lambda: sa.read(name),
        lambda: sa.load(name),
    ):
        assert control not in str(promise.refused(bad))
