"""The colours of every report: of the figures, the page and the lesson."""

from __future__ import annotations

_BOTH = {
    "ground": ("#ffffff", "#15181c"),
    "raised": ("#f6f7f8", "#1e2227"),
    "ink": ("#16191d", "#e9ecef"),
    "soft": ("#565e67", "#a6afb8"),
    "rule": ("#d9dde1", "#3a4047"),
    "faint": ("#eceef0", "#262b30"),
    "grey": ("#6d757e", "#98a2ac"),
    "seen": ("#868e96", "#8b949e"),
    # Of models: told apart by people with protanopia, deuteranopia and tritanopia, and at least 3.3 : 1 on the ground.
    "c1": ("#2f78e0", "#74bdff"),
    "c2": ("#a33b00", "#f0713a"),
    "c3": ("#1b8246", "#8fe3a4"),
    "c4": ("#8b3f93", "#d07ad8"),
    "c5": ("#b98316", "#eab90a"),
    # Of the lesson: words in the first colour, and the wave with its edge.
    "c1-ink": ("#2466c4", "#74bdff"),
    "wave": ("#f3cf72", "#94701a"),
    "wave-ink": ("#946a0a", "#eab90a"),
}
"""On white, and on a dark screen."""
LIGHT, DARK = ({name: both[ground] for name, both in _BOTH.items()} for ground in (0, 1))
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
