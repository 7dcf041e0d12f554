"""The clause about the fits behind a table: external forecasts are never called "fitted"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..text import fill, printable

MOST_NAMES, LONGEST = 6, 40
FITS = {
    "comma": ", ",
    "fit_here": "fitted once on the first {train} values",
    "fit_here_many": "one fit on {series} series",
    "fit_declared": "said to be fitted on the first {train} values",
    "fit_declared_many": "said to be fitted on the first part of {series} series",
    "fit_other": "said to be fitted on other data",
    "fit_elsewhere": "made elsewhere; said to be held out from {train} on",
    "fit_elsewhere_many": "made elsewhere; said to be held out from the end of each training part on",
    "fit_unknown": "made elsewhere; nothing is known of its fits",
    "fit_of": "{names}: {fit}",
    "fit_join": "; ",
}


def clause(kinds: Mapping[str, str], train: Sequence[int], wording: Mapping[str, str] = FITS) -> str:
    """The kinds of fit of some results, {name: kind}, in words; with the names where they are not all of one kind.

    >>> clause({"AR(4)": "here", "Mean": "here"}, (604,))
    'fitted once on the first 604 values'
    >>> clause({"AR(4)": "here", "Mean": "here", "theirs": "elsewhere"}, (604,))
    'AR(4), Mean: fitted once on the first 604 values; theirs: made elsewhere; said to be held out from 604 on'

    Parameters
    ----------
    kinds : "here": fitted on the training part here; "declared": somebody says so; "other": said to be fitted on other
        data; "elsewhere": made elsewhere, said to be held out after the training part; "unknown": made elsewhere.
    train : how many values of each series the training part has.
    """
    groups: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        groups.setdefault(kind, []).append(printable(name, LONGEST))
    clauses = {}
    for kind in groups:
        many = f"fit_{kind}_many"
        form = wording[many if len(train) > 1 and many in wording else f"fit_{kind}"]
        clauses[kind] = fill(form, train=f"{train[0]:,}", series=f"{len(train):,}")
    if len(groups) == 1:
        return next(iter(clauses.values()))
    listed = {
        kind: wording["comma"].join(found[:MOST_NAMES]) + (" …" if len(found) > MOST_NAMES else "")
        for kind, found in groups.items()
    }
    return wording["fit_join"].join(fill(wording["fit_of"], names=listed[kind], fit=clauses[kind]) for kind in groups)
