"""The report in a real browser: real keys, the drawn paths read back, no network, phones, paper, and hostile names."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import numpy as np
import pytest

import stepahead as sa
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
    return [
        name.strip("\u2068\u2069")
        for name in tab.run("[...document.querySelectorAll('.switch .who')].map(e => e.textContent)")
    ]


def drawn(tab, chart, line):
    """The points of a drawn line (or of the dots of a class), turned back into numbers by the labels of the axes."""
    selector = f".{line}" if isinstance(line, str) else f'[data-line="{line}"]:not(.after)'
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
        at, values = zip(*[(place, float(text.replace("−", "-"))) for place, text in ticks], strict=True)
        return np.polynomial.Polynomial.fit(at, values, 1)

    return back(xs)(points[:, 0]), back(ys)(points[:, 1])


def choose(tab, select, value):
    """Another entry of a list."""
    tab.run(
        f"(s => {{ s.value = {value}; s.dispatchEvent(new Event('change')); }})(document.getElementById('{select}'))"
    )


def test_the_arrow_key_moves_the_drawn_line_to_the_next_step(tab, pages, result):
    tab.open(pages["en"])
    names = names_on(tab)
    assert sorted(names) == sorted(result)
    tab.run("document.getElementById('k').focus()")
    for pressed in ("", "ArrowRight"):
        if pressed:
            tab.press(pressed)
        k = 17 if pressed else 16
        assert tab.run("document.getElementById('k-now').textContent") == f"{k} steps"
        assert tab.run("document.getElementById('k').getAttribute('aria-valuetext')") == f"{k} steps"
        told = tab.run("[...document.querySelectorAll('.switch .now')].map(e => e.textContent)")
        assert told == [number(result[name].rmse()[k - 1], 3) for name in names]
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


def test_lines_by_step_are_the_readings(tab, pages, result):
    tab.open(pages["en"])
    names = names_on(tab)
    reach = result.trusted_horizon()
    skill = result.skill()
    for line, name in enumerate(names):
        _, value = drawn(tab, "error", line)
        np.testing.assert_allclose(value, result[name].rmse(), atol=0.003, err_msg=name)
        if name in reach:
            _, value = drawn(tab, "skill", line)
            assert len(value) == reach[name].claim, "solid as far as it is trusted"
            np.testing.assert_allclose(value, skill[name][0][: reach[name].claim], atol=0.01)
    numbers = tab.run("[...document.querySelectorAll('#skill .far')].map(e => e.textContent)")
    assert set(numbers) <= {str(found.claim) for found in reach.values()}
    assert numbers, "the trusted horizon is written beside its dot"


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


def test_switches_highlight_buttons_and_presses(tab, pages, result):
    tab.open(pages["en"])
    names = names_on(tab)

    def lines_of(line):
        return tab.run(f"document.querySelectorAll('.plot [data-line=\"{line}\"]').length")

    assert lines_of(1) == 4
    tab.run("document.querySelectorAll('.switch input')[1].focus()")
    tab.press(" ")
    assert lines_of(1) == 0
    tab.size(900, 700)
    tab.settle()
    assert lines_of(1) == 0, "also after a resize"
    choose(tab, "lit", 2)
    tab.settle()
    assert lines_of(1) == 0, "and with another highlight"
    assert tab.run("document.querySelectorAll('.path.lit').length") == 2
    assert names[2] in tab.run("document.getElementById('inside').textContent")
    tab.run("document.querySelectorAll('.switch input')[1].click()")
    assert lines_of(1) == 4
    for button in ("64", "4"):
        tab.run(f"[...document.querySelectorAll('#jumps button')].find(b => b.value === '{button}').click()")
        tab.settle()
        assert tab.run("document.getElementById('k-now').textContent") == f"{button} steps"
        assert tab.run("[...document.querySelectorAll('#jumps [aria-pressed=true]')].map(b => b.value)") == [button]
    place = tab.run(
        """(() => {
          document.getElementById('error').scrollIntoView({ block: 'center' });
          const box = document.querySelector('#error svg').getBoundingClientRect();
          const ticks = [...document.querySelectorAll('#error .x text')];
          const tick = ticks.find(e => e.textContent === '16').getBoundingClientRect();
          return [tick.x + tick.width / 2, box.y + box.height / 2];
        })()"""
    )
    tab.click(*place)
    assert tab.run("document.getElementById('k-now').textContent") == "16 steps"
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
    assert len(re.findall(r"<t[dh][ >]", table)) == 7 * (len(result) + 2)
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
    assert tab.run("document.getElementById('bar').getBoundingClientRect().height") <= 100
    assert tab.run("document.querySelector('.switch').getBoundingClientRect().height") >= 40
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
    line = "getComputedStyle(document.querySelector('#error .line.c1')).stroke"
    for scheme, wanted, blue in (("light", LIGHT, "rgb(47, 120, 224)"), ("dark", DARK, "rgb(116, 189, 255)")):
        tab.media(scheme)
        assert tab.run(ground) == wanted
        assert tab.run(line) == blue
        tab.media(scheme, "print")
        assert tab.run(ground) == LIGHT, "paper is always light"
        assert tab.run(line) == "rgb(47, 120, 224)"
        assert tab.run("getComputedStyle(document.getElementById('k')).display") == "none"
        assert tab.run("getComputedStyle(document.getElementById('k-now')).display") != "none", "what was chosen stays"
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


def test_a_screen_reader_hears_names_and_numbers(tab, pages, result):
    tab.open(pages["en"])
    tree = tab.send("Accessibility.getFullAXTree")["nodes"]

    def named(role):
        return [
            re.sub("[\u2068\u2069]", "", node.get("name", {}).get("value", ""))
            for node in tree
            if node.get("role", {}).get("value") == role and not node.get("ignored")
        ]

    assert sorted(named("slider")) == ["Last known value", "Steps ahead, k"]
    charts = [
        name
        for name in named("image")
        if WORDING["en"]["trusted_of"].split("{")[1] not in name and " of " not in name[:8]
    ]
    assert len(charts) >= 4
    error = next(name for name in charts if name.startswith(WORDING["en"]["error_title"]))
    for name, found in result.items():
        assert f"{name} {number(found.rmse()[15], 3)}" in error
    assert len(named("heading")) == 7
    assert named("checkbox")


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
        for place in range(len(some)):
            choose(tab, "lit", place)
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
    assert fill(WORDING["zh"]["at_step"], steps="16 步") in tab.run(
        "document.querySelector('#error svg').getAttribute('aria-label')"
    )
    assert "16 步" in text
    for key in (
        "steps_ahead",
        "highlight",
        "last_known",
        "error_title",
        "skill_title",
        "predictions_title",
        "origin_title",
        "how_title",
    ):
        assert WORDING["zh"][key] in text, key
    assert "steps" not in text
