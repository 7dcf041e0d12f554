"""The lesson in a real browser: the library's numbers to a millionth, real keys, no request, no complaint,
nothing cut off.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead.lesson import lesson, outline

from ..browser import KEYS, Tab

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "zh")
FIGURES = [*outline.figures()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("lesson")
    for language in LANGUAGES:
        lesson.write(made, language)
    return made


@pytest.fixture
def page(tab: Tab, folder: Path):
    """Open the lesson in a language, the network cut off."""

    def go(language: str = "en", width: int = 1280, scheme: str = "light", mobile: bool = False) -> Tab:
        tab.size(width, 900, mobile=mobile)
        tab.media(scheme)
        tab.offline()
        tab.open(folder / f"lesson-{language}.html")
        while not tab.run("document.documentElement.classList.contains('ready')"):
            tab.settle()
        return tab

    return go


def quiet(tab: Tab) -> None:
    assert tab.complaints == []
    assert len(tab.requests) == 1, tab.requests


def tap(tab: Tab, key: str) -> None:
    """A key, without waiting for a frame: for hundreds of them."""
    for kind in ("rawKeyDown", "keyUp"):
        tab.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key])


def readings(tab: Tab) -> np.ndarray:
    return np.array(json.loads(tab.run("document.querySelector('#c12 .proof').dataset.page")))


def test_the_page_computes_what_the_library_computes(page):
    tab = page()
    for seed in range(3):
        tab.run(f"document.querySelector('#c12 input[name=c12-seed][value=\"{seed}\"]').click()")
        tab.settle()
        series = sa.datasets.noisy_sine(seed=seed)
        net = sa.MLP(4, seed=seed).fit(series[:604])
        expected = sa.k_step(net, series, 64).rmse()
        assert np.abs(readings(tab) - expected).max() <= 1e-6
        for k in (1, 4, 16, 64):
            assert f"{expected[k - 1]:.3f}" in tab.run("document.querySelector('#c12 .stage').textContent")
        # The net that the page trains itself, from the same start with the same batches, prints the same log.
        tab.run(f"document.querySelector('#c9 input[name=c9-seed][value=\"{seed}\"]').click()")
        tab.settle()
        log = tab.run("document.querySelector('#c9 .mono').textContent")
        assert log.split("   ") == net.log().splitlines()
        assert f"{expected[63]:.3f}" in tab.run("document.querySelector('#c9 .readout').textContent")
    quiet(tab)


def test_what_is_drawn_is_what_was_computed(page):
    tab = page()
    drawn = tab.run(
        "(() => { const svg = document.querySelectorAll('#c12 svg'); const plot = Array.from(svg).find(s => "
        "s.querySelector('.line.fed.thick')); const tick = t => Array.from(plot.querySelectorAll('.tick'))"
        ".find(e => e.textContent === t); return { d: plot.querySelector('.line.fed.thick').getAttribute('d'), "
        "zero: Number(tick('0.0').getAttribute('y')), half: Number(tick('0.5').getAttribute('y')) }; })()"
    )
    heights = np.array([float(pair.split(",")[1]) for pair in drawn["d"][1:].split("L")])
    shown = 0.5 * (drawn["zero"] - 4 - heights) / (drawn["zero"] - drawn["half"])
    assert np.abs(shown - readings(tab)).max() < 0.001


@pytest.mark.slow
def test_every_control_answers_to_keys(page):
    """Each native control can be reached and worked without a mouse; what it shows then changes."""
    tab = page()
    look = (
        "(f => f.textContent + f.innerHTML.length + "
        "Array.from(f.querySelectorAll('path'), p => p.getAttribute('d')).join())"
    )
    for figure in FIGURES:
        seen = f"{look}(document.getElementById('{figure}'))"
        count = tab.run(f"document.querySelectorAll('#{figure} .controls :is(input, button)').length")
        assert count, figure
        changed = 0
        for place in range(count):
            one = f"document.querySelectorAll('#{figure} .controls :is(input, button)')[{place}]"
            kind = tab.run(f"{one}.disabled || {one}.closest('[hidden]') ? 'off' : {one}.type")
            if kind == "off" or "isten" in (tab.run(f"{one}.dataset.act || ''")):
                continue
            before = tab.run(seen)
            tab.run(f"{one}.focus()")
            assert tab.run(f"document.activeElement === {one}"), (figure, place)
            assert tab.run(f"{one}.tabIndex") == 0
            if kind == "range":
                at_end = tab.run(f"{one}.value === {one}.max")
                tap(tab, "ArrowLeft" if at_end else "ArrowRight")
                tab.press("ArrowLeft" if at_end else "ArrowRight")
            elif kind == "radio":
                if tab.run(f"{one}.checked"):
                    tab.press("ArrowRight")
                else:
                    tab.press(" ")
            else:
                tab.press(" ")
            changed += tab.run(seen) != before
        assert changed >= (1 if count < 3 else count // 2), (figure, changed, count)
    quiet(tab)


@pytest.mark.slow
def test_the_tab_key_reaches_everything_in_the_order_of_the_page(page):
    tab = page()
    wanted = tab.run(
        "(all => { const radios = all.filter(e => e.type === 'radio'); return all.length - radios.length + "
        "new Set(radios.map(e => e.name)).size; })(Array.from(document.querySelectorAll("
        "'main :is(a[href], button, input, summary)')).filter(e => !e.disabled && e.getClientRects().length))"
    )
    tab.run("document.querySelector('main').setAttribute('tabindex', '-1'); document.querySelector('main').focus()")
    reached, last = set(), -1.0
    for _ in range(wanted + 10):
        tap(tab, "Tab")
        where = tab.run(
            "(e => e.closest('main') ? [Array.from(document.querySelectorAll('main *')).indexOf(e), "
            "e.matches(':focus-visible')] : null)(document.activeElement)"
        )
        if where is None:
            break
        place, ringed = where
        assert ringed, "what is focused is seen to be"
        assert place > last, "in the order of the page"
        last = place
        reached.add(place)
    assert len(reached) == wanted, "a group of radio buttons is one stop"


def test_a_question_is_answered_and_kept(page):
    tab = page()
    box = "#s121-slope"
    assert tab.run(f"getComputedStyle(document.querySelector('{box} .why')).display") == "none"
    tab.run(f"document.querySelector('{box} .option button').focus()")
    tab.press(" ")
    assert tab.run(f"getComputedStyle(document.querySelector('{box} .right .why')).display") != "none"
    assert "Not this one" in tab.run(f"document.querySelector('{box} .verdict').textContent")
    # A second answer does not wipe out the first.
    tab.run(f"document.querySelectorAll('{box} .option button')[1].click()")
    # those of the short way are not among them
    shown = tab.run("document.querySelector('#review').children[1].textContent")
    assert "not right: 4" in shown
    tab.run("document.querySelector('#s123-week .skip').click()")
    assert tab.run("getComputedStyle(document.querySelector('#s123-week .why')).display") != "none"
    assert tab.run("document.querySelector('#review-score').textContent") == "0 of 22 right."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_way_is_walked_with_keys(page, language):
    tab = page(language)
    words = lesson.read_words(language)["js"]["short"]

    def opened() -> list[str]:
        return tab.run(
            "Array.from(document.querySelectorAll('#short .inside')).filter(e => "
            "e.getClientRects().length).map(e => e.id)"
        )

    def told() -> str:
        return tab.run("document.querySelector('#short .progress').textContent")

    names = list(outline.STOPS)
    assert opened() == ["stop-order"]
    right = 0
    for place, (name, (answer, _)) in enumerate(outline.STOPS.items()):
        assert opened() == [f"stop-{name}"]
        assert told() == words["told"].format(at=place + 1, all=6, done=place, right=right)
        chosen = answer if place else (answer + 1) % 3  # the first is answered wrongly
        right += chosen == answer
        tab.run(f"document.querySelectorAll('#short-{name} .option button')[{chosen}].focus()")
        tab.press(" ")
        state = tab.run(f"document.querySelector('#stop-{name}').parentElement.className")
        assert ("good" in state.split(), "bad" in state.split()) == (chosen == answer, chosen != answer)
        assert tab.run(f"getComputedStyle(document.querySelector('#short-{name} .right .why')).display") != "none"
        if place < 5:
            tab.run(f"document.querySelector('#stop-{name} .next').focus()")
            tab.press(" ")
            assert tab.run("document.activeElement.getAttribute('aria-controls')") == f"stop-{names[place + 1]}"
    assert told() == words["over"].format(all=6, right=5)
    assert tab.run("document.querySelector('#review-score').textContent").find("22") >= 0, (
        "the long way is counted alone"
    )
    # Any stop can be opened again by its title, and a figure that it names leads back.
    tab.run("document.querySelector('#short .stop-title').focus()")
    tab.press(" ")
    assert opened() == ["stop-order"]
    tab.run("document.querySelector('#stop-order a.try').click()")
    tab.settle()
    assert tab.run("document.querySelector('#c1 .back').hash") == "#stop-order"
    quiet(tab)


def test_the_leaving_test_is_marked(page):
    tab = page()
    for name, right in outline.TEST.items():
        tab.run(
            f"(i => {{ const n = i[0]; if (n.type === 'text') n.value = '{right}'; else i[{right}].click(); }})"
            f"(document.querySelectorAll('[name={name}]'))"
        )
    tab.run("document.querySelector('[name=rows]').value = '470'")
    tab.run("document.querySelector('#leaving button').click()")
    assert tab.run("document.querySelector('#leaving .verdict').textContent").startswith("7 of 8. You are through")
    assert tab.run("document.querySelectorAll('.item.good').length") == 7
    assert "471" in tab.run("document.querySelector('.item.bad .why').textContent")
    quiet(tab)


def test_a_sentence_that_says_try_does_it(page):
    tab = page()
    count = tab.run("document.querySelectorAll('a.try').length")
    assert count >= 20
    for place in range(count):
        link = f"document.querySelectorAll('a.try')[{place}]"
        asked = tab.run(f"[{link}.hash.slice(1), {link}.dataset.set]")
        tab.run(f"{link}.click()")
        tab.settle()
        for pair in asked[1].split(","):
            key, value = pair.split("=")
            shown = tab.run(
                f"(f => {{ const i = f.querySelector('[data-key={key}]'); if (!i) return '{value}'; "
                f"return i.type === 'range' ? i.value : f.querySelector('[data-key={key}]:checked')?.value; }})"
                f"(document.getElementById('{asked[0]}'))"
            )
            assert shown == value, asked
        assert tab.run(f"document.activeElement.closest('figure').id === '{asked[0]}'")
    quiet(tab)


def test_the_audit_in_the_page_catches_the_three_leaks_and_lets_the_honest_pass(page):
    tab = page()
    found = {}
    for leak in ("none", "centred", "scaler", "split"):
        tab.run(f"document.querySelector('#c5b input[value={leak}]').click()")
        tab.settle()
        found[leak] = tab.run("document.querySelector('#c5b .verdict').classList.contains('bad')")
    assert found == {"none": False, "centred": True, "scaler": True, "split": True}
    tab.run("document.querySelector('#c5b input[value=centred]').click()")
    tab.settle()
    assert "impossible" in tab.run("document.querySelector('#c5b svg').textContent")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [pytest.param(360, marks=pytest.mark.slow), 390, 1280])
def test_nothing_is_cut_off_or_too_small(page, language, width):
    tab = page(language, width, "dark" if width == 390 else "light", mobile=width < 600)
    assert tab.run("document.documentElement.scrollWidth") == width
    small = (
        "Array.from(document.querySelectorAll('body *')).filter(e => e.getClientRects().length && "
        "Array.from(e.childNodes).some(n => n.nodeType === 3 && n.textContent.trim()) && "
        "parseFloat(getComputedStyle(e).fontSize) < 12 && !e.closest('sub, sup, script, "
        "style')).map(e => e.textContent)"
    )
    assert tab.run(small) == []
    # Text in a picture stays inside the window, and the picture inside its column.
    cut = (
        "Array.from(document.querySelectorAll('figure svg text, #hero text')).filter(e => e.getClientRects().length)"
        ".filter(e => { const b = e.getBoundingClientRect(), s = e.closest('svg').getBoundingClientRect(); "
        "return b.left < s.left - 1.5 || b.right > s.right + 1.5; }).map(e => [e.closest('figure')?.id, e.textContent])"
    )
    assert tab.run(cut) == []
    quiet(tab)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_other_language_is_shown(page, language):
    """What the script writes too: labels, read-outs, names for screen readers."""
    tab = page(language)
    shown = tab.run(
        "Array.from(document.querySelectorAll('main *, header *, nav *, footer *')).flatMap(e => "
        "e.closest('pre, code, .mono, script, [lang]:not(html)') ? [] : "
        "[...Array.from(e.childNodes).filter(n => n.nodeType === 3).map(n => n.textContent), "
        "e.getAttribute('aria-label') || '', e.getAttribute('aria-valuetext') || ''])"
    )
    said = [text.strip() for text in shown if text.strip()]
    assert len(said) > 500
    for text in said:
        if language == "en":
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in text), text
        else:
            words = [
                word for word in text.replace("/", " ").split() if word.isascii() and word.isalpha() and len(word) > 2
            ]
            assert len(words) < 3 or "dtype" in text, text


def test_every_control_and_picture_has_a_name(page):
    tab = page()
    nameless = tab.run(
        "Array.from(document.querySelectorAll('input, button, svg[role=img]')).filter(e => "
        "!(e.getAttribute('aria-label') || "
        "e.textContent.trim() || Array.from(e.labels || []).some(l => l.textContent.trim()))).map(e => e.outerHTML)"
    )
    assert nameless == []
    assert (
        tab.run("Array.from(document.querySelectorAll('figure')).filter(f => !f.querySelector('svg[role=img]')).length")
        == 0
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, language, scheme):
    package = pytest.importorskip("axe_core_python")
    for width in (1280, 390):
        tab = page(language, width, scheme, mobile=width < 600)
        # The page forbids eval; what the inspector runs itself is not the page's.
        tab.send(
            "Runtime.evaluate", expression=(Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
        )
        found = tab.run(
            "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 120)]))"
        )
        assert found == []


def test_without_a_script_the_text_and_the_answers_stand(tab, folder):
    tab.scripts(False)
    tab.send("Page.navigate", url=(folder / "lesson-zh.html").as_uri())
    while not tab.run("document.title !== '' && document.readyState === 'complete'"):
        pass
    assert tab.run("getComputedStyle(document.querySelector('.script-off')).display") != "none"
    assert tab.run("getComputedStyle(document.querySelector('#s121-slope .why')).display") != "none"
    assert tab.run("getComputedStyle(document.querySelector('#c2')).display") == "none"


@pytest.mark.slow
def test_it_prints_with_all_answers_on_white(page):
    tab = page("zh", 1280, "dark")
    pdf = tab.pdf()
    assert pdf.startswith(b"%PDF")
    tab.media("dark", "print")
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run("getComputedStyle(document.querySelector('.question .why')).display") == "block"
    assert tab.run("getComputedStyle(document.querySelector('.controls')).display") == "none"


def test_a_ring_is_dragged(page):
    tab = page()
    tab.run("document.querySelectorAll('#c15 .plot')[0].scrollIntoView({ block: 'center' })")
    box = tab.run(
        "(b => [b.left, b.top, b.width, b.height])(document.querySelector('#c15 .plot').getBoundingClientRect())"
    )
    x, y = box[0] + 0.3 * box[2], box[1] + 0.5 * box[3]
    told = []
    tab.send("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
    for step in range(1, 4):
        tab.settle()
        told.append(tab.run("document.querySelector('#c15 .readout').textContent"))
        tab.send(
            "Input.dispatchMouseEvent", type="mouseMoved", x=x + 40 * step, y=y + 15 * step, button="left", buttons=1
        )
    tab.send("Input.dispatchMouseEvent", type="mouseReleased", x=x + 120, y=y + 45, button="left", clickCount=1)
    tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    tab.settle()
    told.append(tab.run("document.querySelector('#c15 .readout').textContent"))
    assert len(set(told)) == 4, told
    assert "swings below" in told[-1], "it was let go in the green"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_range_is_marked_before_it_is_shown(page, language):
    tab = page(language)
    shown = "document.querySelectorAll('#trust .sure:not(.faded)').length"
    marked = "document.querySelectorAll('#trust .sure.faded[d*=L]').length"
    readout = "document.querySelector('#trust .readout').textContent"
    assert (tab.run(shown), tab.run(marked)) == (0, 1)
    tab.run("document.querySelector('#trust [data-key=from]').focus()")
    tab.press("ArrowRight", 4)
    assert "5" in tab.run(readout)
    assert "13" not in tab.run(readout), "it is not given away"
    tab.run("document.querySelector('#trust [data-act=show]').focus()")
    tab.press(" ")
    assert tab.run(shown) > 0
    assert "5" in tab.run(readout)
    assert "13" in tab.run(readout)
    quiet(tab)


def test_speech_is_heard_without_a_complaint(page):
    tab = page()
    tab.run("document.querySelector('#c1 [data-act=listen]').focus()")
    tab.press(" ")
    tab.press("Tab")
    tab.press(" ")
    quiet(tab)


@pytest.mark.slow
def test_a_slider_is_quick(page):
    tab = page()
    tab.run("document.querySelector('#c12 [data-key=k]').focus()")
    tab.press("ArrowLeft", 3)
    before = tab.seconds_at_work()
    tab.press("ArrowLeft", 20)
    assert (tab.seconds_at_work() - before) / 20 < 0.25, "also on a busy machine"
