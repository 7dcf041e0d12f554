"""Transition counts of Markov chains: contexts as row numbers, the order by BIC, closed classes, and a k-step test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import FitError
from ..protocols import Array, Index, Mask
from ..windows import runs

LEAST_EXPECTED = 5.0
"""Cells of a chi-square statistic that expect fewer than this are pooled:
below it the statistic is far from its distribution.
"""


# ---------------------------------------------------------------------------------------------------------------
# Contexts, counts and distributions


def contexts(places: Index, order: int, size: int) -> Index:
    """[series, time - order + 1]: the row number of each `order` consecutive indices, the newest being its lowest
    digit.
    """
    count = max(places.shape[-1] - order + 1, 0)
    out = np.zeros((*places.shape[:-1], count), dtype=np.intp)
    for lag in range(order):
        out = out * size + places[..., lag : lag + count]
    return out


def context_name(row: int, names: Sequence[str], order: int) -> str:
    """The symbols of a context, oldest first."""
    found = []
    for _ in range(order):
        row, place = divmod(row, len(names))
        found.append(names[place])
    return " ".join(reversed(found))


def segments(panel: Sequence[Array]) -> list[Index]:
    """The contiguous segments of indices, as whole numbers."""
    return [run.astype(np.intp) for places in panel for run in runs(places)]


def transitions(runs: Sequence[Index], order: int, size: int) -> tuple[Array, Mask]:
    """How often each symbol followed each context, [series, size ** order, size], and which contexts occurred.

    Runs are [series, time], or [time] for one series, and are pooled; each series of a batch is counted by itself.
    """
    series = runs[0].shape[:-1] if runs else ()
    count, cells = math.prod(series), size ** (order + 1)
    row = np.arange(count)[:, None]
    counts, met = np.zeros(count * cells), np.zeros((count, size**order), dtype=bool)
    for run in runs:
        places = run.reshape(count, -1)
        counts += np.bincount((row * cells + contexts(places, order + 1, size)).ravel(), minlength=count * cells)
        met[row, contexts(places, order, size)] = True
    return counts.reshape(*series, -1, size), met.reshape(*series, -1)


def shares(counts: Array, weight: float) -> Array:
    """Transition probabilities: each row of counts, plus a total pseudocount `weight`, over its sum; zeros for an empty
    row.
    """
    totals = counts.sum(axis=-1, keepdims=True) + weight
    found = np.zeros_like(counts)
    np.divide(counts + weight / counts.shape[-1], totals, out=found, where=totals > 0.0)
    return found


def order_criteria(panel: Sequence[Array], size: int, most_cells: int) -> Array:
    """[candidates] the BIC of the orders 0, 1, ..: -2 log likelihood + size ** order (size - 1) log(targets).

    All are scored on the same targets: those with as many symbols before them as the longest candidate reads. The
    longest has no more parameters than targets, and no more cells than `most_cells`.
    """
    known = segments(panel)
    longest = 0
    while size > 1 and size ** (longest + 2) <= most_cells:
        targets = sum(max(len(run) - longest - 1, 0) for run in known)
        if size ** (longest + 1) * (size - 1) > targets:
            break
        longest += 1
    cells, found = np.zeros(1, dtype=np.intp), []
    for order in range(longest + 1):
        # The symbol `order` steps before each target goes in front of those that are numbered already.
        column = np.concatenate([run[longest - order : len(run) - order] for run in known if len(run) > longest])
        cells = cells + column * size**order
        counts = np.bincount(cells, minlength=size ** (order + 1)).reshape(-1, size)
        likelihood = _sum_log(counts) - _sum_log(counts.sum(axis=1))
        found.append(-2.0 * likelihood + size**order * (size - 1) * np.log(len(column)))
    return np.array(found)


def _sum_log(counts: npt.NDArray[np.intp]) -> float:
    """Sum of c log c, 0 where c is 0."""
    seen = counts[counts > 0].astype(np.float64)
    return float((seen * np.log(seen)).sum())


def cut_points(ordered: Array, parts: int) -> Array:
    """[parts - 1] edges that cut sorted values into parts of equal count; fewer where equal values make edges coincide.

    An edge lies halfway between two values that differ, so that no part is empty and equal values stay together.
    """
    ends = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1
    if not len(ends):
        return np.empty(0)
    wanted = np.arange(1, parts) * (len(ordered) / parts)
    above = np.searchsorted(ends, wanted).clip(0, len(ends) - 1)
    below = np.maximum(above - 1, 0)
    cuts = np.unique(ends[np.where(wanted - ends[below] <= ends[above] - wanted, below, above)])
    low, high = ordered[cuts - 1], ordered[cuts]
    middle = 0.5 * low + 0.5 * high
    return np.where(middle > low, middle, high)


def binned(values: Array, edges: Array) -> Index:
    """[series, time]: the part in which each value lies, behind all `edges` [series,
    parts - 1] that are not above it.
    """
    each = zip(np.atleast_2d(values), np.atleast_2d(edges), strict=True)
    return np.array([np.searchsorted(cuts, row, side="right") for row, cuts in each], dtype=np.intp).reshape(
        values.shape
    )


def means(ordered: Array, edges: Array) -> Array:
    """[series, parts]: the mean of the sorted values [series, time] in each part, taken from its smallest on."""
    found = np.empty((*edges.shape[:-1], edges.shape[-1] + 1))
    parts = np.atleast_2d(found)
    for series, (values, cuts) in enumerate(zip(np.atleast_2d(ordered), np.atleast_2d(edges), strict=True)):
        starts = np.concatenate([[0], np.searchsorted(values, cuts)])
        counts = np.diff(np.append(starts, len(values)))
        parts[series] = values[starts] + np.add.reduceat(values - np.repeat(values[starts], counts), starts) / counts
    return found


def following(rows: int, size: int) -> Index:
    """[rows, size]: the context that each context becomes when a symbol is appended."""
    return np.asarray((np.arange(rows)[:, None] * size + np.arange(size)) % rows)


def distributions(transition: Array, horizon: int) -> Iterator[Array]:
    """The distribution k = 1 .. horizon steps after each context, [series, contexts, size], by first-step recursion."""
    *series, rows, size = transition.shape
    distribution, blocks = transition, rows // size
    # The contexts that may follow one differ in their newest symbol alone, and so are adjacent: `blocks` such
    # groups, and all contexts with the same group behind them are one matrix product.
    steps = transition.reshape(*series, size, blocks, size).swapaxes(-3, -2) if blocks else transition
    for _ in range(horizon):
        yield distribution
        if blocks:  # with order 0 the distribution is the same at every step
            distribution = (
                np.matmul(steps, distribution.reshape(*series, blocks, size, size))
                .swapaxes(-3, -2)
                .reshape(transition.shape)
            )


def draw(transition: Array, contexts: Index, uniforms: Array) -> Index:
    """[n, rows, horizon] indices drawn step by step after each of the contexts [rows], from uniforms of that shape."""
    below = np.cumsum(transition, axis=1)
    with np.errstate(invalid="ignore"):
        below /= below[:, -1:]  # exactly 1 from the last possible symbol, so that no impossible one is drawn
    here, out = np.broadcast_to(contexts, uniforms.shape[:2]), np.empty(uniforms.shape, dtype=np.intp)
    for step in range(uniforms.shape[2]):
        out[:, :, step] = (uniforms[:, :, step, None] >= below[here]).sum(axis=-1)
        here = (here * transition.shape[1] + out[:, :, step]) % len(transition)
    return out


def closed_classes(transition: Array) -> list[Index]:
    """The sets of contexts that a chain never leaves and in which each is reached from each; transition [contexts,
    size].
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    rows, size = transition.shape
    start, symbol = np.nonzero(transition)
    end = following(rows, size)[start, symbol]
    graph = csr_matrix((np.ones(len(start)), (start, end)), shape=(rows, rows))
    labels = connected_components(graph, directed=True, connection="strong")[1]
    is_open = np.zeros(rows, dtype=bool)
    is_open[labels[start[labels[start] != labels[end]]]] = True
    is_open[labels[transition.sum(axis=1) == 0.0]] = True  # never seen: no part of the chain
    return [np.flatnonzero(labels == label) for label in np.unique(labels) if not is_open[label]]


def stationary(transition: Array, inside: Index) -> Array:
    """[size] the distribution of a symbol in the long run,
    of a chain whose one closed class is the contexts `inside`.
    """
    rows, size = transition.shape
    step = np.zeros((len(inside), rows))
    np.add.at(step, (np.arange(len(inside))[:, None], following(rows, size)[inside]), transition[inside])
    step = step[:, inside]
    # One of the equations pi P = pi follows from the others: the sum takes its place.
    equations = step.T - np.eye(len(inside))
    equations[-1] = 1.0
    try:
        share = np.linalg.solve(equations, np.eye(len(inside))[-1]).clip(0.0)
        share /= share.sum()
        good = bool(np.abs(share @ step - share).max() <= 1e-12)
    except np.linalg.LinAlgError:
        good = False
    if not good:
        raise FitError(
            "no stationary distribution to 12 digits: the chain is close to having several closed classes",
            code="stationary",
        )
    return np.asarray(share @ transition[inside])


# ---------------------------------------------------------------------------------------------------------------
# P(1)^k against the counted P(k)


class Agreement(NamedTuple):
    """Test of P^k against the counted k-step transitions: see ``MarkovChain.agreement``."""

    k: int
    predicted: Array
    counted: Array
    n: Array
    statistic: float
    degrees: float
    p_value: float

    def __repr__(self) -> str:
        apart = float(np.abs(self.predicted - self.counted)[self.n > 0.0].max(initial=0.0))
        test = f"chi-square {self.statistic:.1f} on {self.degrees:.1f} degrees, p = {self.p_value:.3f}"
        return f"k={self.k}: P^k and the counted shares differ by at most {apart:.3f}; {test}"


def pairs_apart(panel: Sequence[Array], size: int, k: int, stride: int) -> Array:
    """[size, size] how often each symbol came k steps after each, counted from every `stride`-th value."""
    counts = np.zeros(size * size)
    for places in panel:
        first, later = places[:-k:stride], places[k::stride]
        good = ~np.isnan(first + later)
        counts += np.bincount((first[good] * size + later[good]).astype(np.intp), minlength=size * size)
    return counts.reshape(size, size)


def agree(panel: Sequence[Array], counts: Array, transition: Array, k: int, is_own: bool) -> Agreement:
    """Test of P^k against the counted P(k). P comes from `counts` [size, size]; `is_own` says that they are of this
    panel.
    """
    size = len(transition)
    powers = [np.eye(size)]
    for _ in range(k):
        powers.append(powers[-1] @ transition)
    every = pairs_apart(panel, size, k, 1)
    n = every.sum(axis=1)
    counted = every / np.maximum(n, 1.0)[:, None]
    apart = pairs_apart(panel, size, k, k)
    statistic, degrees = _chi_square(apart, counts, powers, -1.0 if is_own else 1.0)
    p_value = 1.0
    if degrees > 0.0:
        from scipy.special import chdtrc

        p_value = float(chdtrc(degrees, statistic))
    return Agreement(k, powers[k], counted, n, statistic, degrees, p_value)


def _chi_square(apart: Array, counts: Array, powers: list[Array], sign: float) -> tuple[float, float]:
    """Pearson's statistic of the pairs `apart` against P^k, on the scale of a chi-square; and its degrees.

    P is estimated too, so the differences have the covariance of the counted shares less that of P^k (P is efficient:
    Hausman 1978), or plus it where P comes from other data. A sum of squares whose covariance has the eigenvalues w is
    taken as sum(w^2) / sum(w) times a chi-square of sum(w)^2 / sum(w^2) degrees (Satterthwaite; Rao & Scott 1981).
    """
    row, mask = _groups(apart.sum(axis=1), powers[-1])
    if not len(row):
        return 0.0, 0.0
    total = apart.sum(axis=1)[row]
    expected = (powers[-1][row] * mask).sum(axis=1)
    difference = (apart[row] * mask).sum(axis=1) / total - expected
    same_row = row[:, None] == row
    covariance = (np.diag(expected) - np.outer(expected, expected)) * same_row / total
    covariance += sign * _covariance_of_power(row, mask, counts, powers)
    scale = np.sqrt(total / expected)
    weights = np.linalg.eigvalsh(scale[:, None] * covariance * scale).clip(0.0)
    first, second = float(weights.sum()), float((weights * weights).sum())
    if first <= 1e-9 * len(row):
        return 0.0, 0.0  # k = 1 on the data of the fit: the counted shares are P itself
    return float(((scale * difference) ** 2).sum()) * first / second, first * first / second


def _groups(total: Array, distribution: Array) -> tuple[Index, Array]:
    """Cells of each row, the rare ones pooled, so that each expects enough: the row [groups], which cells [groups,
    size].
    """
    rows, masks = [], []
    for row, expected in enumerate(total[:, None] * distribution):
        common = expected >= LEAST_EXPECTED
        groups = [np.eye(len(expected))[j] for j in np.flatnonzero(common)]
        rare = (~common).astype(np.float64)
        if expected @ rare >= LEAST_EXPECTED:
            groups.append(rare)
        elif groups:
            smallest = min(range(len(groups)), key=lambda g: float(groups[g] @ expected))
            groups[smallest] = groups[smallest] + rare
        if len(groups) > 1:  # one group alone always agrees
            rows += [row] * len(groups)
            masks += groups
    return np.array(rows, dtype=np.intp), np.array(masks).reshape(len(rows), len(distribution))


def _covariance_of_power(row: Index, mask: Array, counts: Array, powers: list[Array]) -> Array:
    """[groups, groups] covariance of the entries of P^k summed over each group, P being shares of `counts`."""
    k, transition = len(powers) - 1, powers[1]
    # d(P^k) = sum over r of P^r dP P^(k-1-r): the slope of each group in each entry of P, [groups, size, size].
    slope = np.zeros((len(row), *transition.shape))
    for r in range(k):
        slope += powers[r][row][:, :, None] * (mask @ powers[k - 1 - r].T)[:, None, :]
    n = counts.sum(axis=1)
    weight = np.where(n > 0.0, 1.0 / np.maximum(n, 1.0), 0.0)
    shares = transition * weight[:, None]
    flat = slope.reshape(len(row), -1)
    mean = (slope * transition).sum(axis=2)
    return np.asarray((flat * shares.ravel()) @ flat.T - (mean * weight) @ mean.T)
