"""The colours of every report: of the figures, the page and the lesson."""

from __future__ import annotations

LIGHT = {
    "ground": "#ffffff",
    "raised": "#f6f7f8",
    "ink": "#16191d",
    "soft": "#565e67",
    "rule": "#d9dde1",
    "faint": "#eceef0",
    "grey": "#6d757e",
    "seen": "#868e96",
    # Of models: told apart by people with protanopia, deuteranopia and tritanopia, and at least 3.3 : 1 on the ground.
    "c1": "#2f78e0",
    "c2": "#a33b00",
    "c3": "#1b8246",
    "c4": "#8b3f93",
    "c5": "#b98316",
    # Of the lesson: words in the first colour, and the wave with its edge.
    "c1-ink": "#2466c4",
    "wave": "#f3cf72",
    "wave-ink": "#946a0a",
}
DARK = {
    "ground": "#15181c",
    "raised": "#1e2227",
    "ink": "#e9ecef",
    "soft": "#a6afb8",
    "rule": "#3a4047",
    "faint": "#262b30",
    "grey": "#98a2ac",
    "seen": "#8b949e",
    "c1": "#74bdff",
    "c2": "#f0713a",
    "c3": "#8fe3a4",
    "c4": "#d07ad8",
    "c5": "#eab90a",
    "c1-ink": "#74bdff",
    "wave": "#94701a",
    "wave-ink": "#eab90a",
}
MODELS = tuple(LIGHT[f"c{place}"] for place in range(1, 6))
"""One a model, in the order of the table."""


def style() -> str:
    """The colours as CSS: the light ones, and on a screen that asks for it the dark ones. Paper is white.

    >>> style()[:61]
    ':root { color-scheme: light; --ground: #ffffff; --raised: #f6'
    """
    light, dark = (" ".join(f"--{name}: {colour};" for name, colour in theme.items()) for theme in (LIGHT, DARK))
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n  :root {{ color-scheme: dark; {dark} }}\n}}\n"
    )
