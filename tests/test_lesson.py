"""The lesson: both languages complete, every number computed, the page sealed, the code of both sides in agreement."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead.lesson import lesson, markup, numbers, outline
from stepahead.report import palette, sealed

ROOM = Path(__file__).parents[1]
# The note's own headings, in its order.
HEADINGS = [
    "1.1 什么是序列模型？", "1.2 常见的统计方法", "1.2.1 自回归模型", "1.2.2 隐变量自回归模型", "1.2.3 马尔可夫模型",
    "1.2.4 因果关系", "1.3 总结", "1.3 代码实践",
    "1.3.1 原始数据", "1.3.2 转化", "1.3.3 基本数据处理", "1.3.4 模型架构", "1.3.4 预测",
    "单步预测", "多步预测", "K步预测", "为什么出现公式",
]  # fmt: skip
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: lesson.page(language) for language in LANGUAGES}


def leaves(words: object, before: str = "") -> dict[str, str]:
    """Every text by the path that leads to it."""
    if isinstance(words, dict):
        return {path: text for key, part in words.items() for path, text in leaves(part, f"{before}.{key}").items()}
    if isinstance(words, list):
        return {path: text for i, part in enumerate(words) for path, text in leaves(part, f"{before}[{i}]").items()}
    assert isinstance(words, str)
    return {before: words}


class Seen(HTMLParser):
    """Headings, tags and text of a page, with the language that each text is in."""

    void = frozenset(("meta", "input", "br", "hr"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in self.void:
            self.open.append((tag, given.get("lang") or (self.open[-1][1] if self.open else "")))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop()[0] == tag, "tags are nested"

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        if not {"script", "style"} & set(inside):
            self.texts.append((data, self.open[-1][1] if self.open else ""))
        if any(re.fullmatch("h[1-6]", tag) for tag in inside):
            self.headings[-1] += data


# -- words --------------------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_words_numbers_and_buttons():
    en, zh = (leaves(lesson.read_words(language)) for language in LANGUAGES)
    assert list(en) == list(zh)
    for path, text in en.items():
        other = zh[path]
        assert text.strip(), path
        assert other.strip(), path
        # The same numbers, though a language may print them with other digits; the same things to try.
        named = [sorted(set(re.findall(r"\{([\w.]+)", one))) for one in (text, other)]
        assert named[0] == named[1], path
        tried = [sorted(re.findall(r"\|([^|\]]+)\]\]", one)) for one in (text, other)]
        assert tried[0] == tried[1], path


def test_every_part_of_the_outline_has_words_and_none_is_left_over():
    for language in LANGUAGES:
        words = lesson.read_words(language)
        used = {"page", "short", "leaving", "review", "js"}
        for section in outline.SECTIONS:
            own, used = words[section.key], used | {section.key}
            kinds = [part.partition(":") for part in section.parts]
            for kind, store in (("ask", "ask"), ("belief", "belief"), ("slip", "slip"), ("figure", "read")):
                named = [name.partition("=")[0] for found, _, name in kinds if found == kind]
                assert sorted(own.get(store, {})) == sorted(named), (section.key, kind)
            texts = {found for found, colon, _ in kinds if not colon} - {"code"}
            assert texts | {"title"} <= set(own), section.key
            assert set(own) <= texts | {"title", "idea", "number", "ask", "belief", "slip", "read"}, section.key
            for name, asked in own.get("ask", {}).items():
                right = next(int(part.rpartition("=")[2]) for part in section.parts if part.startswith(f"ask:{name}="))
                assert len(asked["options"]) == len(asked["reasons"]) > right, name
        assert set(words) == used
        assert list(words["short"]["stops"]) == list(outline.STOPS)
        for name, (right, _) in outline.STOPS.items():
            stop = words["short"]["stops"][name]
            assert len(stop["options"]) == len(stop["reasons"]) > right
        assert sorted(words["leaving"]["items"]) == sorted(outline.TEST)
        for name, right in outline.TEST.items():
            options = words["leaving"]["items"][name].get("options")
            assert options is None or right < len(options)


def test_what_a_text_offers_to_try_exists():
    asked = {name: set() for name in outline.figures()}
    for text in leaves(lesson.read_words("en")).values():
        for figure, values in re.findall(r"\|(\w+):([^|\]]+)\]\]", text):
            asked[figure] |= {pair.partition("=")[0] for pair in values.split(",")}
    script = lesson.script_text()
    for figure, keys in asked.items():
        found = re.search(rf'new Figure\("{figure}", \{{([^}}]*)\}}', script)
        assert found, figure
        assert keys <= set(re.findall(r"(\w+):", found[1])), figure


def test_the_script_has_no_words_of_its_own():
    script = lesson.script_text()
    script = re.sub(r"//[^\n]*|/\*.*?\*/", "", script, flags=re.DOTALL)
    used = set(re.findall(r'(?:figure\.word|say)\(\s*(?:[\w.]+ \? )?"([\w.]+)"', script))
    assert len(used) > 60
    known = lesson.flat(lesson.read_words("en")["js"])
    ends = {key.partition(".")[2] for key in known} | set(known)
    assert used <= ends, used - ends
    # Sentences in quotes: only what Python's own log prints.
    for text in re.findall(r'"([^"\n]*)"|`([^`\n]*)`', script):
        plain = re.sub(r"\$\{[^}]*\}", "", "".join(text))
        assert not re.search(r"[A-Z][a-z]+ [a-z]+ [a-z]+", plain), plain


def test_prose_takes_its_numbers_from_the_library():
    """A decimal typed into a sentence is one that defines the experiment, or one that the note or a book prints."""
    given = {
        "0.2", "0.01", "0.04", "0.054", "0.005", "0.014", "6.28", "6.04", "1.6", "0.6", "0.23", "3.9", "1.3",
        "0.15", "0.5", "0.48", "0.35", "1.1", "1.2", "2.2", "2.4", "0.1", "0.001", "0.995", "0.7",
    }  # fmt: skip
    for language in LANGUAGES:
        for path, text in leaves(lesson.read_words(language)).items():
            plain = re.sub(r"`[^`]*`|\{[^}]*\}", "", text)
            for found in re.findall(r"(?<![\d.])\d+\.\d+", plain):
                assert found in given, (language, path, found)


def test_the_typed_numbers_hold():
    facts = numbers.facts()
    assert facts["split.noise"] == pytest.approx(0.04)
    assert 0.001 < 0.054 - facts["wall4"] < 0.0065, "about 0.005 is left to gain"
    assert 2 * np.pi == pytest.approx(6.28, abs=0.01)
    assert facts["direction.64"] == pytest.approx(np.sqrt(0.2**2 + np.sin(0.64) ** 2 / 2))
    assert [round(facts[f"direction.{k}"], 3) for k in (1, 4, 16, 64)] == [0.200, 0.202, 0.230, 0.467]
    assert numbers.slope_spread(27) < 0.005 < numbers.slope_spread(26)
    assert facts["slope.4"] / 0.01 == pytest.approx(9, abs=0.3)
    assert [round(100 * numbers.right_direction(lags)) for lags in (4, 8, 64)] == [54, 61, 100]
    assert (facts["pretend"], facts["honest"]) == (pytest.approx(1.37, abs=0.005), pytest.approx(6.27, abs=0.005))
    assert facts["honest"] - facts["pretend"] == pytest.approx(49 * 0.1), "49 steps of variance 0.1"
    assert (0.2 - 0.15) / facts["chance"] == pytest.approx(6.5, abs=0.1), "six times too low"
    assert (
        1.7 < (0.2 - facts["zero.truth.64"]) / facts["chance"] < (0.2 - facts["zero.truth.1"]) / facts["chance"] < 2.2
    )
    assert facts["chain.week"] == pytest.approx(0.428, abs=0.001)
    limit = sa.datasets.noisy_sine(seed=0).limit
    assert limit.window(4, 64)[-1] == pytest.approx(0.48, abs=0.005), "the wall in the leaving test"


def test_the_first_state_of_the_page_is_what_its_sentences_say():
    facts = numbers.facts()
    assert facts["zero.net.64"] > facts["zero.naive.64"]
    assert facts["mean.ar16.1"] == min(facts[f"mean.{name}.1"] for name in ("net", "naive", "ar16", "ar128"))
    assert facts["mean.ar128.64"] == min(facts[f"mean.{name}.64"] for name in ("net", "naive", "ar16", "ar128"))
    assert facts["mean.net.64"] == max(facts[f"mean.{name}.64"] for name in ("net", "naive", "ar16", "ar128"))
    third = sorted(facts[f"mean.{name}.1"] for name in ("net", "naive", "ar16", "ar128"))
    assert third.index(facts["mean.ar128.1"]) in (1, 2)
    change = {name: facts[f"mean.{name}.64"] for name in ("gentle", "net64", "oneshot", "ar128")}
    assert min(change, key=change.get) == "ar128"
    assert facts["leak.centred3"] < facts["leak.centred9"] < facts["mean.truth.1"] < facts["leak.trailing9"]
    assert facts["leak.random_split"] < facts["leak.time_split"] - 0.05
    assert abs(facts["arrow.sine_forward"] - facts["arrow.sine_backward"]) < 0.02
    assert facts["arrow.logistic_backward"] > 3 * facts["arrow.logistic_forward"]
    assert facts["order.unshuffled.median"] > 1.5 * facts["order.pairs.median"]
    assert facts["mean.latent.64"] < facts["mean.latent.1"] + 0.005
    assert facts["mean.ar64.64"] < facts["gru.mean"], "the GRU as it comes loses to a linear window"


def test_the_title_is_answered_by_the_library():
    draw, facts = numbers.first_draw(), numbers.facts()
    assert {name: facts[f"trust.{name}"] for name in ("net", "ar4", "ar64", "latent")} == {
        "net": 6, "ar4": 21, "ar64": 64, "latent": 64,
    }  # fmt: skip
    assert draw.baselines == ["Mean", "Naive"], "the simple baselines that the sentence names"
    for language in LANGUAGES:
        assert {"{trust.net}", "{trust.ar4}", "{trust.ar64}", "{trust.latent}"} <= set(
            re.findall(r"\{trust\.\w+\}", lesson.read_words(language)["last"]["trusted"])
        )


def test_the_counted_rows_and_origins_are_the_librarys():
    inputs, labels = sa.pairs(np.arange(1000.0), 4)
    assert [*inputs[599], labels[599]] == [599, 600, 601, 602, 603], "the 600th pair"
    origins = numbers.first_draw()["net"].origins
    assert (origins[0], origins[-1], len(origins)) == (604, 936, 333)
    small = sa.k_step(sa.AR(2).fit(np.sin(np.arange(50.0))), np.sin(np.arange(6.0)), 3, train=0)
    assert small.origins.tolist() == [2, 3], "T = 6, tau = 2, three steps"


def test_the_roots_of_the_text_are_those_of_the_figures():
    facts, script = numbers.facts(), lesson.script_text()
    assert f'new Figure("c11b", {{ modulus: {facts["root4.modulus"]:.4f}, angle: 0 }})' in script
    assert round(np.log(0.5) / np.log(0.9925)) == round(facts["root4.half"])
    assert facts["root4.endless"] == pytest.approx(abs(bench().dominant(4, 0.2)), abs=1e-4)
    weights = numbers.first_draw()["ar4"].model.coefficients_
    assert np.abs(weights - 0.25).max() < 0.035, "four weights near a quarter"
    assert np.sum(weights) == pytest.approx(facts["weights4"])


def test_the_error_by_window_is_that_of_the_staircase_and_of_a_fit_by_lstsq():
    found = numbers.measured()
    by_lags = found["lags"]
    assert len(by_lags["first"]) == len(by_lags["last"]) == 128
    for name, lags in (("ar4", 4), ("bic8", 8), ("ar16", 16), ("ar64", 64), ("ar128", 128)):
        rows = found["rmse"][name]["mean"]
        assert (by_lags["first"][lags - 1], by_lags["last"][lags - 1]) == (rows[0], rows[3]), name

    def by_hand(x: np.ndarray, lags: int) -> tuple[float, float]:
        def design(until):
            return np.column_stack([x[i : until - lags + i] for i in range(lags)] + [np.ones(until - lags)])

        *weights, constant = np.linalg.lstsq(design(604), x[lags:604], rcond=None)[0]
        errors = []
        for origin in range(604, 937):
            known = list(x[origin - lags : origin])
            for _ in range(64):
                known.append(float(np.dot(weights, known[-lags:])) + constant)
            errors.append((known[lags] - x[origin], known[-1] - x[origin + 63]))
        return tuple(np.sqrt(np.mean(np.square(errors), axis=0)))

    once = bench().by_lags(range(1), most=33)
    x = sa.datasets.noisy_sine(seed=0).numbers
    for lags in (1, 2, 5, 11, 33):
        assert (once["first"][lags - 1], once["last"][lags - 1]) == pytest.approx(by_hand(x, lags), abs=6e-5), lags
    # What the caption says of the two curves.
    first, last = by_lags["first"], by_lags["last"]
    assert first.index(min(first)) + 1 in range(9, 16)
    assert min(last[:20]) > 0.49
    assert last[127] < 0.24


def test_the_short_way_has_six_stops_before_the_long_one_with_the_right_answers(pages):
    assert len(outline.STOPS) == 6
    facts = numbers.facts()
    # What the marked answers say, asked of the library.
    assert facts["shuffle.shuffled"] > 2 * facts["shuffle.ordered"]
    assert facts["mean.latent.64"] < facts["mean.latent.1"] + 0.005
    assert facts["mean.net.1"] < facts["mean.naive.1"]
    assert facts["mean.net.64"] > facts["mean.naive.64"]
    assert facts["mean.ar128.64"] < 0.25 < facts["mean.oneshot.64"] < facts["mean.gentle.64"] < facts["mean.net.64"]
    for page in pages.values():
        seen = Seen(page)
        targets = [
            given["href"] for tag, given in seen.tags if tag == "a" and (given.get("href") or "").startswith("#s")
        ]
        assert targets[0] == "#short", "offered in the head, before the contents"
        assert targets[1] == "#short", "and first in the contents"
        asked = [given for tag, given in seen.tags if given.get("class") == "question"]
        assert [(given["id"], given["data-right"]) for given in asked[:6]] == [
            (f"short-{name}", str(right)) for name, (right, _) in outline.STOPS.items()
        ]
        sections = [given["id"] for tag, given in seen.tags if tag == "section"]
        assert sections[:2] == ["short", "s11"]
        assert {key for _, key in outline.STOPS.values()} <= set(sections)


def test_the_note_s_net_has_one_number_at_64_steps_over_the_draws():
    """Means and medians are those measured with the library; no figure of other draws stands beside them."""
    for language in LANGUAGES:
        text = "\n".join(leaves(lesson.read_words(language)).values())
        assert not re.search(r"0\.85|0\.67|0\.847|0\.668", text)
        assert "{mean.net.64:.2f}" in lesson.read_words(language)["last"]["title"]


def test_the_blocks_under_the_staircase_add_up_as_they_are_printed():
    parts = numbers.split()
    total = sum(parts.values())
    assert sum(round(part, 4) for part in parts.values()) == pytest.approx(round(total, 4), abs=1e-9)
    assert round(round(total**0.5, 4) ** 2, 4) == round(total, 4)


# -- measured -----------------------------------------------------------------------------------------------------


def test_measured_numbers_lie_where_theory_puts_them():
    found = numbers.measured()
    assert found["seeds"] == 20
    rows = {name: np.array(rows["mean"]) for name, rows in found["rmse"].items()}
    bands = {
        "truth": (0.198, 0.004), "latent": (0.200, 0.005), "ssa": (0.206, 0.008), "ar128": (0.226, 0.010),
        "ar64": (0.246, 0.020), "ar4": (0.506, 0.010), "ar16": (0.509, 0.010), "direct4": (0.503, 0.010),
        "direct128": (0.240, 0.010), "naive": (0.534, 0.010), "mean": (0.717, 0.010), "oneshot": (0.529, 0.010),
        "gentle": (0.645, 0.060), "bic8": (0.495, 0.010), "levels": (0.715, 0.010),
    }  # fmt: skip
    for name, (at, within) in bands.items():
        assert rows[name][3] == pytest.approx(at, abs=within), name
    assert 0.55 <= np.median(found["rmse"]["net"]["all"]) <= 0.80
    assert rows["net"][:3] == pytest.approx([0.231, 0.248, 0.369], abs=0.03)
    assert found["worse_than_last"] == 20
    for name in rows:
        assert (rows[name] >= rows["truth"] - 0.005).all(), f"{name} is under the noise: a leak"
    assert found["bayes"]["4"] == pytest.approx([0.221, 0.223, 0.252, 0.488], abs=0.003)
    assert found["bayes"]["64"] == pytest.approx([0.202, 0.202, 0.203, 0.205], abs=0.003)
    for width, at in ((3, 0.115), (9, 0.187), (21, 0.195)):
        assert found["leak"][f"centred{width}"] == pytest.approx(at, abs=0.003)
    assert found["leak"]["random_split"] == pytest.approx(0.505, abs=0.01)
    assert found["leak"]["time_split"] == pytest.approx(0.622, abs=0.01)
    assert (found["phase"]["first_complex"], found["phase"]["first_right"]) == (39, 47)
    for lags, at in ((2, 0.0006), (4, 0.0022), (8, 0.0084), (16, 0.032), (32, 0.131), (64, 0.571)):
        assert found["phase"]["threshold"][str(lags)] == pytest.approx(at, rel=0.05)


def test_the_bayes_wall_is_the_one_of_the_simulator():
    limit = sa.datasets.noisy_sine(seed=0).limit
    if not hasattr(limit, "bayes"):
        pytest.skip("the simulator does not know it")
    wall = limit.bayes(4, 64, origins=range(604, 937))
    assert numbers.measured()["bayes"]["4"] == pytest.approx(np.asarray(wall)[[0, 3, 15, 63]], abs=0.004)


def bench():
    sys.path.insert(0, str(ROOM / "benchmarks"))
    try:
        import lesson as measuring
    finally:
        sys.path.pop(0)
    return measuring


def test_the_file_of_measured_numbers_is_what_the_script_measures():
    measuring, found = bench(), numbers.measured()
    assert measuring.rain() == found["rain"]
    roots = [
        [measuring.dominant(lags, noise) for noise in (measuring.NOISES[0], measuring.NOISES[33])]
        for lags in (2, 16, 64)
    ]
    for row, lags in zip(roots, (2, 16, 64), strict=True):
        place = found["phase"]["taus"].index(lags)
        for root, noise in zip(row, (0, 33), strict=True):
            assert abs(root) == pytest.approx(found["phase"]["modulus"][place][noise], abs=1e-5)
            assert abs(np.angle(root)) == pytest.approx(found["phase"]["angle"][place][noise], abs=1e-5)
    assert measuring.trained(3, "pairs")[1] == pytest.approx(found["rmse"]["net"]["all"][3], abs=1e-4)
    assert measuring.bayes(4)[3] == pytest.approx(found["bayes"]["4"][3], abs=1e-4)


@pytest.mark.slow
def test_all_measured_numbers_again():
    measuring, found = bench(), numbers.measured()
    again = measuring.measure(range(found["seeds"]))
    for key, value in again.items():
        if key not in ("rmse", "order", "rest"):
            assert json.loads(json.dumps(value)) == found[key], key
    for name, rows in again["rmse"].items():
        assert rows["all"] == pytest.approx(found["rmse"][name]["all"], abs=2e-3), name
    for name in ("pairs", "unshuffled", "time"):
        assert again["order"][name]["median"] == pytest.approx(found["order"][name]["median"], abs=2e-3)


# -- the page -----------------------------------------------------------------------------------------------------


def test_every_heading_of_the_note_stands_in_both_pages(pages):
    for language, page in pages.items():
        found = [" ".join(text.split()) for text in Seen(page).headings]
        at = 0
        for heading in HEADINGS:
            number, _, title = heading.rpartition(" ")
            places = [i for i, text in enumerate(found) if i >= at and title in text and text.startswith(number)]
            assert places, (language, heading)
            at = places[0]
        assert sum(1 for tag, _ in Seen(page).tags if tag == "h1") == 1


def test_all_controls_and_the_two_games_are_there(pages):
    for page in pages.values():
        ids = [given.get("id") for tag, given in Seen(page).tags if tag == "figure"]
        assert {f"c{i}" for i in (*range(1, 5), *range(6, 17))} | {"c5a", "c5b", "c8b", "c11b", "latent", "own"} == set(
            ids
        )
        assert len(ids) == len(set(ids))


def test_one_small_file_that_asks_for_nothing(pages):
    for language, page in pages.items():
        assert len(page.encode()) < 600_000
        seen = Seen(page)
        assert f'<html lang="{lesson.LANGUAGES[language]}">' in page
        for tag, given in seen.tags:
            assert tag not in ("link", "img", "iframe", "object", "embed", "base", "video", "audio", "source"), tag
            assert not {"style", "src", "srcset", "action", "formaction"} & set(given), given
            assert not [name for name in given if name.startswith("on")], given
            assert (given.get("href") or "#").startswith("#"), given
        assert "http" not in re.sub(r"http-equiv|http://www\.w3\.org/2000/svg|http://www\.festvox\.org/\S*", "", page)


def test_the_policy_is_made_of_the_hashes_of_what_is_there(pages):
    for page in pages.values():
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
        assert policy
        assert page.index("charset") < page.index("Content-Security-Policy") < page.index("<title>")
        for tag, name in (("script", "script-src"), ("style", "style-src")):
            inside = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
            assert len(inside) == 1
            digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
            assert f"{name} 'sha256-{digest}'" in policy[1]
        assert "default-src 'none'" in policy[1]
        assert "unsafe" not in policy[1]
        assert "require-trusted-types-for 'script'" in policy[1]
    script = lesson.script_text()
    for forbidden in (
        "</script",
        "<!--",
        "innerHTML",
        "eval(",
        "fetch(",
        "XMLHttp",
        "WebSocket",
        "import(",
        "document.write",
        "\r",
    ):
        assert forbidden not in script


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_text_and_lines_stand_out_from_the_ground_in_both_lights():
    themes = [palette.LIGHT, palette.DARK]
    for theme in themes:
        ground = luminance(theme["ground"])
        for name, colour in theme.items():
            own = luminance(colour)
            contrast = (max(own, ground) + 0.05) / (min(own, ground) + 0.05)
            if name in ("ink", "soft", "c1-ink", "c2", "c3", "c4", "wave-ink"):
                assert contrast >= 4.5, (name, contrast)
            elif name in ("c1", "seen", "grey"):
                assert contrast >= 3.0, (name, contrast)


def test_the_file_has_line_feeds_alone(tmp_path):
    path = lesson.write(tmp_path / "new", "zh")
    assert path.name == "lesson-zh.html"
    assert b"\r" not in path.read_bytes()
    with pytest.raises(sa.errors.ParameterError, match="language"):
        lesson.write(tmp_path, "fr")


def test_the_demo_writes_both_pages_in_both_languages_and_names_them_in_the_one_asked_for(run, tmp_path):
    from stepahead.demo import _pages

    found = list(_pages(numbers.first_draw(), tmp_path, "zh"))
    assert [path.name for _, path in found] == ["lesson-zh.html", "report-zh.html", "lesson-en.html", "report-en.html"]
    for what, path in found:
        assert f'<html lang="{path.stem[-2:]}' in path.read_text(encoding="utf-8")
        assert re.search("[\u4e00-\u9fff]", what)
    code, _, err = run("demo", "--lang", "fr", "--out", tmp_path / "never")
    assert code == 2
    assert "--lang" in err
    assert not (tmp_path / "never").exists()


def test_no_text_is_left_in_the_other_language(pages):
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for text, language in Seen(pages["en"]).texts:
        assert language == "zh-Hans" or not chinese.search(text), text
    names = (
        r"stepahead|RMSE|MLP|AR|SSA|GRU|BIC|ReLU|Xavier|Adam|Linear|torch|Paddle|PyTorch|"
        r"float32|float64|max_steps|CMU|ARCTIC"
    )
    sentence = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
    code = {part for blocks in lesson.read_code().values() for part in blocks.values()}
    for text, language in Seen(pages["zh"]).texts:
        if language == "en" or any(text.strip() == part.strip() for part in code) or "dtype" in text:
            continue
        assert not sentence.search(re.sub(names, "", text)), text


def test_terms_of_the_chinese_page():
    text = "\n".join(leaves(lesson.read_words("zh")).values())
    for word in (
        "自回归模型", "隐变量", "马尔可夫", "转移矩阵", "窗口", "标签", "特征", "预测起点", "留出",
        "噪声下限", "误差累积",
        "教师强制", "半衰期", "特征根", "末值法", "审计", "泄漏", "更新", "推进", "直接法", "不动点", "种子",
    ):  # fmt: skip
        assert word in text, word
    for wrong in ("静止的", "步长为", "隐藏变量"):
        assert wrong not in text, wrong


def test_the_markup_escapes_everything_else():
    assert markup.inline('<b onclick="x">`<i>`</b>') == '&lt;b onclick="x"&gt;<code>&lt;i&gt;</code>&lt;/b&gt;'
    assert markup.inline("中文", foreign=True) == '<span lang="zh-Hans">中文</span>'
    assert markup.filled("{a:.1f} of {b}", {"a": -0.25, "b": 3}) == "−0.2 of 3"
    assert "<sup>2</sup>" in markup.formula("0.2^2")
    with pytest.raises(KeyError):
        markup.filled("{unknown}", {})


def run_code(but: tuple[str, ...] = ()) -> None:
    scope: dict[str, object] = {}
    for key, blocks in lesson.read_code().items():
        for name in ("note", "ours"):
            if name in blocks and key not in but:
                exec(compile(blocks[name], f"code.toml, {key}, {name}", "exec"), scope)  # noqa: S102


def test_our_code_and_the_notes_code_agree(monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.chdir(ROOM)
    assert {section.key for section in outline.SECTIONS if "code" in section.parts} == set(lesson.read_code())
    run_code(but=("s122", "last"))  # without the searches that take seconds
    assert "epoch 1, loss: 0.0" in capsys.readouterr().out


@pytest.mark.slow
def test_all_of_the_code_runs(monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.chdir(ROOM)
    run_code()
    assert "StateSpace(auto)" in capsys.readouterr().out


def test_the_scripts_numbers_are_the_librarys_in_node():
    """The models of the page, run where there is a bare JavaScript; the browser tests run the page itself."""
    node = next((path for path in map(Path, ("/usr/bin/node", "/usr/local/bin/node")) if path.exists()), None)
    if node is None:
        pytest.skip("no node here")
    data = json.dumps(numbers.for_script() | {"words": {}})
    parts = [(files("stepahead.lesson") / "script" / name).read_text() for name in ("01-numbers.js", "02-models.js")]
    ask = """
    const { x } = seeds[1];
    const trained = train(x, seeds[1], seeds[1].order);
    const by = (model) => Array.from(errorByStep(x, (o) => rollOut(model, x, o)));
    console.log(JSON.stringify({
      net: by(asNet(seeds[1].w1, seeds[1].w2)), trained: by(trained.net), losses: trained.losses,
      ar4: by(autoregression(x, 4)), ar64: by(autoregression(x, 64)),
      latent: Array.from(errorByStep(seeds[0].x, latentForecasts(seeds[0].x))),
      population: Array.from(populationAR(16, 0.2).weights), root: roots([0.2, 0.1, 0.3, 0.35])[0],
    }));"""
    parts.insert(0, sealed.asset("stepahead.report", "drawing.js"))
    script = f"const document = {{ getElementById: () => ({{ textContent: {json.dumps(data)} }}) }};\n" + "\n".join(
        [*parts, ask]
    )
    run = subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    series = sa.datasets.noisy_sine(seed=1)
    net = sa.MLP(4, seed=1).fit(series[:604])
    expected = sa.k_step(net, series, 64).rmse()
    np.testing.assert_allclose(found["net"], expected, rtol=1e-12)
    np.testing.assert_allclose(found["trained"], expected, rtol=1e-9)
    np.testing.assert_allclose(found["losses"], net.losses_, rtol=1e-9)
    origins = range(604, 937)
    for lags in (4, 64):
        model = sa.AR(lags).fit(series[:604])
        np.testing.assert_allclose(found[f"ar{lags}"], sa.k_step(model, series, 64, origins=origins).rmse(), rtol=1e-9)
    np.testing.assert_allclose(found["latent"], numbers.first_draw()["latent"].rmse(), rtol=1e-9)
    cosines = 0.5 * np.cos(0.01 * np.arange(17))
    apart = np.abs(np.subtract.outer(np.arange(16), np.arange(16)))
    np.testing.assert_allclose(
        found["population"][::-1], np.linalg.solve(cosines[apart] + 0.04 * np.eye(16), cosines[1:]), rtol=1e-9
    )
    exact = np.roots([1.0, -0.35, -0.3, -0.1, -0.2])
    assert found["root"]["modulus"] == pytest.approx(np.abs(exact).max(), rel=1e-9)
