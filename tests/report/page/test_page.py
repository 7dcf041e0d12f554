"""The report without a browser: every number is the comparison's, every name is inert, and the file stays small."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest

import stepahead as sa
from stepahead import text as written
from stepahead.report import first_chart, palette
from stepahead.report.page import name_tags, packing, page, sentences
from stepahead.report.page.wording import WORDING

from ...data import EXAMPLES, ROOT
from ...evaluation.drawn import answer_of, some_losses
from ...pages import PAYLOADS, Page, data_of, in_node, listed, page_of, read, unpacked

REPORT = ROOT / "src" / "stepahead" / "report"
ASSETS = {name: (REPORT / "page" / name).read_text() for name in ("page.html", "page.css")}
ASSETS |= {path.name: path.read_text() for path in sorted((REPORT / "page" / "script").iterdir())}

ASSETS["drawing.js"] = (REPORT / "drawing.js").read_text()


def test_the_slots_are_the_model_of_the_headline_then_the_order_of_the_bars(result, texts):
    answer = result.answer
    slots = palette.slots(answer.judgement)
    assert sorted(slots.values()) == [1, 2, 3]
    assert slots[answer.model] == 1
    means = {name: np.mean(1.0 - answer.saving[name]) for name in slots}
    rest = [name for name in slots if name != answer.model]
    assert rest == sorted(rest, key=means.get)
    drawn = {line["name"][1:-1]: line["classes"] for line in data_of(texts["en"])["lines"]}
    assert drawn == {name: name_tags.classes(slots, name) for name in slots}
    few = sa.evaluate([sa.AR(n) for n in range(1, 6)], sa.datasets.noisy_sine(seed=0, length=300), 2)
    assert palette.first_rows(few.answer.judgement) == list(palette.slots(few.answer.judgement))[:3]
    assert data_of(page_of(few))["few"] == 3


@pytest.mark.parametrize("series", [0, 1, 2, 3])
def test_strip_and_bold_are_the_row_to_use(series):
    """Whom the strip names at a step, the table has in bold there, on the page and in the terminal."""
    x = sa.datasets.noisy_sine(seed=series, length=400).values
    x = [x, x.cumsum(), np.random.default_rng(series).normal(size=400), x + 0.5 * (np.arange(400) % 7 == 0)][series]
    result = sa.evaluate({"a": sa.AR(1), "b": sa.AR(24), "c": sa.SSA(rank=2)}, x, 16)
    text, answer = page_of(result), result.answer
    data = data_of(text)
    rows = Page(text).tables[0][1:]
    names = [cells[0].replace("\u2060", "") for cells in rows]
    table = re.search(r"<table>.*?</table>", text, re.DOTALL)[0].split("<tr")[2:]
    printed = result.table()
    for place, k in enumerate((1, 4, 16)):
        (strip,) = [name[1:-1] for a, b, name, *_ in data["first"]["use"] if (a or 0) < k < (b or 99)]
        bold = [
            names[i]
            for i, row in enumerate(table)
            if "<b>" in re.findall(r"<td(?: class=\"late\")?>(.*?)</td>", row)[place - 3]
        ]
        used = answer.use[k - 1]
        said = used if used in answer.verdicts else sentences.plain(used, answer.units, "en")
        assert strip == said
        assert len(bold) == 1
        assert bold[0].startswith(said)
        (line,) = [
            row
            for row in printed.splitlines()
            if re.match(rf"  {re.escape(said)} .*\d", row) and "█" not in row and "░" not in row and "·" not in row
        ]
        marks = re.findall(r"[\d.]+(\*?)", line.split(said, 1)[1])
        assert marks[place] == "*"


def test_the_numbers_of_the_charts_are_those_of_the_frame(result, texts):
    data, answer = data_of(texts["en"]), result.answer
    frame = result.to_frame()
    assert data["steps"] == list(range(1, 65))
    assert [line["name"][1:-1] for line in data["lines"]] == list(palette.slots(answer.judgement))
    for line in data["lines"]:
        name = line["name"][1:-1]
        place = answer.judgement.models.index(name)
        tested = answer.judgement.tested[place]
        np.testing.assert_allclose(line["error"], frame[frame.model == name].rmse, rtol=1e-5)
        np.testing.assert_allclose(line["saving"]["value"], answer.saving[name], rtol=1e-5, atol=1e-12)
        for side, wanted in (("low", answer.low[name]), ("high", answer.high[name])):
            drawn = np.array(
                [np.nan if v is None else read(v) if isinstance(v, str) else v for v in line["saving"][side]]
            )
            np.testing.assert_allclose(drawn, np.where(tested, wanted, np.nan), rtol=1e-5, atol=1e-12)
        assert line["state"] == answer.judgement.state[place].tolist()
        ends = [
            part
            for a, b, state in line["bar"]
            for part in [state] * sum((a or 0) < k < (b or 99) for k in range(1, 65))
        ]
        assert ends == line["state"]
    best = np.min([found.rmse() for name, found in result.items() if name not in answer.verdicts], axis=0)
    assert (np.array(data["first"]["best"]) <= 1.006 * best).all(), "a name keeps a step within 1 % of the loss"
    assert data["floor"] == [0.2] * 64
    assert data["steps"][data["slider"][data["start"]]] == answer.verdicts[answer.model].step


def test_the_name_in_the_headline_is_marked_and_nothing_else():
    for name in ("few", "Trust", "<b>", "a & b", "ahead", "提前"):
        result = sa.evaluate({name: sa.SSA(rank=2)}, sa.datasets.noisy_sine(seed=0, length=760), 64, 560)
        for language in WORDING:
            text = page_of(result, language)
            assert Page(text).texts["h1"].replace("\u200b", "") == result.answer.told(language).headline
            before, marked = re.search(r"<h1>(.*?)<bdi[^>]*>(.*?)</bdi>", text).groups()
            assert marked == html.escape(name)
            assert before == ("Trust " if language == "en" else "")


def test_a_season_that_was_found_stands_among_the_facts():
    rng = np.random.default_rng(0)
    days = np.datetime64("2020-01-01") + np.arange(500)
    x = sa.Series(3.0 * np.sin(2 * np.pi * np.arange(500) / 7) + rng.normal(size=500), times=days)
    result = sa.evaluate([sa.AR(2)], x, 7)
    assert result.answer.season.periods == (7,)
    text = page_of(result)
    assert "<div class=season><dt>Season</dt><dd>A season of 7 days was found" in text
    assert any("same-weekday average" in row[0] or "same day last week" in row[0] for row in Page(text).tables[0])


def test_the_first_chart_reaches_what_matters():
    best = np.array([2.95, 3.8, 3.84])
    low, high = first_chart.span(best, [np.array([2.79, 3.9, 9.9])])
    assert high == pytest.approx(1.35 * 3.84), "a line far above the baselines leaves the chart"
    assert 0.0 < low < 2.79
    assert first_chart.span(best, [np.array([0.1, 0.2, 0.3])]) == (0.0, pytest.approx(1.12 * 3.84))
    assert first_chart.span(np.zeros(2), [np.zeros(2)]) == (0.0, 1.0)
    assert first_chart.span(np.array([1.0]), [np.array([np.inf])])[1] == pytest.approx(1.12)


def test_a_notebook_shows_the_answer_and_the_still_chart(result):
    page = result._repr_html_()
    told = result.answer.told()
    assert page.startswith(f"<p><bdi><b>{told.headline}</b></bdi></p><p><bdi>{told.second}</bdi></p>")
    assert page.index('<svg class="still"') < page.index("<table>")
    assert "<script" not in page
    hostile = sa.evaluate({payload: sa.AR(1) for payload in PAYLOADS[:9]}, np.random.default_rng(0).normal(size=80), 2)
    assert set(Page(hostile._repr_html_()).tags) <= {*Page(page).tags}


def test_the_still_chart_draws_the_errors_and_the_states(result, texts):
    """Its path, turned back through its axis, is the RMSE; as long as the gain is clear it is thick."""
    answer = result.answer
    still = re.search(r'<svg class="still".*?</svg>', texts["en"], re.DOTALL)[0]
    assert "style=" not in still
    ticks_at = [
        (float(y) - 4, float(said)) for y, said in re.findall(r'y="([\d.]+)" text-anchor="end"[^>]*>([\d.]+)<', still)
    ]
    scale = np.polynomial.Polynomial.fit(*zip(*ticks_at, strict=True), 1)
    paths = re.findall(r'<path d="([^"]*)" stroke-width="([\d.]+)"[^>]*class="of (c\d)"', still)
    first = next(path for path, width, colour in paths if width == "2" and colour == "c1")
    values = scale(np.array([float(pair.split(",")[1]) for pair in re.findall(r"[\d.]+,[\d.]+", first)]))
    np.testing.assert_allclose(values, result[answer.model].rmse(), atol=0.003)
    thick = [path for path, width, _ in paths if width == "5"]
    runs = np.diff(np.concatenate([[0], (answer.shown[answer.model]).astype(int), [0]]))
    assert len(thick) == (runs == 1).sum()
    assert answer.headline in still


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
        found = [*re.findall(r"<table>.*?</table>", text, re.DOTALL), *re.findall(r'<svg class="still".*?</svg>', text)]
        tables = sum(len(part.encode()) for part in found)
        assert shell - tables < 60_000
        assert len(text.encode()) < 600_000


SIZES = ["long names and dates", "a panel", "300 steps", "70 models"]


@pytest.mark.parametrize(
    "place", [0, 2, *(pytest.param(place, marks=pytest.mark.slow) for place in (1, 3))], ids=SIZES.__getitem__
)
def test_any_report_is_below_six_hundred_kilobytes(monkeypatch, place):
    rng = np.random.default_rng(0)

    def intervals(result, level=0.9, method="conformal"):
        half = rng.random(result.predictions.shape)
        return result.predictions - half, result.predictions + half

    monkeypatch.setattr(sa.results.KStep, "prediction_intervals", intervals)  # as many bytes, and no time
    wave = np.sin(np.arange(2600) / 9) + rng.normal(0, 0.1, 2600)
    days = np.datetime64("2001-01-01") + np.arange(2600)
    drifts = {f"{'a long name ' * 30}{i}": sa.AR(i) for i in range(1, 15)}
    models, series, horizon, train = [
        (drifts, sa.Series(wave, times=days, name="series " * 60), 64, 0.5),
        (drifts, [wave[:700], wave[700:1500], wave[1500:]], 40, 0.5),
        ([sa.AR(2)], wave, 300, 0.5),
        ({f"{i}{'名' * 300}": sa.baselines.Drift() for i in range(70)}, wave[:600], 30, 0.5),
    ][place]
    text = page_of(sa.evaluate(models, series, horizon, train))
    assert len(text.encode()) < 600_000
    data = data_of(text)
    assert len(data["slider"]) <= 64
    for view in data["views"]:
        assert len(view["origins"]) <= 400
        assert len(unpacked(view["values"])) <= 2000


def test_the_assets_ask_nobody_for_anything():
    script = "".join(map(page.script, page.PARTS))
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
        assert set(found.tags) <= {*clean.tags, "select"}, "no element that the page does not make itself"
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
        for name, row in zip(listed(result), found.tables[0][1:], strict=False):
            np.testing.assert_allclose([read(c) for c in row[3:]], result[name].log_loss()[[0, 3, 7]], atol=6e-4)
        assert words["log_loss"] in text
        assert "RMSE" not in text


def test_a_loss_without_bound_is_told_and_not_drawn():
    chain = ["a", "b"] * 40 + ["a", "a"] + ["a", "b"] * 20
    result = sa.evaluate([sa.MarkovChain(1, smoothing=0.0)], chain, 2, train=60)
    text = page_of(result)
    assert np.isinf(result["MarkovChain(1)"].log_loss()[0])
    assert "∞" in Page(text).tables[0][1][3]
    assert Page(text).tables[0][1][1] == "infinite loss at steps 1 to 2"
    assert "a MarkovChain with smoothing=1 gives 0 to no state it knows" in text
    assert data_of(text)["lines"][0]["error"][0] == "∞"
    assert "smoothing=1" in page_of(result, "zh")


def test_the_parts_of_strip_and_bars_are_the_answer_at_every_step():
    """Of answers of every kind: each step lies in one part, and the part says its row and its state."""
    for seed in range(60):
        losses, models, steps = some_losses(seed)
        answer = answer_of(losses, models, steps)
        for parts, row, state in [
            (first_chart.use_parts(answer), answer.use, None),
            *[(first_chart.bar_parts(answer, m), np.full(len(steps), m), answer.state[m]) for m in range(models)],
        ]:
            assert [part.first for part in parts] == [0, *[part.last + 1 for part in parts[:-1]]]
            assert parts[-1].last == len(steps) - 1
            for part in parts:
                here = slice(part.first, part.last + 1)
                assert set(row[here]) == {part.row}
                wanted = state if state is not None else answer.state[part.row] if part.row < models else None
                assert wanted is None or set(wanted[here]) == {part.state}
                low, high = first_chart.edges(part, answer.steps)
                inside = [(low or 0) < k < (high or np.inf) for k in answer.steps]
                assert np.flatnonzero(inside).tolist() == list(range(part.first, part.last + 1))


def test_a_constant_has_no_saving():
    text = page_of(sa.evaluate([sa.AR(2)], np.full(120, 3.0), 4))
    data = data_of(text)
    assert not any(data["lines"][0]["state"])
    assert "NaN" not in json.dumps(data)
    assert "use the" in Page(text).title


def test_simple_baselines_alone_are_not_judged():
    text = page_of(sa.evaluate([sa.baselines.Naive()], sa.datasets.noisy_sine(seed=0), 4))
    assert Page(text).title == WORDING["en"]["nobody"]
    assert data_of(text)["first"] is None
    assert WORDING["en"]["verdict"] not in Page(text).tables[0][0]


def test_missing_values_are_gaps_and_counted():
    x = sa.datasets.noisy_sine(seed=0, length=400).values.copy()
    x[[300, 301, 350]] = np.nan
    result = sa.evaluate([sa.AR(2)], sa.Series(x, missing="skip"), 3)
    text = page_of(result)
    view = data_of(text)["views"][0]
    assert np.isnan(unpacked(view["values"])).sum() == 3
    counted = Page(text).tables[0][-1]
    assert counted[0] == WORDING["en"]["counted"]
    assert [int(cell) for cell in counted[3:5]] == result["AR(2)"].n()[[0, 2]].tolist()
    assert "397 of 400 values are present; missing: 300 to 301, 350." in text
    assert any("have no forecast" in note for note in result.notes)
    assert "have no forecast" in text


def test_more_models_than_can_be_told_apart_are_listed_and_not_drawn():
    x = np.random.default_rng(0).normal(size=160).cumsum()
    result = sa.evaluate({f"m{i}": sa.AR(1 + i % 3) for i in range(12)}, x, 2)
    text = page_of(result)
    data = data_of(text)
    assert len(data["lines"]) == packing.MOST_LINES
    assert [row[0] for row in Page(text).tables[0][1:13]] == listed(result)[:12]
    assert "8 of 12 models are drawn." in text
    rest = list(palette.slots(result.answer.judgement))[packing.MOST_LINES :]
    np.testing.assert_allclose(data["others"], [result.answer.saving[name] for name in rest], rtol=1e-5, atol=1e-9)


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
