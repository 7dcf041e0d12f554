"""The report in a real browser: real keys, the drawn paths read back, no network, phones, paper, and hostile names."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.answer_words import plain
from stepahead.evaluation.judgement import CLOSE
from stepahead.report.first_chart import use_parts
from stepahead.report.page.wording import WORDING
from stepahead.text import fill, number

from ...pages import PAYLOADS, data_of, page_of, sine_result, unpacked

pytestmark = pytest.mark.browser

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(21, 24, 28)"


@pytest.fixture(scope="module")
def result():
    return sine_result()


@pytest.fixture(scope="module")
def pages(result, tmp_path_factory):
    """The same comparison in both languages, as files."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for language in WORDING:
        found[language] = folder / f"{language}.html"
        found[language].write_text(page_of(result, language), encoding="utf-8")
    return found


def names_on(tab):
    """The models of the charts, in their order."""
    return tab.run("JSON.parse(document.getElementById('data').textContent).lines.map(l => l.name.slice(1, -1))")


def drawn(tab, chart, line):
    """The points of a drawn line (or of the dots of a class), turned back into numbers by the labels of the axes."""
    selector = f".{line}" if isinstance(line, str) else f'[data-line="{line}"]'
    path, ys, xs = tab.run(
        f"""(() => {{
          const svg = document.querySelector('#{chart} svg');
          const path = svg.querySelector('{selector}').getAttribute('d');
          const texts = [...svg.querySelectorAll('.y text')].map(e => [+e.getAttribute('y'), e.textContent]);
          const lines = [...svg.querySelectorAll('.x line')].map(e => +e.getAttribute('x1'));
          const labels = [...svg.querySelectorAll('.x text')].map(e => e.textContent);
          return [path, texts, lines.map((x, i) => [x, labels[i]])];
        }})()"""
    )
    points = np.array([[float(v) for v in pair.split(",")] for pair in re.findall(r"[-\d.]+,[-\d.]+", path)])

    def back(ticks):
        at, values = zip(*[(place, float(text.replace("−", "-").split("%")[0])) for place, text in ticks], strict=True)
        return np.polynomial.Polynomial.fit(at, values, 1)

    return back(xs)(points[:, 0]), back(ys)(points[:, 1])


def at_step(tab, k):
    """Go to a step, as the buttons do."""
    tab.run(f"[...document.querySelectorAll('#jumps button')].find(b => b.value === '{k}').click()")
    tab.settle()


def read_out(tab):
    return tab.run("document.getElementById('read').textContent").replace("\u2068", "").replace("\u2069", "")


def test_the_page_opens_at_the_step_of_the_verdict(tab, pages, result):
    tab.open(pages["en"])
    answer = result.answer
    step = answer.verdicts[answer.model].step
    assert tab.run("document.getElementById('k-now').textContent") == f"{step} steps"
    assert read_out(tab).startswith(f"{step} steps ahead: {answer.model} off by ")
    assert tab.run("location.hash") == ""


def test_the_arrow_key_moves_the_drawn_line_to_the_next_step(tab, pages, result):
    tab.open(pages["en"])
    names, answer = names_on(tab), result.answer
    assert sorted(names) == sorted(answer.verdicts)
    at_step(tab, 16)
    tab.run("document.getElementById('k').focus()")
    for pressed in ("", "ArrowRight"):
        if pressed:
            tab.press(pressed)
        k = 17 if pressed else 16
        assert tab.run("document.getElementById('k-now').textContent") == f"{k} steps"
        assert tab.run("document.getElementById('k').getAttribute('aria-valuetext')") == f"{k} steps"
        said = read_out(tab)
        assert said.startswith(f"{k} steps ahead: ")
        for name in names:
            state = WORDING["en"][
                ("none", "close", "clear")[answer.judgement.state[answer.judgement.models.index(name), k - 1]]
            ]
            by = "off by " if name == answer.model else ""
            assert f"{name} {by}{number(result[name].rmse()[k - 1], 3)}, {state}" in said
        saved = tab.run("[...document.querySelectorAll('td.saved')].map(e => e.textContent)")
        assert saved == [f"{100 * answer.saving[name][k - 1]:.0f}%".replace("-", "−") for name in names]
        for line, name in enumerate(names):
            time, value = drawn(tab, "along", line)
            np.testing.assert_allclose(value, result[name].predictions[:, k - 1], atol=0.01, err_msg=name)
            # The labels are places in the series plus one, as its times are 1 .. T.
            np.testing.assert_allclose(time, result[name].origins + k, atol=0.5)
    tab.press("Home")
    assert tab.run("document.getElementById('k-now').textContent") == "1 step"
    tab.press("End")
    assert tab.run("document.getElementById('k-now').textContent") == "64 steps"
    assert tab.complaints == []


def test_the_address_keeps_the_step_and_hover_does_not(tab, pages, result):
    tab.open(pages["en"].as_uri() + "#k=19")
    assert tab.run("document.getElementById('k-now').textContent") == "19 steps"
    place = tab.run(
        """(() => {
          const box = document.querySelector('#first svg').getBoundingClientRect();
          const ticks = [...document.querySelectorAll('#first .x text')];
          const tick = ticks.find(e => e.textContent === '8').getBoundingClientRect();
          return [tick.x + tick.width / 2, box.y + 60, box.right + 30];
        })()"""
    )
    tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    tab.settle()
    assert read_out(tab).startswith("8 steps ahead: ")
    tab.run("new Promise(done => setTimeout(done, 300))")
    assert tab.run("location.hash") == "#k=19", "hover changes the read-out and not the address"
    tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=place[2], y=700)
    tab.settle()
    assert read_out(tab).startswith("19 steps ahead: ")
    tab.click(*place[:2])
    tab.run("new Promise(done => setTimeout(done, 300))")
    assert tab.run("location.hash") == "#k=8"
    assert tab.complaints == []


def test_lines_by_step_are_the_readings(tab, pages, result):
    tab.open(pages["en"])
    answer = result.answer
    for line, name in enumerate(names_on(tab)):
        _, value = drawn(tab, "first", line)
        np.testing.assert_allclose(value, result[name].rmse(), atol=0.003, err_msg=name)
        _, value = drawn(tab, "saving", line)
        np.testing.assert_allclose(value, 100 * answer.saving[name], atol=0.5, err_msg=name)
    runs = np.diff(np.concatenate([[0], answer.shown[answer.model].astype(int), [0]]))
    assert tab.run("document.querySelectorAll('#first .thick').length") == (runs == 1).sum(), "thick where clear"
    tested = answer.judgement.tested[answer.judgement.models.index(answer.model)]
    bands = tab.run("document.querySelectorAll('#saving .band, #saving .whisker').length")
    assert (bands > 0) == tested.any(), "a band only where it was tested"


def test_the_strip_is_the_row_to_use(tab, pages, result):
    """The segments, turned back into steps, name the row of the answer at each of them."""
    tab.open(pages["en"])
    boxes, ticks = tab.run(
        """[[...document.querySelectorAll('#first .strip rect')].map(r => {
              const [x, width] = ['x', 'width'].map(name => +r.getAttribute(name));
              return [x, x + width, r.getAttribute('class')];
            }),
            [...document.querySelectorAll('#first .x text')].map(t => [+t.getAttribute('x'), +t.textContent])]"""
    )
    at, k = zip(*ticks, strict=True)
    place = np.polynomial.Polynomial.fit(np.log2(k), at, 1)
    answer = result.answer
    colours = {line["name"][1:-1]: line["classes"].split()[0] for line in data_of(pages["en"].read_text())["lines"]}
    for step, used in zip(answer.steps, answer.use, strict=True):
        (kind,) = [kind for a, b, kind in boxes if a - 1.5 <= place(np.log2(step)) <= b + 1.5][:1]
        assert kind.split()[1] == colours.get(used, "c0"), step


def test_the_line_that_is_read_names_what_to_use_at_every_step(tab, tmp_path):
    """Also where the strip is hatched, or says no more than that it changes."""
    result = sa.evaluate(sa.AR(2), sa.datasets.sunspots(), 24)
    page = tmp_path / "page.html"
    page.write_text(page_of(result), encoding="utf-8")
    tab.open(page)
    judged, answer = result.answer.judgement, result.answer
    digits = data_of(page.read_text(encoding="utf-8"))["digits"]
    tab.run("document.getElementById('k').focus()")
    tab.press("Home")
    seen = set()
    for place, row in enumerate(judged.use):
        best = judged.baselines[judged.best[place]]
        called = plain(best, answer.units, "en")
        is_model = row < len(judged.models)
        state = judged.state[row, place] if is_model else None
        key = "read_use" if not is_model else "read_safe" if state == CLOSE else "read_best"
        seen.add(key)
        said = fill(WORDING["en"][key], baseline=called, error=number(result[best].rmse()[place], digits))
        assert read_out(tab).endswith(f"; {said}."), answer.steps[place]
        tab.press("ArrowRight")
    assert seen == {"read_use", "read_safe", "read_best"}


def test_a_strip_with_hatched_parts_says_what_is_safe_there(result, pages):
    judged = result.answer.judgement
    for language in WORDING:
        said = WORDING[language]["first_use"]
        assert any(part.state == CLOSE for part in use_parts(judged))
        assert said in pages[language].read_text(encoding="utf-8")
    known = sa.evaluate(sa.AR(1), np.arange(200.0) % 2, 4)
    assert not any(part.state == CLOSE for part in use_parts(known.answer.judgement))
    assert WORDING["en"]["first_use"] not in page_of(known)


def test_the_origin_slider_and_what_lies_inside(tab, pages, result):
    tab.open(pages["en"])
    name = names_on(tab)[0]
    view = data_of(pages["en"].read_text(encoding="utf-8"))["views"][0]
    low, high = result[name].prediction_intervals(0.9)
    inside = ((low <= result[name].actuals) & (result[name].actuals <= high)).sum(axis=1)
    tab.run("document.getElementById('origin').focus()")
    tab.press("Home")
    for place in range(3):
        row = view["banded"][place]
        series = result[name]._panel[0]
        assert tab.run("document.getElementById('origin-now').textContent") == series.when(
            int(result[name].origins[row]) - 1
        )
        said = tab.run("document.getElementById('inside').textContent").replace("\u2068", "").replace("\u2069", "")
        assert said == f"{name}: {inside[row]} of 64 values inside the 90% band."
        at, value = drawn(tab, "ahead", 0)
        np.testing.assert_allclose(value, result[name].predictions[row], atol=0.01)
        np.testing.assert_allclose(at, np.arange(1, 65), atol=0.1)
        for side, first, count in (("came", 0, 64), ("seen", -97, 97)):
            at, value = drawn(tab, "ahead", side)
            start = int(result[name].origins[row]) + first
            np.testing.assert_allclose(at, np.arange(first, first + count) + 1, atol=0.1)
            np.testing.assert_allclose(value, series.numbers[start : start + count], atol=0.01)
        tab.press("ArrowRight")
    assert tab.complaints == []


def test_buttons_and_presses(tab, pages, result):
    tab.open(pages["en"])
    for button in (64, 4):
        at_step(tab, button)
        assert tab.run("document.getElementById('k-now').textContent") == f"{button} steps"
        assert tab.run("[...document.querySelectorAll('#jumps [aria-pressed=true]')].map(b => b.value)") == [
            str(button)
        ]
    place = tab.run(
        """(() => {
          document.getElementById('along').scrollIntoView({ block: 'center' });
          const box = document.querySelector('#along svg').getBoundingClientRect();
          const ticks = [...document.querySelectorAll('#along .x text')];
          const tick = ticks.find(e => e.textContent === '650').getBoundingClientRect();
          return [tick.x + tick.width / 2, box.y + 60];
        })()"""
    )
    tab.click(*place)
    known = int(tab.run("document.getElementById('origin-now').textContent"))
    assert abs(known - 650) <= 2, "a press on a time sets the origin"
    assert tab.complaints == []


def test_more_than_four_models_stand_behind_a_button(tab, tmp_path):
    x = sa.datasets.noisy_sine(seed=0, length=400)
    models = {f"a model of lags {n}": sa.AR(n) for n in range(1, 13)}
    page = tmp_path / "page.html"
    page.write_text(page_of(sa.evaluate(models, x, 8)), encoding="utf-8")
    tab.size(1280, 800)
    tab.open(page)

    def count(what):
        return tab.run(f"document.querySelectorAll('{what}').length")

    assert (count("#first .line[data-line]"), count("#first .bar-of"), count("#saving .line")) == (3, 3, 3)
    tab.run("document.getElementById('every').click()")
    assert (count("#first .line[data-line]"), count("#first .bar-of"), count("#saving .line")) == (8, 8, 8)
    assert tab.run("document.getElementById('bar').getBoundingClientRect().height") <= 52
    assert tab.complaints == []


def test_the_first_screen_holds_the_slider(tab, tmp_path):
    x = sa.datasets.noisy_sine(seed=0, length=400)
    page = tmp_path / "page.html"
    page.write_text(page_of(sa.evaluate({f"m{n}": sa.AR(n) for n in range(1, 7)}, x, 32)), encoding="utf-8")
    tab.size(1280, 800)
    tab.open(page)
    tab.run("document.getElementById('every').click()")
    assert tab.run("document.getElementById('bar').getBoundingClientRect().bottom") <= 800


def test_the_states_move_with_step_and_origin(tab, tmp_path):
    rng = np.random.default_rng(0)
    series = [["fog", "rain", "sun"][i] for i in rng.choice(3, 300, p=[0.2, 0.3, 0.5])]
    page = tmp_path / "page.html"
    page.write_text(page_of(sa.evaluate([sa.MarkovChain(1, smoothing=1.0)], series, 6)), encoding="utf-8")
    data = data_of(page.read_text(encoding="utf-8"))
    power = unpacked(data["states"]["matrix"]).reshape(-1, 3, 3)
    tab.open(page)
    for k in (1, 4):
        at_step(tab, k)
        assert tab.run("document.querySelector('#matrix .said').textContent") == f"{k} step{'s' * (k > 1)} later"
        told = tab.run("[...document.querySelectorAll('#matrix .heat-said')].map(e => parseInt(e.textContent))")
        np.testing.assert_allclose(told, 100 * power[k - 1].ravel(), atol=0.51)
    tab.run("document.getElementById('origin').focus()")
    tab.press("Home")
    heights = tab.run(
        "[...document.querySelectorAll('#likely .stack')].slice(0, 3).map(e => +e.getAttribute('height'))"
    )
    likely = unpacked(data["states"]["likely"], "u1").reshape(-1, 6, 3)[0, 0]
    np.testing.assert_allclose(np.array(heights) / sum(heights), likely / likely.sum(), atol=0.01)
    box = tab.run(
        """(() => {
          const line = document.querySelector('#timeline svg');
          line.scrollIntoView();
          const box = line.getBoundingClientRect();
          return [box.right - 4, box.y + 12];
        })()"""
    )
    tab.click(*box)
    last = len(data["states"]["origins"]) - 1
    assert int(tab.run("document.getElementById('origin').value")) >= last - 6, "a press chooses the origin"
    assert tab.complaints == []


def test_headings_sort_the_table_of_every_series(tab, tmp_path):
    days = np.datetime64("2024-01-01") + np.arange(200)
    rng = np.random.default_rng(0)
    panel = [
        sa.Series(
            30.0**i * (np.sin(np.arange(200) / 4) + rng.normal(0, 0.2 + i % 3, 200)), times=days, name=f"shop {i}"
        )
        for i in range(5)
    ]
    page = tmp_path / "page.html"
    result = sa.evaluate([sa.AR(8)], panel, 4)
    page.write_text(page_of(result), encoding="utf-8")
    rows = data_of(page.read_text(encoding="utf-8"))["panel"]["rows"]
    tab.open(page)

    def names():
        return tab.run("[...document.querySelectorAll('#every-series tbody th')].map(e => e.textContent.slice(1, -1))")

    def press(key):
        tab.run(f"document.querySelector('#every-series th.{key} button').click()")

    assert names() == [row[0][1:-1] for row in rows]
    press("own")
    errors = {f"shop {i}": float(errors[0]) for i, errors in enumerate(result.by_series("rmse")["AR(8)"])}
    assert names() == sorted(errors, key=errors.get, reverse=True), "the first press descending"
    assert tab.run("document.querySelector('#every-series [aria-sort]').className") == "own"
    press("own")
    assert names() == sorted(errors, key=errors.get)
    press("verdict")
    assert names() == [row[0][1:-1] for row in rows]
    tab.run(
        "[...document.querySelectorAll('#every-series tbody button')]"
        ".find(b => b.textContent.includes('shop 3')).click()"
    )
    assert "shop 3" in tab.run("(s => s.options[s.selectedIndex].text)(document.getElementById('series'))")
    assert tab.run("document.querySelectorAll('#every-series .spark path').length") == 5
    assert tab.complaints == []


@pytest.mark.parametrize("language", WORDING)
def test_without_script_the_answer_and_the_tables_stand(tab, pages, result, language):
    tab.scripts(False)
    tab.open(pages[language], drawn=False)
    words = WORDING[language]
    root = tab.send("DOM.getDocument")["root"]["nodeId"]
    body = tab.send("DOM.querySelector", nodeId=root, selector="body")["nodeId"]
    text = tab.send("DOM.getOuterHTML", nodeId=body)["outerHTML"]
    assert text.count("<h1>") == 1
    assert words["no_script"] in text
    table = re.search(r"<table>.*?</table>", text, re.DOTALL)[0]
    listed = 3 + len({*result.answer.judgement.best, result.answer.judgement.baselines.index("Naive")})
    assert len(re.findall(r"<t[dh][ >]", table)) == 7 * (listed + 2)
    assert 'class="still"' in text, "the first chart, drawn by Python"
    for hidden in ("bar", "charts"):
        assert re.search(rf'id="{hidden}"[^>]* hidden', text), hidden


def test_nothing_is_asked_for_and_nothing_complained_of(tab, pages):
    tab.offline()
    for language in WORDING:
        tab.requests.clear()
        tab.open(pages[language])
        assert tab.requests == [pages[language].as_uri()]
        assert tab.run("document.querySelectorAll('.plot svg').length") == 4
    assert tab.complaints == []
    # What the policy is for: a script that got in could neither be made nor loaded.
    for attempt in ("eval('1')", "document.body.innerHTML = '<b>x</b>'", "new Function('return 1')()"):
        with pytest.raises(RuntimeError, match=r"EvalError|TrustedHTML|Trusted Type"):
            tab.run(attempt)
    assert tab.run("fetch('https://example.invalid').then(() => 'sent', () => 'refused')") == "refused"


@pytest.mark.parametrize("language", WORDING)
def test_a_phone_has_one_column_and_no_small_print(tab, pages, language):
    tab.size(390, 844, mobile=True, scale=2)
    tab.open(pages[language])
    assert tab.run("document.documentElement.scrollWidth") == 390
    assert tab.run("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.table .scroll'))") <= 0, (
        "the table fits"
    )
    sizes = tab.run("[...document.querySelectorAll('svg text')].map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert min(sizes) >= 12
    scale = tab.run(
        "[...document.querySelectorAll('.plot svg')].map(e => e.getBoundingClientRect().width "
        "/ e.viewBox.baseVal.width)"
    )
    np.testing.assert_allclose(scale, 1.0, atol=0.01)
    small = tab.run(
        """[...document.querySelectorAll('body *')].filter(e => !e.children.length && e.textContent.trim() &&
        e.offsetParent
             && parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
    assert tab.run("document.getElementById('bar').getBoundingClientRect().height") <= 52
    assert tab.run("document.getElementById('k').getBoundingClientRect().height") >= 40
    cut = tab.run("[...document.querySelectorAll('.strip .in')].map(e => e.textContent).filter(t => t.includes('…'))")
    assert cut == []
    outside = tab.run(
        """[...document.querySelectorAll('.plot svg text')].filter(e => {
             const box = e.getBoundingClientRect();
             return box.left < -0.5 || box.right > 390.5;
           }).map(e => e.textContent)"""
    )
    assert outside == []


OVERLAPS = """(() => {
  const found = [];
  for (const svg of document.querySelectorAll('.plot svg')) {
    const edge = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
    boxes.forEach(([a, p], i) => {
      if (p.right > innerWidth || p.left < 0 || p.bottom > edge.bottom + 1) found.push('out: ' + a);
      for (const [b, q] of boxes.slice(i + 1)) {
        const x = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const y = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (x > 1 && y > 0.35 * Math.min(p.height, q.height)) found.push(a + ' | ' + b);
      }
    });
  }
  return found;
})()"""


@pytest.mark.parametrize("width", [1280, 760, 390])
def test_no_text_covers_another(tab, pages, width):
    tab.size(width, 900)
    for language in WORDING:
        tab.open(pages[language])
        assert tab.run(OVERLAPS) == [], language
        assert tab.run("document.documentElement.scrollWidth") == width


def test_light_dark_and_paper(tab, pages):
    tab.open(pages["en"])
    ground = "getComputedStyle(document.body).backgroundColor"
    line = "getComputedStyle(document.querySelector('#first .line.c1')).stroke"
    for scheme, wanted, blue in (("light", LIGHT, "rgb(47, 120, 224)"), ("dark", DARK, "rgb(116, 189, 255)")):
        tab.media(scheme)
        assert tab.run(ground) == wanted
        assert tab.run(line) == blue
        tab.media(scheme, "print")
        assert tab.run(ground) == LIGHT, "paper is always light"
        assert tab.run(line) == "rgb(47, 120, 224)"
        assert tab.run("getComputedStyle(document.getElementById('k')).display") == "none"
        assert tab.run("getComputedStyle(document.getElementById('read')).display") != "none", "what was chosen stays"
        printed = tab.pdf()
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
    assert tab.run("document.documentElement.classList.contains('paper')") is False
    assert tab.complaints == []


def axe(tab):
    source = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    tab.run(source + "; 1")
    found = json.loads(
        tab.run(
            "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120))])))"
        )
    )
    return dict(found)


EVERYDAY = [("en", 1280, "light"), ("zh", 390, "dark")]
EVERY = [(language, width, scheme) for language in WORDING for width in (1280, 390) for scheme in ("light", "dark")]


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [pytest.param(*case, marks=[] if case in EVERYDAY else [pytest.mark.slow]) for case in EVERY],
)
def test_axe_has_nothing_to_say(tab, tmp_path, language, width, scheme):
    pytest.importorskip("axe_core_python")
    page = tmp_path / "page.html"
    page.write_text(page_of(sine_result(horizon=6), language), encoding="utf-8")
    tab.size(width, 900, mobile=width == 390)
    tab.media(scheme)
    tab.open(page)
    tab.run("document.querySelectorAll('details').forEach(d => (d.open = true))")
    assert axe(tab) == {}


@pytest.mark.parametrize("kind", ["symbols", "panel"])
def test_axe_has_nothing_to_say_of_symbols_and_panels(tab, tmp_path, kind):
    pytest.importorskip("axe_core_python")
    rng = np.random.default_rng(0)
    made = {
        "symbols": lambda: sa.evaluate([sa.MarkovChain(1, smoothing=1.0)], [*"abcab"] * 24, 3),
        "panel": lambda: sa.evaluate([sa.AR(2)], [rng.normal(size=80).cumsum() for _ in range(4)], 3),
    }
    page = tmp_path / "page.html"
    page.write_text(page_of(made[kind](), "zh" if kind == "panel" else "en"), encoding="utf-8")
    tab.media("dark" if kind == "panel" else "light")
    tab.open(page)
    assert axe(tab) == {}
    assert tab.complaints == []


def test_a_screen_reader_hears_names_and_numbers(tab, pages, result):
    tab.open(pages["en"])
    tree = tab.send("Accessibility.getFullAXTree")["nodes"]

    def named(role):
        return [
            re.sub("[\u2068\u2069]", "", node.get("name", {}).get("value", ""))
            for node in tree
            if node.get("role", {}).get("value") == role and not node.get("ignored")
        ]

    assert sorted(named("slider")) == ["Ahead", "Last known time"]
    charts = named("image")
    step = result.answer.verdicts[result.answer.model].step
    first = next(name for name in charts if name.startswith("Typical error (RMSE) by steps ahead, "))
    for name in result.answer.verdicts:
        assert number(result[name].rmse()[step - 1], 3) in first
    assert len(named("heading")) == 7


def test_hostile_names_do_nothing(tab, tmp_path):
    rng = np.random.default_rng(0)
    for number_, start in enumerate(range(0, len(PAYLOADS), 8)):
        some = PAYLOADS[start : start + 8]
        panel = [sa.Series(rng.normal(size=40), name=payload) for payload in some[:3]]
        page = tmp_path / "hostile.html"
        result = sa.evaluate({payload: sa.baselines.Drift() for payload in some}, panel if number_ % 2 else panel[0], 2)
        page.write_text(page_of(result, "zh" if number_ % 2 else "en"), encoding="utf-8")
        tab.send("Page.addScriptToEvaluateOnNewDocument", source="window.hits = 0; window.hit = () => window.hits++;")
        tab.open(page)
        tab.run(
            "document.querySelectorAll('*').forEach(e => e.dispatchEvent(new "
            "MouseEvent('mouseover', { bubbles: true })))"
        )
        tab.settle()
        assert tab.run("window.hits") == 0
        assert tab.run("document.querySelectorAll('script').length") == 2
        assert tab.run("document.querySelectorAll('img, iframe, object, embed, base, link, form, math').length") == 0
        assert tab.requests == [page.as_uri()]
        tab.requests.clear()
    assert tab.complaints == []


def test_a_slider_step_costs_a_frame_at_most(tab, pages):
    tab.open(pages["en"])
    tab.run("document.getElementById('k').focus()")
    tab.press("Home")
    before = tab.seconds_at_work()
    tab.press("ArrowRight", times=40)
    assert (tab.seconds_at_work() - before) / 40 < 0.015


def test_every_kind_of_page_draws_without_a_complaint(tab, tmp_path):
    x = np.random.default_rng(0).normal(size=120).cumsum()
    holes = x.copy()
    holes[[90, 100]] = np.nan
    days = np.datetime64("2024-01-01") + np.arange(120)
    cases = {
        "one step": sa.evaluate([sa.AR(1)], x, 1),
        "constant": sa.evaluate([sa.AR(1)], np.full(120, 2.0), 3),
        "baselines": sa.evaluate([sa.baselines.Naive()], x, 3),
        "symbols": sa.evaluate([sa.MarkovChain(1)], list("abcab" * 24), 3),
        "missing": sa.evaluate([sa.AR(1)], sa.Series(holes, missing="skip"), 3),
        "panel": sa.evaluate(
            [sa.AR(1)], [sa.Series(x, times=days, name="a"), sa.Series(x[::-1].copy(), times=days, name="b")], 3
        ),
        "long names": sa.evaluate({"n" * 300: sa.AR(1), "名" * 300: sa.AR(2)}, sa.Series(x, name="s" * 300), 3),
        "huge": sa.evaluate([sa.AR(1)], x * 1e200, 3),
        "tiny": sa.evaluate([sa.AR(1)], x * 1e-200, 3),
        "steps": sa.evaluate([sa.AR(1)], x, 16, steps=[1, 16]),
    }
    for name, result in cases.items():
        page = tmp_path / "page.html"
        page.write_text(page_of(result), encoding="utf-8")
        for width in (1280, 390):
            tab.size(width, 800)
            tab.open(page)
            assert tab.complaints == [], name
            assert tab.run("document.documentElement.scrollWidth") == width, name
            wrong = tab.run(
                """[...document.querySelectorAll('path, line, circle, text')].map(e => e.outerHTML)
                     .filter(t => /NaN|Infinity|undefined/.test(t))"""
            )
            assert wrong == [], name
            assert tab.run(OVERLAPS) == [], (name, width)
        if name == "panel":
            tab.run(
                "(() => { const s = document.getElementById('series'); s.value = 1; "
                "s.dispatchEvent(new Event('change')); })()"
            )
            data = data_of(page_of(result))
            _, value = drawn_by_dates(tab)
            np.testing.assert_allclose(
                value, unpacked(data["views"][1]["lines"][0]).reshape(-1, 3)[:, data["start"]], atol=0.05
            )


def drawn_by_dates(tab):
    """As `drawn`, the times left in pixels."""
    path, ys = tab.run(
        """(() => {
          const svg = document.querySelector('#along svg');
          return [svg.querySelector('[data-line="0"]').getAttribute('d'),
                  [...svg.querySelectorAll('.y text')].map(e => [+e.getAttribute('y'), e.textContent])];
        })()"""
    )
    points = np.array([[float(v) for v in pair.split(",")] for pair in re.findall(r"[-\d.]+,[-\d.]+", path)])
    at, values = zip(*[(place, float(text.replace("−", "-"))) for place, text in ys], strict=True)
    return points[:, 0], np.polynomial.Polynomial.fit(at, values, 1)(points[:, 1])


def test_the_words_of_the_moving_parts_are_in_the_language(tab, pages):
    tab.open(pages["zh"])
    text = tab.run("document.body.innerText")
    assert fill(WORDING["zh"]["ahead"], called="64 步") in tab.run(
        "document.querySelector('#first svg').getAttribute('aria-label')"
    )
    assert "64 步" in text
    for key in (
        "steps_ahead",
        "last_known",
        "predictions_title",
        "origin_title",
        "how_title",
        "use",
        "clear",
        "verdict",
    ):
        assert WORDING["zh"][key] in text, key
    assert "steps" not in text
