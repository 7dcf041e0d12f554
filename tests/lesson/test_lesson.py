"""The lesson as a page: small, sealed, and its code in agreement on both sides."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead.lesson import lesson, numbers, outline
from stepahead.report import palette, sealed

from ..data import ROOT
from ..lessons import Seen

ROOM = ROOT


LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: lesson.page(language) for language in LANGUAGES}


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
