"""The report without a browser: every number is the comparison's, every name is inert, and the file stays small."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import stepahead as sa
from stepahead import text as written
from stepahead.report.page import packing, page, views
from stepahead.report.page.wording import WORDING

from ...data import ALWAYS, EXAMPLES, ROOT
from ...pages import PAYLOADS, Page, data_of, in_node, page_of, read, unpacked

REPORT = ROOT / "src" / "stepahead" / "report"
ASSETS = {name: (REPORT / "page" / name).read_text() for name in ("page.html", "page.css", "page.js")}
ASSETS["drawing.js"] = (REPORT / "drawing.js").read_text()


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
    assert [line["claim"] for line in data["lines"]] == [reach[n].claim for n in names] + [None] * views.MOST_GUESSES


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
    assert [int(cell) for cell in counted[2:4]] == result["AR(2)"].n()[[0, 2]].tolist()
    assert any("have no forecast" in note for note in result.notes)
    assert "have no forecast" in text


def test_more_models_than_can_be_told_apart_are_listed_and_not_drawn():
    x = np.random.default_rng(0).normal(size=160).cumsum()
    result = sa.evaluate({f"m{i}": sa.AR(1 + i % 3) for i in range(12)}, x, 2)
    text = page_of(result)
    assert len(data_of(text)["lines"]) == packing.MOST_LINES + views.MOST_GUESSES
    assert len(Page(text).tables[0]) == 1 + 12 + len(ALWAYS)
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


def test_a_file_that_cannot_be_written_and_a_language_that_is_not_there(result, tmp_path):
    with pytest.raises(sa.errors.OutputError):
        page.report(result, tmp_path / "nowhere" / "r.html")
    with pytest.raises(sa.errors.ParameterError, match="'en', 'zh'"):
        page.report(result, tmp_path / "r.html", "fr")
    with pytest.raises(sa.errors.InputError, match="held-out"):
        page.report(result.training, tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []
