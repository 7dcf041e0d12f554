"""Colours that stand out from the ground and are told apart by everybody."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from stepahead.report import figures, palette

from ..data import ROOT


def luminance(colour: str) -> float:
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_every_line_stands_out_from_the_ground():
    for colour in (*figures.MODELS, figures.GREY):
        assert 1.05 / (luminance(colour) + 0.05) >= 3.3, colour


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
