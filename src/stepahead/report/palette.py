"""The colours of every report: of the figures, the page and the lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..evaluation.comparison import Comparison

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


def slots(comparison: Comparison) -> dict[str, int]:
    """{name of a model: slot}, from 1 on, one map for everything that shows a result: baselines have none.

    The first is the model that the answer speaks of, then the others by mean relative loss: the order of the bars.

    >>> import stepahead as sa
    >>> slots(sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604))
    {'AR(64)': 1, 'AR(4)': 2}
    """
    answer = comparison.answer if comparison._scores is None else None
    if answer is None:
        names = [name for name in comparison if name not in comparison.baselines]
    else:
        judged = answer.judgement
        names = [judged.models[place] for place in sorted(judged.order, key=lambda place: place != judged.head)]
    return {name: slot for slot, name in enumerate(names, 1)}


def look(slot: int) -> tuple[int, int]:
    """Colour and dash of a slot, both from 1 on: colours repeat after the last one, each time with another dash.

    >>> [look(slot) for slot in (1, 6, 7)]
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
