"""What is known of the fits behind a result, and the clause that says it: "fitted" is told of fits made here alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..text import fill, printable

MOST_NAMES, LONGEST = 6, 40
NOT_HERE = ("given", "elsewhere", "unknown")
"""Kinds of which nobody can tell here whether the fit has seen the values that are scored."""
FITS = {
    "comma": ", ",
    "fit_once": "fitted once on the first {seen} values",
    "fit_once_many": "one fit on {series} series",
    "fit_declared": "said to be fitted on the first {seen} values",
    "fit_declared_many": "said to be fitted on the first part of {series} series",
    "fit_other": "said to be fitted on other data",
    "fit_given": "not fitted here; what it was trained on is not known",
    "fit_elsewhere": "made elsewhere; said to be held out from {seen} on",
    "fit_elsewhere_many": "made elsewhere; said to be held out from the end of each training part on",
    "fit_unknown": "made elsewhere; nothing is known of its fits",
    "fit_of": "{names}: {fit}",
    "fit_join": "; ",
}


@dataclass(frozen=True)
class Fits:
    """What is known of the fitting behind a result: not where scoring begins, which is ``KStep.start``.

    >>> import stepahead as sa
    >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4, train=70)
    >>> run.fits, run.start
    (Fits(kind='once', seen=(60,)), (70,))

    Attributes
    ----------
    kind : "once": fitted here, once. "declared": somebody says on what. "other": said to be fitted on other data.
        "given": trained before it came, on what is not known. "elsewhere": its forecasts were made elsewhere, and are
        said to be held out after the first values. "unknown": made elsewhere, and nothing is said.
    seen : how many values at the head of each series the fit has seen, or is said to have seen at most; empty where
        nothing is known.
    """

    kind: str
    seen: tuple[int, ...] = ()

    @classmethod
    def here(cls, seen: tuple[int, ...]) -> Fits:
        """One fit, made here, on so many values of each series; on none of them it is one on other data."""
        return cls("once", seen) if any(seen) else cls("other")

    def of(self, series: int) -> Fits:
        """The same of one of the series alone."""
        return Fits(self.kind, self.seen[series : series + 1])

    def to_dict(self, wording: Mapping[str, str] = FITS) -> dict[str, Any]:
        """What a machine reads: the kind, how many values were seen, and the clause."""
        return {"kind": self.kind, "seen": list(self.seen), "text": phrase(self, wording)}


def phrase(one: Fits, wording: Mapping[str, str] = FITS) -> str:
    """What is known of one fit, in words.

    >>> phrase(Fits("once", (604,))), phrase(Fits("given"))
    ('fitted once on the first 604 values', 'not fitted here; what it was trained on is not known')
    """
    many = f"fit_{one.kind}_many"
    form = wording[many if len(one.seen) > 1 and many in wording else f"fit_{one.kind}"]
    return fill(form, seen=f"{one.seen[0]:,}" if one.seen else "", series=f"{len(one.seen):,}")


def clause(known: Mapping[str, Fits], wording: Mapping[str, str] = FITS) -> str:
    """What is known of the fits of some results in words; with the names where it is not the same of all.

    >>> once = Fits("once", (604,))
    >>> clause({"AR(4)": once, "Mean": once})
    'fitted once on the first 604 values'
    >>> clause({"AR(4)": once, "Mean": once, "theirs": Fits("elsewhere", (604,))})
    'AR(4), Mean: fitted once on the first 604 values; theirs: made elsewhere; said to be held out from 604 on'
    """
    groups: dict[str, list[str]] = {}
    for name, one in known.items():
        groups.setdefault(phrase(one, wording), []).append(printable(name, LONGEST))
    if len(groups) == 1:
        return next(iter(groups))
    return wording["fit_join"].join(
        fill(wording["fit_of"], names=listed(names, wording), fit=text) for text, names in groups.items()
    )


def listed(names: Sequence[str], wording: Mapping[str, str] = FITS) -> str:
    """Names with commas between them; of many the first ones."""
    return wording["comma"].join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
