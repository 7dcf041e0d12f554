"""The colours of every report: of the figures, the page and the lesson."""

from __future__ import annotations

from ..evaluation.judgement import Judgement

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
    "c6": ("#c03a72", "#ff8fb8"),
    # Of the lesson: words in the first colour, and the wave with its edge.
    "c1-ink": ("#2466c4", "#74bdff"),
    "wave": ("#f3cf72", "#94701a"),
    "wave-ink": ("#946a0a", "#eab90a"),
}
"""On white, and on a dark screen."""
LIGHT, DARK = ({name: both[ground] for name, both in _BOTH.items()} for ground in (0, 1))
COLOURS, DASHES = 6, 7
MODELS = tuple(LIGHT[f"c{place}"] for place in range(1, COLOURS + 1))
"""One a slot."""
FIRST, FEW = 3, 4
"""Of more than so many models the first few are drawn until all are asked for."""


def slots(answer: Judgement) -> dict[str, int]:
    """The place of each model in pages and figures, {name: 1, 2, ..}: the model spoken of, then by mean loss.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> slots(result.answer.judgement)
    {'AR(64)': 1, 'AR(4)': 2}
    """
    rows = [answer.head, *(place for place in answer.order if place != answer.head)]
    return {answer.models[place]: slot for slot, place in enumerate(rows, 1)}


def first_rows(answer: Judgement) -> list[str]:
    """The models that charts and bars begin with: all of a few, of more the first ones.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=n) for n in (1, 2, 3, 4, 5)], sa.datasets.noisy_sine(seed=0), horizon=2)
    >>> len(first_rows(result.answer.judgement))
    3
    """
    names = list(slots(answer))
    return names if len(names) <= FEW else names[:FIRST]


def colour_and_dash(slot: int) -> tuple[int, int]:
    """The colour (1 .. 6) and the dash (1 .. 7) of a slot: from the seventh on colours repeat with another dash.

    >>> [colour_and_dash(slot) for slot in (1, 6, 7)]
    [(1, 1), (6, 6), (1, 2)]
    """
    times, place = divmod(slot - 1, COLOURS)
    return place + 1, (place + times) % DASHES + 1


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
