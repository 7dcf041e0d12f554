"""What the audit found, in one line and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SHOWN_LEAKS = 3


@dataclass(frozen=True)
class Leak:
    """One way in which the future reached the past: the values from `cut` on were changed, and something before moved."""

    check: str
    cut: int
    origin: int | None
    found: str

    def __str__(self) -> str:
        at = "" if self.origin is None else f" at origin {self.origin}"
        done = "missing" if self.check == "N" else "rewritten"
        return f"check {self.check}: with the values from {self.cut} on {done}, {self.found}{at}"


@dataclass(frozen=True)
class Audit:
    """The verdict of `audit`.

    Attributes
    ----------
    causal : no forecast of an origin at or before a cut, and no fitted parameter, moved by one bit.
    leaks : what moved, first cut first.
    sensitive : whether any forecast after a cut did move (check D). Where none did, the model ignores its data once fitted,
        as `Mean` does, and the audit had nothing to see.
    cuts, refits, compared : how many cuts were tried, at how many the model was fitted again (a function is run as a whole
        at each), how many forecast rows were compared.
    stopped : at how many cuts the model refused the rewritten values, so that nothing could be compared there.
    exhaustive : every cut there is was tried.
    deterministic : whether two fits on the same data gave the same bits; where not, fits cannot be compared.
    prefixes, hollows : at how many cuts the series could end there (check F), and be missing from there on (check N). A
        pipeline that needs targets cannot do the one, a model that refuses missing values not the other.
    alone : at how many cuts all of it ran in a process of its own too, so that nothing kept by a class or a module could hide
        a leak: one in eight, up to eight; 0 where this process cannot be copied (no Linux, or torch is loaded).
    """

    model: str
    leaks: tuple[Leak, ...]
    sensitive: bool
    cuts: int
    refits: int
    compared: int
    stopped: int
    exhaustive: bool
    deterministic: bool
    prefixes: int
    hollows: int
    alone: int

    @property
    def causal(self) -> bool:
        """True where nothing leaked."""
        return not self.leaks

    @property
    def first_leak(self) -> Leak | None:
        """The first leak found, None where there is none."""
        return self.leaks[0] if self.leaks else None

    def __bool__(self) -> bool:
        return self.causal

    def __str__(self) -> str:
        scope = "every cut" if self.exhaustive else f"{self.cuts} cuts"
        tail = f"{scope}, {self.refits} refits, {self.compared} rows compared bit for bit"
        if self.stopped:
            tail += f"; at {self.stopped} cuts the model refused the rewritten values"
        if not self.deterministic:
            tail += "; two fits on the same data differ, so fits were not compared"
        if self.leaks:
            return f"{self.model}: LEAKS. {self.leaks[0]} ({tail})"
        idle = "" if self.sensitive else "; no forecast after a cut moved either: the model ignores its data once fitted"
        return f"{self.model}: causal ({tail}{idle})"

    def words(self) -> str:
        """The verdict in plain sentences, one a line."""
        return "\n".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.leaks:
            yield f"{self.model} LEAKS: something at or after an origin reaches its forecast."
            yield from (f"  {leak}" for leak in self.leaks[:SHOWN_LEAKS])
            if len(self.leaks) > SHOWN_LEAKS:
                yield f"  and {len(self.leaks) - SHOWN_LEAKS} more"
        else:
            yield f"{self.model} is causal: nothing at or after an origin reaches its forecast."
        scope = "every one that there is" if self.exhaustive else "the first, the last and random ones"
        yield f"The values behind {self.cuts} cuts were rewritten: {scope}."
        yield f"{self.compared} forecast rows from before them were compared bit for bit, {self.refits} fits made again."
        if self.stopped:
            yield f"At {self.stopped} cuts the rewritten values were refused, so that nothing could be compared there."
        if not self.deterministic:
            yield "Two fits on the same data differ, so that fits could not be compared: give it a seed."
        if not self.sensitive:
            yield "No forecast after a cut moved either: the model ignores its data once fitted."
