"""The phrases that sentences about an answer are made of: steps and ranges, names, numbers, in one language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ..protocols import Index
from ..text import fill, printable, share
from .answer_words import TIMES, Units, plain, words_of
from .judgement import NO_GAIN, Flags, Judgement, ranges

MOST_PARTS = 4
"""Ranges that one line names."""


class Phrases:
    """One answer, and the words of one language for its parts."""

    def __init__(self, answer: Judgement, language: str = "en", units: Units | None = None) -> None:
        self.answer, self.language, self.units = answer, language, units or Units()
        self.words = words_of(language)
        self.head = answer.head
        self.every = (0, len(answer.steps) - 1)

    def say(self, key: str, **values: object) -> str:
        """A sentence with its marks filled in."""
        one, many, chinese = TIMES[self.units.time]
        unit, plural = (one, many) if self.language == "en" else (chinese, chinese)
        return fill(self.words[key], **({"unit": unit, "units": plural, "value": self.value()} | values))

    def value(self) -> str:
        """The unit of the values, with a space before it."""
        return f" {printable(self.units.value)}" if self.units.value else ""

    # -- steps, names, numbers ------------------------------------------------------------------------------------

    def model(self, place: int) -> str:
        """The name of a model."""
        return printable(self.answer.models[place])

    def k(self, place: int) -> int:
        """The step at a place."""
        return int(self.answer.steps[place])

    def step(self, place: int) -> str:
        """A step as a distance: "64 days"."""
        k = self.k(place)
        if self.language == "en":
            one, many, _ = TIMES[self.units.time]
            return (
                f"step {k}"
                if self.units.time == "step"
                else fill(self.words["step"], k=k, unit=one if k == 1 else many)
            )
        return self.say("step", k=k)

    def span(self, ends: tuple[int, int]) -> str:
        """A range of steps: "days 2 to 11"."""
        a, b = self.k(ends[0]), self.k(ends[1])
        return self.say("one", a=a) if a == b else self.say("many_steps", a=a, b=b)

    def listed(self, every: Sequence[tuple[int, int]]) -> str:
        """Ranges of steps, the first few."""
        names = [self.span(ends) for ends in every[:MOST_PARTS]]
        return self.words["and"].join(names) + ("…" if len(every) > MOST_PARTS else "")

    def percent(self, value: float) -> str:
        """A saving as a whole per cent; one below the margin is not rounded up to it."""
        margin = self.answer.rule.margin
        if value < margin <= round(value, 2):
            value = math.floor(100.0 * value) / 100.0
        return share(round(value, 2) + 0.0) if value > -9.995 else self.words["far_below"]

    def at_least(self, value: float) -> str:
        """A lower end, rounded down."""
        return self.percent(math.floor(100.0 * value + 1e-9) / 100.0)

    def limit(self, value: float) -> str:
        """A margin of the rule."""
        return f"{100.0 * value:.4g}%"

    def baseline(self, place: int) -> str:
        """The plain name of a baseline, as something to use."""
        return printable(plain(self.answer.baselines[place], self.units, self.language, article=True))

    def baselines(self, ends: tuple[int, int]) -> str:
        """The best baselines over a range: one name, two with their steps, two names,
        or the one that is best most often.
        """
        best = self.answer.best[ends[0] : ends[1] + 1]
        parts = [(a + ends[0], b + ends[0], int(best[a])) for a, b in equal_parts(best)]
        if len(parts) == 1:
            return self.baseline(parts[0][2])
        if len(parts) > 2:
            names = dict.fromkeys(row for _, _, row in parts)
            often = int(np.bincount(best).argmax())
            return self.words["and"].join(self.baseline(row) for row in (names if len(names) == 2 else [often]))
        named = (self.say("at_steps", baseline=self.baseline(row), steps=self.span((a, b))) for a, b, row in parts)
        return self.words["and"].join(named)

    def baselines_at(self, flags: Flags) -> str:
        """The best baselines over some steps: of one range as above, of several by name alone."""
        found = ranges(flags)
        if len(found) == 1:
            return self.baselines(found[0])
        best = self.answer.best[flags]
        names = dict.fromkeys(best.tolist())
        often = int(np.bincount(best).argmax())
        return self.words["and"].join(self.baseline(row) for row in (names if len(names) <= 2 else [often]))

    def most_used(self) -> str:
        """The baseline that is best at most steps."""
        return self.baseline(int(np.bincount(self.answer.best).argmax()))

    @property
    def gains(self) -> bool:
        """Whether the model spoken of has a gain as measured: it is one that has, where any has of those that count."""
        return bool((self.answer.state[self.head] > NO_GAIN).any())

    def loss(self) -> str:
        """What is compared."""
        return self.words.get(f"loss_{self.units.loss}", self.words["loss_other"])

    def extent(self, model: int, ends: tuple[int, int]) -> tuple[str, str]:
        """The least and the largest saving over a range, in per cent."""
        saved = self.answer.saving[model, ends[0] : ends[1] + 1]
        return self.percent(float(saved.min())), self.percent(float(saved.max()))

    def join(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other, as the language does."""
        return self.words["space"].join(sentences)


def digits(value: float, count: int = 2) -> str:
    """A number with so many digits.

    >>> digits(4.28), digits(12345.0), digits(0.00123, 3), digits(4.0)
    ('4.3', '12,000', '0.00123', '4.0')
    """
    if not math.isfinite(value) or value == 0.0:
        return f"{value:g}"
    power = math.floor(math.log10(abs(float(f"{value:.{count - 1}e}"))))
    if not -5 < power < 9:
        return f"{value:.{count - 1}e}"
    return f"{round(value, count - 1 - power):,.{max(0, count - 1 - power)}f}"


def amounts(own: float, other: float) -> tuple[str, str]:
    """Two numbers to be compared: two digits, three where they are within 15 % of each other.

    >>> amounts(2.791, 2.949), amounts(12.3, 25.7)
    (('2.79', '2.95'), ('12', '26'))
    """
    least, most = sorted((abs(own), abs(other)))
    count = 3 if most < 1.15 * least else 2
    return digits(own, count), digits(other, count)


def equal_parts(values: Index) -> list[tuple[int, int]]:
    """Places (first, last) of ranges of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    return [(int(a), int(b) - 1) for a, b in zip([0, *edges], [*edges, len(values)], strict=True)]
