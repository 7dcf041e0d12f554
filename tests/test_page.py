"""The report without a browser: every number is the comparison's, every name is inert, and the file stays small."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead import text as written
from stepahead.evaluation import fits
from stepahead.report import palette, sealed
from stepahead.report.page import packing, page, ticks
from stepahead.report.page.facts import amount, facts, pace
from stepahead.report.page.wording import BASELINES, IN_SCRIPT, WORDING
from stepahead.text import fill

from .data import EXAMPLES, ROOT
from .pages import PAYLOADS, Page, data_of, page_of, sine_result, unpacked

REPORT = ROOT / "src" / "stepahead" / "report"
ASSETS = {name: (REPORT / "page" / name).read_text() for name in ("page.html", "page.css", "page.js")}
ASSETS["drawing.js"] = (REPORT / "drawing.js").read_text()


@pytest.fixture(scope="module")
def result():
    return sine_result()


@pytest.fixture(scope="module")
def texts(result):
    return {language: page_of(result, language) for language in WORDING}


def read(text):
    """A number as the page writes it."""
    return float(text.replace("−", "-").replace(",", "").replace("∞", "inf")) if text != "–" else np.nan


# -- the palette --------------------------------------------------------------------------------------------------

# Machado, Oliveira & Fernandes (2009), full severity; Ottosson's OKLab.
SIGHT = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
]


def palettes():
    return palette.LIGHT, palette.DARK


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def oklab(light):
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_CONES) @ np.clip(light, 0.0, 1.0))


LINES = ("c1", "c2", "c3", "c4", "c5", "c6", "grey")


@pytest.mark.parametrize("number", [0, 1])
def test_lines_and_words_stand_out_from_the_ground(number):
    theme = palettes()[number]
    for name in LINES:
        assert contrast(theme[name], theme["ground"]) >= 3.3, name
    for words in ("ink", "soft"):
        for ground in ("ground", "raised"):
            assert contrast(theme[words], theme[ground]) >= 4.5
    assert contrast(theme["ground"], theme["ink"]) >= 4.5, "a pressed button"


@pytest.mark.parametrize(("number", "least"), [(0, (7.3, 5.2, 7.1)), (1, (10.2, 6.8, 7.2))])
def test_colours_are_told_apart_by_everybody(number, least):
    theme = palettes()[number]
    for (sight, matrix), wanted in zip(SIGHT.items(), least, strict=True):
        seen = {name: oklab(np.array(matrix) @ linear(theme[name])) for name in LINES}
        # The sixth is told from the grey of the baselines by its dash: they lie 3 apart without green, 2 without red.
        pairs = [pair for pair in itertools.combinations(LINES, 2) if pair != ("c6", "grey")]
        smallest = min(100.0 * float(np.linalg.norm(seen[a] - seen[b])) for a, b in pairs)
        assert round(smallest, 1) >= wanted, sight


def test_every_colour_of_the_pages_and_figures_is_of_the_palette():
    """No colour is written down anywhere else; and each that a style names is there, in both lights."""
    for path in (ROOT / "src" / "stepahead").rglob("*"):
        if path.suffix in (".css", ".js", ".html", ".py") and path.name != "palette.py":
            text = re.sub(r"&#x?\w+;|#\$?\{", "", path.read_text(encoding="utf-8"))
            assert not re.findall(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?=[;,\s\"'])", text), path.name
            if path.suffix == ".css":
                own = set(re.findall(r"--([\w-]+):", text))
                assert set(re.findall(r"var\(--([\w-]+)", text)) <= set(palette.LIGHT) | own, path.name
    assert list(palette.LIGHT) == list(palette.DARK)


def test_paper_is_light():
    """The dark colours are for a screen; the light ones for everything."""
    light, _, dark = palette.style().partition("@media screen and (prefers-color-scheme: dark)")
    assert all(f"--{name}: {colour};" in light for name, colour in palette.LIGHT.items())
    assert all(f"--{name}: {colour};" in dark for name, colour in palette.DARK.items())
    assert "color-scheme: light;" in light
    assert "color-scheme: dark;" in dark


def test_no_two_models_that_are_drawn_share_colour_and_dash(result):
    from stepahead.report.page import name_tags

    said = facts(result)
    many = [f"m{i}" for i in range(packing.MOST_LINES)]

    class Several:
        models = many

    assert len({name_tags.classes(Several, name) for name in many}) == packing.MOST_LINES
    for name in many:
        for part in name_tags.classes(Several, name).split():
            assert f".{part} " in ASSETS["page.css"], part
    assert name_tags.classes(said, "Mean") == "c0 d0"


# -- the numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", WORDING)
def test_the_table_is_the_comparison(result, texts, language):
    head, *rows = Page(texts[language]).tables[0]
    frame = result.to_frame()
    reach = result.trusted_horizon()
    assert [cell for cell in head if cell.startswith("k =")] == ["k = 1", "k = 4", "k = 16", "k = 64"]
    assert {row[0] for row in rows} == {*result, WORDING[language]["floor"]}
    for name, trusted, *cells, inside in rows[:-1]:
        wanted = frame[(frame.model == name) & frame.k.isin([1, 4, 16, 64])].rmse
        np.testing.assert_allclose([read(cell) for cell in cells], wanted, atol=5e-4 + 1e-6)
        assert trusted == (str(reach[name].claim) if name in reach else "–")
        covered = result[name].coverage(0.9)[-1]
        assert abs(read(inside.rstrip("%")) / 100 - covered) <= 0.005 + 1e-9
    assert [read(cell) for cell in rows[-1][2:6]] == [0.2] * 4
    order = [name for name, *_ in rows[:-1]]
    assert order[:3] == sorted(reach, key=lambda name: (-reach[name].claim, result[name].rmse()[-1]))
    assert order[3:] == sorted(["Mean", "Naive"], key=lambda name: result[name].rmse()[-1]), (
        "baselines after the models"
    )


def test_the_smallest_of_each_column_is_bold(result, texts):
    table = re.search(r"<table>.*?</table>", texts["en"], re.DOTALL)[0]
    for place, k in enumerate((1, 4, 16, 64)):
        column = [re.findall(r"<td>(.*?)</td>", row) for row in table.split("<tr")[2:]]
        bold = [
            cells[place - 4 if len(cells) == 4 else len(cells) - 4 + place]
            for cells in column
            if "<b>" in "".join(cells)
        ]
        least = min(found.rmse()[k - 1] for found in result.values())
        marked = [cell for cell in bold if cell.startswith("<b>")]
        assert marked == [f"<b>{least:.3f}</b>"], k


def test_the_numbers_of_the_charts_are_those_of_the_frame(result, texts):
    data = data_of(texts["en"])
    frame = result.to_frame()
    assert data["steps"] == list(range(1, 65))
    for line in data["lines"]:
        mine = frame[frame.model == line["name"][1:-1]]
        for reading, columns in (("error", "rmse"), ("skill", "skill")):
            for side, column in (("value", columns), ("low", columns + "_low"), ("high", columns + "_high")):
                drawn = np.array(
                    [read(v) if isinstance(v, str) else np.nan if v is None else v for v in line[reading][side]]
                )
                wanted = mine[column].to_numpy()
                np.testing.assert_allclose(drawn, wanted, rtol=1e-5, atol=1e-12, err_msg=f"{line['name']} {column}")
    assert data["floor"] == [0.2] * 64
    reach = result.trusted_horizon()
    names = sorted(reach, key=lambda name: (-reach[name].claim, result[name].rmse()[-1]))
    assert [line["claim"] for line in data["lines"]] == [reach[n].claim for n in names] + [None, None]


def test_every_number_stands_in_a_table(result, texts):
    found = Page(texts["en"]).tables[1:]
    reach = result.trusted_horizon()
    assert len(found) == 3
    for name, claim, horizon, ends, _ in found[0][1:4]:
        assert (int(claim), int(horizon)) == reach[name][:2]
        low, high = reach[name].low, reach[name].high
        assert ends == (f"{low} to {high}" if low < high else str(low)) + " or more" * (high == 64)
    for table, values in ((found[1], "rmse"), (found[2], "skill")):
        names = [name for name in table[0][1:] if name in result]
        frame = result.to_frame()
        assert [int(row[0]) for row in table[1:]] == list(range(1, 65))
        for place, name in enumerate(names, 1):
            mine = frame[frame.model == name].reset_index()
            for row, k in zip(table[1:], range(64), strict=True):
                value, *rest = row[place].split(" ", 1)
                assert abs(read(value) - mine[values][k]) <= 5e-4 + 1e-6
                if rest:
                    low, high = rest[0].split(" to ")
                    assert abs(read(high) - mine[f"{values}_high"][k]) <= 5e-4 + 1e-6
                    if np.isfinite(mine[f"{values}_low"][k]):
                        assert abs(read(low) - mine[f"{values}_low"][k]) <= 5e-4 + 1e-6
                    else:
                        assert low == "−∞"


def test_what_is_drawn_are_the_forecasts_and_their_intervals(result, texts):
    data = data_of(texts["en"])
    (view,) = data["views"]
    rows, width = len(view["origins"]), len(data["slider"])
    assert view["origins"] == result["AR(4)"].origins.tolist()
    assert [data["steps"][place] for place in data["slider"]] == list(range(1, 65))
    for line, packed in zip(data["lines"], view["lines"], strict=True):
        name = line["name"][1:-1]
        drawn = unpacked(packed).reshape(rows, -1)
        assert drawn.shape[1] == (1 if name in ("Mean", "Naive") else width)
        wanted = result[name].predictions
        low, high = view["range"]
        np.testing.assert_allclose(
            np.broadcast_to(drawn, wanted.shape), np.clip(wanted, 2 * low - high, 2 * high - low), atol=1e-3
        )
    found = result["SSA(2)"]
    widest = np.nanmax(np.ptp(found.prediction_intervals(0.9), axis=0)) / 2
    for level, side in ((0.9, "wide"), (0.5, "narrow")):
        bottom, top = found.prediction_intervals(level)
        half = unpacked(view["bands"]["0"][side], "u1").reshape(-1, width)
        np.testing.assert_allclose(half, ((top - bottom) / 2)[view["banded"]], atol=0.51 / 254 * widest)
    bottom, top = found.prediction_intervals(0.9)
    inside = ((bottom <= found.actuals) & (found.actuals <= top)).sum(axis=1)
    assert view["bands"]["0"]["inside"] == inside[view["banded"]].tolist()
    assert view["bands"]["0"]["seen"] == [64] * len(view["banded"])
    series = result["AR(4)"]._panel[0]
    np.testing.assert_allclose(unpacked(view["values"]), series.numbers[view["from"] : view["to"] + 1], atol=1e-3)
    assert view["known"] == [series.when(view["origins"][row] - 1) for row in view["banded"]]


# -- the answer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "of", "en", "zh"),
    [
        (64, 64, "You can trust M at every step tested, up to 64 steps (64 hours) ahead.",
         "可以信任 M：所检验的每一步都可信，最远向前 64 步（64 小时）。"),
        (24, 64,
         "You can trust M up to 24 steps (1 day) ahead; further out nothing here is shown to beat every baseline.",
         "可以信任 M 向前 24 步（1 天）；再往后，没有证据表明这里有任何模型胜过每一种基线。"),
        (1, 64,
         "You can trust M up to 1 step (1 hour) ahead; further out nothing here is shown to beat every baseline.",
         "可以信任 M 向前 1 步（1 小时）；再往后，没有证据表明这里有任何模型胜过每一种基线。"),
        (1, 1, "You can trust M one step ahead, the only step tested.", "可以信任 M 向前 1 步：只检验了这一步。"),
        (0, 64, "No model here can be trusted even one step ahead: none is shown to beat every baseline.",
         "没有一个模型可以信任，哪怕只向前一步：没有证据表明它们胜过每一种基线。"),
    ],
)  # fmt: skip
def test_the_answer_has_its_forms(claim, of, en, zh):
    import dataclasses

    hours = np.datetime64("2024-03-01T00", "h") + np.arange(200)
    x = np.random.default_rng(0).normal(size=200).cumsum()
    said = facts(sa.evaluate({"M": sa.AR(1)}, sa.Series(x, times=hours), 4))
    reach = said.lines[0].reach._replace(claim=claim, of=of)
    said = dataclasses.replace(said, lines=[dataclasses.replace(said.lines[0], reach=reach), *said.lines[1:]])
    from stepahead.report.page import sentences

    assert sentences.answer(said, WORDING["en"]) == en
    assert sentences.answer(said, WORDING["zh"]) == zh


def test_the_answer_is_headline_title_and_what_report_gives_back(result, tmp_path, texts):
    for language in WORDING:
        said = page.report(result, tmp_path / "r.html", language)
        text = (tmp_path / "r.html").read_text(encoding="utf-8")
        assert text == texts[language], "the same comparison gives the same file"
        found = Page(text)
        assert found.title == said
        assert found.texts["h1"].replace("\u200b", "") == said
        assert found.language == WORDING[language]["lang"]
    assert page.report(result, tmp_path / "r.html") == result.answer.splitlines()[0].replace(
        ": it is shown to beat every baseline", ""
    )


def test_a_step_says_how_much_time_it_is():
    series = [
        sa.Series(np.arange(50.0), times=np.datetime64("2024-01-01T00:00", "m") + 15 * np.arange(50)) for _ in range(2)
    ]
    assert pace(tuple(series)) == (15, "m")
    assert amount(16 * 15, "m") == (4, "h")
    assert pace((series[0], sa.Series(np.arange(9.0)))) is None
    assert pace((series[0], sa.Series(np.arange(9.0), times=np.arange(9)))) is None
    uneven = np.datetime64("2024-01-01") + np.array([0, 1, 4, 5, 6])
    assert pace((sa.Series(np.arange(5.0), times=uneven),)) is None
    months = np.datetime64("2024-01", "M") + np.arange(12)
    assert pace((sa.Series(np.arange(12.0), times=months),)) == (1, "M")


# -- words --------------------------------------------------------------------------------------------------------


def test_both_languages_say_the_same_things():
    english, chinese = WORDING["en"], WORDING["zh"]
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert text.strip() or key == "space"
        assert Counter(re.findall(r"\{\w+\}", text)) == Counter(re.findall(r"\{\w+\}", chinese[key])), key
        for one in (text, chinese[key]):
            assert not re.search(r'[<>&"]', one), "words stand in HTML as they are"
        if not re.fullmatch(r"[\W\d_{}a-z]*", text):
            assert re.search(r"[\u4e00-\u9fff]", chinese[key]) or key in ("lang", "in_time", "time_many", "time_one"), (
                key
            )
            assert not re.search(r"[\u4e00-\u9fff] ?[,:;?!]|%[\u4e00-\u9fff]{0}\.", chinese[key]), (
                f"{key}: half-width punctuation"
            )
    assert set(IN_SCRIPT) <= set(english)
    used = set(re.findall(r"words\.(\w+)", ASSETS["page.js"])) - {"error_title", "skill_title"}
    assert used <= set(IN_SCRIPT) | {"reading"}


def test_every_word_is_used():
    sources = "".join(path.read_text() for path in [*(REPORT / "page").glob("*.py"), Path(fits.__file__)])
    built = {f"baseline_{kind}" for kind in BASELINES} | {"ms", "s", "m", "h", "D", "W", "M", "Y"}
    built |= {f"fit_{kind}" for kind in ("here", "declared", "other", "elsewhere", "unknown")}
    built |= {f"fit_{kind}_many" for kind in ("here", "declared", "elsewhere")}
    for key in set(WORDING["en"]) - built:
        assert len(re.findall(rf'"{key}"', sources)) > 2 or f"${key}" in ASSETS["page.html"], key


def test_what_is_filled_in_is_not_searched_again():
    assert fill("{a} and {b}", a="{b}", b="{a}") == "{b} and {a}"


# -- numbers as text ----------------------------------------------------------------------------------------------


def in_node(ask):
    """What an expression of JavaScript is, beside drawing.js: on its own, without a page."""
    node = next((path for path in map(Path, ("/usr/bin/node", "/usr/local/bin/node")) if path.exists()), None)
    if node is None:
        pytest.skip("no node here")
    script = sealed.asset("stepahead.report", "drawing.js") + f"console.log(JSON.stringify({ask}));"
    return json.loads(subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=True).stdout)


def test_the_script_writes_every_number_as_the_tables_do():
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-12, 12, 400) * rng.choice([-1.0, 1.0], 400)
    # Halves, which the two languages round in different ways by themselves; numbers at the edges of each form.
    ties = [
        0.5,
        1.5,
        2.5,
        0.125,
        -0.125,
        0.0625,
        0.375,
        2.25e10,
        12.5,
        0.0,
        -0.0,
        0.0005,
        0.00049999,
        9999999.5,
        1e7,
        1e-4,
    ]
    cells = [(float(value), places) for value in [*ties, *sizes] for places in range(-1, 8)]
    cells += [(float(whole), 0) for whole in range(0, 2_000_000, 12_345)]
    found = in_node(f"{json.dumps(cells)}.map(([value, places]) => number(value, places))")
    assert found == [written.number(*cell) for cell in cells]
    assert in_node("[NaN, Infinity, -Infinity].map((value) => number(value))") == [
        written.number(v) for v in (np.nan, np.inf, -np.inf)
    ]


def test_a_typed_number_is_the_same_number():
    rng = np.random.default_rng(1)
    for value in [*(10.0 ** rng.uniform(-9, 9, 300) * rng.choice([-1.0, 1.0], 300)).tolist(), 0.0, -0.125, 1e300]:
        for places in range(-1, 6):
            shown = written.typed(value, places)
            assert shown.isascii()
            assert abs(float(shown) - value) <= max(
                0.5001 * 10.0**-places if places >= 0 else 0.0, 0.0501 * abs(value)
            ), shown
    assert written.typed(np.nan) == "-"
    assert float(written.typed(-np.inf)) == -np.inf


def test_round_numbers_are_apart_by_one_two_or_five():
    for low, high, most in [
        (0.0, 1.0, 5),
        (-0.75, 1.0, 5),
        (-96.0, 64.0, 9),
        (1e-9, 3e-9, 5),
        (604.0, 937.0, 6),
        (0.0, 7e8, 4),
    ]:
        found, places = in_node(f"Object.values(roundNumbers({low}, {high}, {most}))")
        steps = np.diff(found)
        size = steps[0] / 10.0 ** np.floor(np.log10(steps[0]) + 1e-9)
        assert np.isclose(size, [1.0, 2.0, 5.0]).any()
        np.testing.assert_allclose(steps, steps[0])
        assert 2 <= len(found) <= most + 1
        assert found[0] - steps[0] < low <= found[0] + 1e-9 * steps[0]
        assert found[-1] - 1e-9 * steps[0] <= high < found[-1] + steps[0] * (1 + 1e-9)
        assert all(abs(round(value, places) - value) < 1e-6 * steps[0] for value in found)


def test_a_path_is_broken_where_there_is_nothing():
    assert in_node("pathThrough([[0, 1], [1, NaN], [2, 3], [3, 4], [4, Infinity], [5, 6]])") == (
        "M0.00,1.00M2.00,3.00L3.00,4.00M5.00,6.00"
    )
    assert in_node("pathThrough([])") == ""
    assert (
        in_node("bandThrough([[0, 1, 2], [1, 2, 4], [2, NaN, 3], [3, 5, 7]])")
        == "M0.0,2.0L1.0,4.0L1.0,2.0L0.0,1.0ZM3.0,7.0L3.0,5.0Z"
    )
    assert in_node("bandThrough([[0, NaN, NaN]])") == ""


def test_numbers_are_written_so_that_they_can_be_read():
    assert written.number(1234567.0, 0) == "1,234,567"
    assert written.number(float("inf")) == "∞"
    assert written.number(-np.inf) == "−∞"
    assert written.number(0.0) == "0.000"
    assert written.number(0.0, written.EXPONENT) == "0"
    assert written.number(1e-9, 3) == "1.0e−9"
    assert written.number(2.5e10, 3) == "2.5e10"
    assert written.decimals([]) == 3
    assert written.decimals([250.0, 1000.0]) == 0
    assert written.decimals([1e12]) == written.EXPONENT
    assert written.share(np.nan) == "–"
    assert packing.rounded(float("nan")) is None
    assert packing.rounded(0.123456789) == 0.123457
    assert packing.rounded(-np.inf) == "−∞"


# -- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "step", "count", "first", "most"),
    [
        ("2024-01-01T00:00", "15m", 500, "2024-01-01 00:00", 12),
        ("2024-01-01", "1D", 1461, "2024-01", 12),
        ("2024-01", "1M", 400, "2025", 12),
        ("1871", "1Y", 100, "1880", 12),
        ("2024-01-01T00:00:00.000", "20ms", 300, "2024-01-01 00:00:00", 12),
    ],
)
def test_dates_are_labelled_where_they_are_round(start, step, count, first, most):
    number, unit = re.fullmatch(r"(\d+)(\w+)", step).groups()
    times = np.datetime64(start) + np.arange(count) * np.timedelta64(int(number), unit)
    found = ticks.ticks(times, 0, count - 1)
    assert 3 <= len(found) <= most
    assert found[0][1].startswith(first[:4])
    for at, text in found:
        assert 0 <= at <= count - 1
        nearest = str(times[round(at)]).replace("T", " ")
        assert nearest.startswith(text[:7]) or unit == "W", (nearest, text)
    assert len({text for _, text in found}) == len(found)


def test_numbers_are_labelled_where_they_are_round():
    assert [text for _, text in ticks.ticks(np.arange(1700, 2009), 100, 308)][:3] == ["1800", "1820", "1840"]
    assert ticks.ticks(np.arange(1700, 2009), 100, 308)[0][0] == 100.0
    seconds = ticks.ticks(np.arange(1000) / 16000, 0, 999)
    assert [text for _, text in seconds][:3] == ["0", "0.01", "0.02"]
    assert seconds[1][0] == pytest.approx(160)
    assert ticks.ticks(None, 5, 5) == [(5.0, "5")]
    assert [text for _, text in ticks.ticks(None, 0, 4)] == ["0", "1", "2", "3", "4"]


def test_a_lone_or_odd_time_still_has_a_label():
    times = np.array(["2024-01-05T11:13:17", "2024-01-05T11:13:17.003"], dtype="datetime64[ms]")
    assert ticks.ticks(times, 0, 1)
    assert ticks.ticks(times, 1, 1)
    series = sa.Series(np.arange(3.0), times=np.datetime64("2024-01-05T10:00:00") + 3600 * np.arange(3))
    assert ticks.moment(series, 1) == "2024-01-05 11:00"


# -- size ---------------------------------------------------------------------------------------------------------


def test_the_page_without_its_data_is_small(texts):
    for text in texts.values():
        shell = len(text.encode()) - len(json.dumps(data_of(text)))
        tables = sum(len(found.encode()) for found in re.findall(r"<table>.*?</table>", text, re.DOTALL))
        assert shell - tables < 60_000
        assert len(text.encode()) < 600_000
    assert sum(len(text.encode()) for text in ASSETS.values()) < 45_000


def test_any_report_is_below_six_hundred_kilobytes(monkeypatch):
    rng = np.random.default_rng(0)

    def intervals(result, level=0.9, method="conformal"):
        half = rng.random(result.predictions.shape)
        return result.predictions - half, result.predictions + half

    monkeypatch.setattr(sa.results.KStep, "prediction_intervals", intervals)  # as many bytes, and no time
    wave = np.sin(np.arange(2600) / 9) + rng.normal(0, 0.1, 2600)
    days = np.datetime64("2001-01-01") + np.arange(2600)
    drifts = {f"{'a long name ' * 30}{i}": sa.AR(i) for i in range(1, 15)}
    cases = [
        (drifts, sa.Series(wave, times=days, name="series " * 60), 64, 0.5),
        (drifts, [wave[:700], wave[700:1500], wave[1500:]], 40, 0.5),
        ([sa.AR(2)], wave, 300, 0.5),
        ({f"{i}{'名' * 300}": sa.baselines.Drift() for i in range(70)}, wave[:600], 30, 0.5),
    ]
    for models, series, horizon, train in cases:
        text = page_of(sa.evaluate(models, series, horizon, train))
        assert len(text.encode()) < 600_000
        data = data_of(text)
        assert len(data["slider"]) <= 64
        for view in data["views"]:
            assert len(view["origins"]) <= 400
            assert len(unpacked(view["values"])) <= 2000


@pytest.mark.parametrize("rows", [1, 50, 333, 5000])
@pytest.mark.parametrize("lines", [1, 4, 8])
def test_the_plan_keeps_to_its_budget(rows, lines):
    for steps, shown, budget in itertools.product((1, 64, 1000), (1, 3), (150_000, 500_000)):
        found = packing.plan(rows, steps, lines, lines, shown, budget)
        assert packing._cost(found, lines, lines, shown) <= budget
        assert found.origins <= min(rows, 400)
        assert found.steps <= min(steps, 64)
    assert packing.plan(333, 64, 3, 3, 1, 450_000) == (333, 64, 1), "where there is room nothing is left out"


def test_of_many_steps_the_small_ones_and_the_shown_ones_stay():
    steps = np.arange(1, 1001)
    found = steps[packing.stepped(steps, 64, (1, 4, 16, 64, 1000))]
    assert len(found) <= 64
    assert {1, 4, 16, 64, 1000} <= set(found.tolist())
    assert found[:8].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (np.diff(found) > 0).all()
    assert packing.stepped(np.array([3, 9]), 64, (3, 9)).tolist() == [0, 1]


class Third(sa.baselines.Mean):
    """A baseline of somebody else, of a kind that the page has no words for."""

    kind = "third"


def test_a_baseline_says_of_what_kind_it_is_and_a_strange_one_is_told_by_its_name():
    x = np.sin(np.arange(300) / 5) + np.random.default_rng(0).normal(0, 0.1, 300)
    said = facts(sa.evaluate({"m": sa.AR(2), "<third>": Third()}, x, 4, period=31))
    kinds = {line.name: line.baseline for line in said.lines}
    assert kinds == {
        "m": None, "<third>": ("third", 0), "Mean": ("mean", 0), "Naive": ("last", 0), "SeasonalNaive(31)": ("season",
        31),
    }  # fmt: skip
    basis = page_of(sa.evaluate({"m": sa.AR(2), "<third>": Third()}, x, 4))
    assert "&lt;third&gt;, last value" in basis or "last value, &lt;third&gt;" in basis
    symbols = facts(sa.evaluate([sa.MarkovChain(1), sa.MarkovChain(2)], list("aab" * 40), 2))
    assert [line.baseline for line in symbols.lines if line.simple] == [("symbols", 0)]
    assert set(symbols.models) == {"MarkovChain(1)", "MarkovChain(2)"}


@pytest.mark.parametrize("models", [[sa.AR(2), sa.AR(4)], [sa.AR(lags) for lags in range(1, 12)], []])
def test_a_report_asks_for_the_intervals_of_each_level_once(models, monkeypatch, tmp_path):
    x = np.sin(np.arange(300) / 5) + np.random.default_rng(0).normal(0, 0.1, 300)
    result = sa.evaluate(models or [sa.baselines.Mean()], x, 3)
    asked, literal = Counter(), type(next(iter(result.values()))).prediction_intervals

    def intervals(self, level=0.9, method="conformal"):
        asked[self.model, level] += 1
        return literal(self, level, method)

    monkeypatch.setattr(type(next(iter(result.values()))), "prediction_intervals", intervals)
    result.report(tmp_path / "r.html")
    assert set(asked.values()) == {1}
    assert sum(level == 0.9 for _, level in asked) == len(result)
    assert sum(level == 0.5 for _, level in asked) == min(8, len(models) or 2)


def test_of_very_many_origins_the_last_are_drawn_and_the_page_says_so():
    assert packing.rows_drawn(slice(0, 300), 400).tolist() == list(range(300))
    evenly = packing.rows_drawn(slice(0, 1500), 400)
    assert (len(evenly), evenly[0], evenly[-1]) == (400, 0, 1499)
    last = packing.rows_drawn(slice(0, 12_000), 400)
    assert last.tolist() == list(range(11_600, 12_000))
    x = np.sin(np.arange(900) / 5) + np.random.default_rng(0).normal(0, 0.1, 900)
    found = data_of(page_of(sa.evaluate(sa.AR(2), x, 2, train=100)))["views"][0]
    assert found["drawn"] == "400 of 799 origins are drawn here, evenly taken; every number uses all of them."


# -- nothing runs -------------------------------------------------------------------------------------------------


def test_the_policy_allows_these_two_texts_and_nothing_else(texts):
    for text in texts.values():
        for tag in ("script", "style"):
            inner = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
            digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
            assert sealed.fingerprint(getattr(page, tag)()) == f"sha256-{digest}"
            assert f"'sha256-{digest}'" in text[: text.index("<title>")]
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "unsafe" not in policy
        assert policy.endswith("require-trusted-types-for 'script'; trusted-types 'none'")
        assert "\r" not in text


def test_the_hashes_are_printed_in_the_documentation():
    text = (ROOT / "docs" / "report.md").read_text()
    for part in (page.script(), page.style()):
        assert sealed.fingerprint(part) in text, (
            "docs/report.md names other hashes than those of the script and the style"
        )


def test_the_assets_ask_nobody_for_anything():
    script = page.script()
    for word in (
        "</script",
        "<!--",
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
        "Function(",
        "fetch(",
        "import(",
        "XMLHttp",
    ):
        assert word not in script, word
    for name, text in ASSETS.items():
        addresses = re.findall(r"https?://[^\s\"']*", text)
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, name
    assert "url(" not in ASSETS["page.css"]
    assert "style=" not in ASSETS["page.html"]
    assert not re.search(r"\son\w+=", ASSETS["page.html"])


@pytest.fixture(scope="module")
def hostile():
    """Pages in which every string that a user can give is a payload."""
    rng = np.random.default_rng(0)
    pages = []
    for start in range(0, len(PAYLOADS), 8):
        names = {payload: sa.baselines.Drift() for payload in PAYLOADS[start : start + 8]}
        panel = [sa.Series(rng.normal(size=40), name=payload) for payload in PAYLOADS[start : start + 3]]
        for series, language in zip((panel[0], panel), WORDING, strict=True):
            pages.append(page_of(sa.evaluate(names, series, 2), language))
    return pages


def test_payloads_are_text(hostile, texts):
    assert len(PAYLOADS) >= 40
    clean = Page(texts["en"])
    for text in hostile:
        found = Page(text)
        assert found.tags.count("script") == 2
        assert found.tags.count("style") == 1
        assert set(found.tags) <= set(clean.tags), "no element that the page does not make itself"
        assert not [name for name in found.attributes if name.startswith("on") or name in ("style", "src", "srcdoc")]
        block = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]
        assert not re.search("[<>&\u2028\u2029]", block)
        assert not re.search("[\u202a-\u202e\u2066\u2067\0]", text), "direction and control characters as escapes"
        assert "49" not in found.texts["h1"]


# -- other kinds of comparison --------------------------------------------------------------------------------------


def test_symbols_have_losses_and_no_lines():
    series = sa.read(EXAMPLES / "seattle_weather_daily.csv", "weather", "date")
    result = sa.evaluate([sa.MarkovChain(1, smoothing=1.0), sa.MarkovChain(2, smoothing=1.0)], series, 8)
    for language, words in WORDING.items():
        text = page_of(result, language)
        found, data = Page(text), data_of(text)
        assert data["views"] == []
        assert 'id="along"' not in text
        assert found.tables[0][0][0] == words["model"]
        for name, _, *cells in found.tables[0][1:]:
            np.testing.assert_allclose([read(c) for c in cells], result[name].log_loss()[[0, 3, 7]], atol=6e-4)
        assert words["log_loss"] in text
        assert "RMSE" not in text
    reach = result.trusted_horizon()
    assert {line["name"][1:-1]: line["claim"] for line in data["lines"]} == {n: h.claim for n, h in reach.items()} | {
        "MarkovChain(0)": None
    }
    skill = result.skill()
    for line in data["lines"]:
        np.testing.assert_allclose(line["skill"]["value"], skill[line["name"][1:-1]][0], rtol=1e-5, atol=1e-9)


def test_a_loss_without_bound_is_told_and_not_drawn():
    chain = ["a", "b"] * 40 + ["a", "a"] + ["a", "b"] * 20
    result = sa.evaluate([sa.MarkovChain(1, smoothing=0.0)], chain, 2, train=60)
    text = page_of(result)
    assert np.isinf(result["MarkovChain(1)"].log_loss()[0])
    assert "∞" in Page(text).tables[0][1][2]
    assert data_of(text)["lines"][0]["error"]["value"][0] == "∞"


def test_of_many_series_a_few_are_drawn_and_all_are_counted():
    panel = [sa.Series(sa.datasets.noisy_sine(seed=i, length=260).values, name=f"site {i}") for i in range(7)]
    result = sa.evaluate([sa.AR(2)], panel, 6)
    text = page_of(result)
    data = data_of(text)
    assert [view["name"][1:-1] for view in data["views"]] == ["site 0", "site 3", "site 6"]
    assert data["views"][1]["drawn"] == "3 of 7 series are drawn here, evenly taken; every number uses all of them."
    first = result["AR(2)"]
    for view, index in zip(data["views"], (0, 3, 6), strict=True):
        rows = first.part == index
        assert view["origins"] == first.origins[rows].tolist()
        np.testing.assert_allclose(unpacked(view["lines"][0]).reshape(-1, 6), first.predictions[rows], atol=1e-3)
    assert f"{len(first.origins):,} held-out origins (one fit on 7 series)" in text


def test_steps_that_were_kept_are_the_steps_of_the_page():
    result = sine_result(steps=[1, 4, 16, 64])
    data = data_of(page_of(result))
    assert (data["steps"], data["slider"], data["jumps"], data["start"]) == (
        [1, 4, 16, 64],
        [0, 1, 2, 3],
        [1, 4, 16, 64],
        2,
    )


def test_a_constant_has_dashes_and_no_skill():
    text = page_of(sa.evaluate([sa.AR(2)], np.full(120, 3.0), 4))
    data = data_of(text)
    assert data["lines"][0]["skill"]["value"] == [None] * 4
    assert "No model here can be trusted" in Page(text).title
    assert [row[1] for row in Page(text).tables[3][1:]] == ["–"] * 4
    assert "NaN" not in json.dumps(data)


def test_simple_baselines_alone_are_not_judged():
    text = page_of(sa.evaluate([sa.baselines.Naive()], sa.datasets.noisy_sine(seed=0), 4))
    assert Page(text).title == WORDING["en"]["trust_nobody"]
    assert not data_of(text)["skilled"]
    assert WORDING["en"]["trusted"] not in Page(text).tables[0][0]


def test_missing_values_are_gaps_and_counted():
    x = sa.datasets.noisy_sine(seed=0, length=400).values.copy()
    x[[300, 301, 350]] = np.nan
    result = sa.evaluate([sa.AR(2)], sa.Series(x, missing="skip"), 3)
    text = page_of(result)
    view = data_of(text)["views"][0]
    assert np.isnan(unpacked(view["values"])).sum() == 3
    counted = Page(text).tables[0][-1]
    assert counted[0] == WORDING["en"]["counted"]
    assert [int(cell) for cell in counted[2:4]] == result["AR(2)"]._n()[[0, 2]].tolist()
    assert any("have no forecast" in note for note in result.notes)
    assert "have no forecast" in text


def test_more_models_than_can_be_told_apart_are_listed_and_not_drawn():
    x = np.random.default_rng(0).normal(size=160).cumsum()
    result = sa.evaluate({f"m{i}": sa.AR(1 + i % 3) for i in range(12)}, x, 2)
    text = page_of(result)
    assert len(data_of(text)["lines"]) == packing.MOST_LINES + 2
    assert len(Page(text).tables[0]) == 1 + 12 + 2
    assert "The best 8 of 12 models are drawn." in text


def test_a_model_of_your_own_is_named_without_its_address_in_memory():
    class Mine:
        context = 1

        def fit(self, series):
            return self

        def encode(self, values, after=None):
            numbers = values.numbers if isinstance(values, sa.Series) else np.asarray(values)
            return (numbers[:, None],)

        def rollout(self, state, horizon):
            return np.repeat(state[0], horizon, axis=1)

    text = page_of(sa.evaluate({"mine": Mine()}, np.random.default_rng(0).normal(size=80), 2))
    assert " at 0x" not in text
    assert "<bdi>Mine</bdi>" in text


# -- the door -------------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_written_and_a_language_that_is_not_there(result, tmp_path):
    with pytest.raises(sa.errors.OutputError):
        page.report(result, tmp_path / "nowhere" / "r.html")
    with pytest.raises(sa.errors.ParameterError, match="'en', 'zh'"):
        page.report(result, tmp_path / "r.html", "fr")
    with pytest.raises(sa.errors.InputError, match="held-out"):
        page.report(result.training, tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_writes_it(run, tmp_path):
    file, out = EXAMPLES / "seattle_weather_daily.csv", tmp_path / "page.html"
    typed = [
        "report",
        file,
        "--value",
        "temp_max",
        "--time",
        "date",
        "--horizon",
        8,
        "--models",
        "ar",
        "--lags",
        8,
        "-o",
        out,
    ]
    code, said, err = run(*typed, "--language", "zh")
    assert code == 0, err
    found = Page(out.read_text(encoding="utf-8"))
    assert found.title == said.strip()
    assert found.language == "zh-Hans"
    assert "（8 天）" in said
    assert "wrote" in err
    assert run("report", "--help")[0] == 0


def gbk(folder):
    path = folder / "gbk.csv"
    lines = [f"2024-01-{day:02d};{20 + day % 7},5" for day in range(1, 32)]
    path.write_bytes(("日期;温度\n" + "\n".join(lines)).encode("gbk"))
    return path


def gaps(folder):
    path = folder / "gaps.csv"
    path.write_text("day,mw\n" + "".join(f"2024-01-{day:02d},{'' if day == 9 else day % 5}\n" for day in range(1, 32)))
    return path


@pytest.mark.parametrize(
    ("make", "typed", "hint"),
    [
        (gbk, ["--value", "温度"], "--encoding gbk"),
        (gbk, ["--value", "温度", "--encoding", "gbk"], "--decimal ,"),
        (gbk, ["--encoding", "gbk", "--decimal", ","], "--value"),
        (gaps, ["--value", "mw", "--time", "day"], "--missing skip"),
        (gaps, ["--value", "watts", "--time", "day"], "'mw'"),
    ],
)
def test_an_error_on_the_command_line_says_what_to_type(run, tmp_path, make, typed, hint):
    code, out, err = run(
        "report", make(tmp_path), *typed, "--horizon", 3, "--models", "ar", "--lags", 1, "-o", tmp_path / "r.html"
    )
    assert (code, out) == (3, "")
    assert hint in err
    assert not (tmp_path / "r.html").exists()


def test_what_the_error_said_to_type_is_enough(run, tmp_path):
    out = ["--horizon", 3, "--models", "ar", "--lags", 1, "-o", tmp_path / "r.html"]
    assert (
        run("report", gbk(tmp_path), "--value", "温度", "--time", "日期", "--encoding", "gbk", "--decimal", ",", *out)[
            0
        ]
        == 0
    )
    assert run("report", gaps(tmp_path), "--value", "mw", "--time", "day", "--missing", "skip", *out)[0] == 0
