"""The findings of an audit: its leaks, its verdict and a summary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import shown
from ...text import as_html

CAUSAL, LEAKS, UNDECIDED = "causal", "leaks", "not decided"
SHOWN_LEAKS, SHOWN_FILES, SHOWN_PATH = 3, 4, 70


@dataclass(frozen=True)
class Leak:
    """A leak: the values from `cut` on were changed, and an earlier forecast or a fitted parameter changed too.

    `check` is the letter of the check, `found` says what changed, and `origin` is that of the forecast, if it was one.
    `missing` says which values were set to missing, if they were not rewritten (check N); `rewritten` what was
    rewritten: "values", "values and past columns", or "columns known ahead" (check K).
    """

    check: str
    cut: int
    origin: int | None
    found: str
    missing: str = ""
    rewritten: str = "values"

    def __str__(self) -> str:
        at = "" if self.origin is None else f" at origin {self.origin}"
        done = self.missing or f"the {self.rewritten} from {self.cut} on rewritten"
        return f"check {self.check}: with {done}, {self.found}{at}"


@dataclass(frozen=True, repr=False)
class Audit:
    """The result of an audit: its verdict, and what was compared.

    >>> import stepahead as sa
    >>> found = sa.audit(sa.AR(lags=4), sa.datasets.nile())
    >>> found.causal, found.leaks, found.cuts
    (True, (), 39)

    Attributes
    ----------
    verdict : "causal", "leaks", or "not decided": nothing changed, but one run read what another had written to a file.
    causal : whether the verdict is "causal": no forecast of an origin at or before a cut, and no fitted parameter,
        changed by one bit, or by more than the tolerance.
    leaks : what changed, first cut first.
    sensitive : whether any forecast after a cut changed (check D). If none did, the model ignores its data once
        fitted, as `Mean` does, and the audit could not have found a leak.
    cuts, refits, compared : the number of cuts tried, of cuts at which the model was fitted again (a function
        always runs as a whole), and of forecast rows compared.
    stopped : at how many cuts the model refused the rewritten values, so that nothing could be compared there.
    exhaustive : whether every possible cut was tried.
    deterministic : whether two fits on the same data gave the same bits; if not, fits cannot be compared.
    prefixes, gaps : the number of cuts at which the series was cut off (check F), and at which values were set to
        missing (check N). A pipeline that needs targets may not allow the one, a model that refuses missing values not
        the other.
    alone : the number of cuts at which the pipeline also ran in an isolated process, so that nothing kept by a class or
        a module could hide a leak: one in eight, up to eight. not_isolated : the reason if there were none, else empty.
    tolerance : how much a forecast may change, relative to the largest one; 0 for bit for bit.
    files_written, files_read : the files that the runs wrote, and those that existed before and were read, whose
        content the audit cannot rewrite. files_carried : those that one run wrote and a run over other values read, or
        checked the existence of.
    beyond : what else the runs communicated with, which may keep data between runs, such as "other programs".
    rewritten : "values", or "values and past columns" where the series has any.
    columns : the columns that the model uses, or that the function was handed, as they were given. known : those of
        them that were taken as known ahead, on your word: that one was planned and not measured no audit can prove.
        foreseen : those that were taken as if foreseen.
    known_cuts : at how many cuts the columns known ahead were rewritten (check K).
    idle : whether there are such columns, and no forecast changed with any of them (check D).
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
    gaps: int
    alone: int
    not_isolated: str
    tolerance: float
    files_written: tuple[str, ...]
    files_read: tuple[str, ...]
    files_carried: tuple[str, ...]
    beyond: tuple[str, ...]
    rewritten: str = "values"
    columns: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    foreseen: tuple[str, ...] = ()
    known_cuts: int = 0
    idle: bool = False

    @property
    def verdict(self) -> str:
        """The verdict: "causal", "leaks" or "not decided"."""
        if self.leaks:
            return LEAKS
        return UNDECIDED if self.files_carried else CAUSAL

    @property
    def causal(self) -> bool:
        """True if nothing leaked, and no file could have hidden a leak."""
        return self.verdict == CAUSAL

    @property
    def first_leak(self) -> Leak | None:
        """The first leak found, None where there is none."""
        return self.leaks[0] if self.leaks else None

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = [[f"check {leak.check}", str(leak.cut), *_at(leak), leak.found] for leak in self.leaks[:SHOWN_LEAKS]]
        sentences = [line for line in self._sentences() if not line.startswith("  check")]
        return as_html(self.model, ["", "cut", "origin", "found"] if rows else [self.verdict], rows, notes=sentences)

    def __bool__(self) -> bool:
        return self.causal

    def __str__(self) -> str:
        scope = "every cut" if self.exhaustive else f"{self.cuts} cuts"
        tail = f"{scope}, {self.refits} refits, {self.compared} rows compared {self._closeness}"
        if self.stopped:
            tail += f"; at {self.stopped} cuts the model refused the rewritten values"
        if not self.deterministic:
            tail += "; two fits on the same data differ, so fitted parameters were not compared"
        if self.known:
            tail += f"; {', '.join(self.known)} {_taken(self.known)} known ahead, on your word"
        if self.foreseen:
            tail += f"; {', '.join(self.foreseen)} AS IF FORESEEN"
        if self.idle:
            tail += f"; no forecast changed with {', '.join(self.columns)}"
        if self.leaks:
            return f"{self.model}: LEAKS. {self.leaks[0]} ({tail})"
        if self.files_carried:
            return f"{self.model}: NOT DECIDED. {self._carried} ({tail})"
        idle = (
            "" if self.sensitive else "; no forecast after a cut changed either: the model ignores its data once fitted"
        )
        return f"{self.model}: causal{self._within} ({tail}{idle})"

    @property
    def _closeness(self) -> str:
        return f"to within {self.tolerance:g} of the largest, not bit for bit" if self.tolerance else "bit for bit"

    @property
    def _within(self) -> str:
        return f" to within {self.tolerance:g}" if self.tolerance else ""

    @property
    def _carried(self) -> str:
        return f"What one run wrote, another run read or looked for: {_listed(self.files_carried)}"

    def summary(self) -> str:
        """The verdict in plain sentences, one a line."""
        return "\n".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.leaks:
            yield f"{self.model} LEAKS: something at or after an origin reaches its forecast."
            yield from (f"  {leak}" for leak in self.leaks[:SHOWN_LEAKS])
            if len(self.leaks) > SHOWN_LEAKS:
                yield f"  and {len(self.leaks) - SHOWN_LEAKS} more"
        elif self.files_carried:
            yield (f"{self.model} is NOT DECIDED: no forecast changed, but a file may have passed future values on.")
            yield f"{self._carried}. Fit and scale inside the function, and audit again without these files."
        else:
            yield f"{self.model} is causal{self._within}: nothing at or after an origin reaches its forecast."
        scope = "every possible cut" if self.exhaustive else "the first, the last and random ones"
        yield f"The {self.rewritten} after each of {self.cuts} cuts were rewritten: {scope}."
        yield (f"{self.compared} earlier forecast rows were compared {self._closeness}, with {self.refits} refits.")
        if self.known_cuts:
            yield f"The columns known ahead were rewritten at {self.known_cuts} cuts too."
        if self.known:
            yield f"{', '.join(self.known)} {_taken(self.known)} known ahead, on your word: no audit can prove a plan."
        if self.foreseen:
            yield (
                f"{', '.join(self.foreseen)} AS IF FORESEEN: an upper bound. "
                "No forecast made at the time could have known it."
            )
        if self.idle:
            yield f"No forecast changed with {', '.join(self.columns)}: the model is idle there."
        if self.stopped:
            yield f"At {self.stopped} cuts the rewritten values were refused, so that nothing could be compared there."
        if not self.deterministic:
            yield (
                "Two fits on the same data differ, so parameters could not be compared: set a seed, or use one thread."
            )
        if not self.sensitive:
            yield "No forecast after a cut changed either: the model ignores its data once fitted."
        if self.not_isolated:
            yield (
                f"Nothing ran in an isolated process ({self.not_isolated}): "
                "what a class or a module keeps was not checked."
            )
        if self.files_written:
            yield f"It wrote to files, also from rewritten values: {_listed(self.files_written)}."
        if self.files_read:
            yield f"It read files whose content was not rewritten: {_listed(self.files_read)}."
        if self.beyond:
            yield f"It communicated with {' and '.join(self.beyond)}: what these keep between runs was not checked."


def _taken(columns: tuple[str, ...]) -> str:
    return "was taken as" if len(columns) == 1 else "were taken as"


def _at(leak: Leak) -> list[str]:
    return ["" if leak.origin is None else str(leak.origin)]


def _listed(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - SHOWN_FILES} more" if len(paths) > SHOWN_FILES else ""
    ends = (path if len(path) <= SHOWN_PATH else "…" + path[-SHOWN_PATH:] for path in paths[:SHOWN_FILES])
    return ", ".join(shown(path) for path in ends) + more
