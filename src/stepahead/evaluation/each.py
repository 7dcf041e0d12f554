"""A fit for each of many series: whatever can be fitted side by side is, and the rest goes one by one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import DtypeError, StepaheadError, StepaheadWarning
from ..parameters import is_auto, refuse, whole
from ..protocols import Array, Checked, Index, Mask, UsesColumns
from ..seasons import MOST_SERIES, Seasons, resolve
from ..series import Panel, Series, as_panel, as_series, names_of
from ..walk import name_models
from ..windows import kept_steps, train_length
from .batches import score_numbers, score_symbols
from .comparison import Comparison, none_left, require_some
from .ground import heads_of
from .panels import Named, alike, blocks_of
from .reference import baseline_places, fits, missing, with_seasons
from .scored import scored_fits
from .scorer import NUMERIC, Scorer

OTHER_KIND = "a panel is all numbers or all text; this series is of the other kind"


def evaluate(
    models: Any,
    data: Any,
    horizon: int,
    train: float | int,
    *,
    steps: Sequence[int] | None,
    season: Any,
    stride: int,
    progress: Callable[[str, int, int], None] | None,
) -> Comparison:
    """The scores of many series, each with a fit of its own; see ``stepahead.evaluate``."""
    parts, done = [], 0
    of = len(data) if hasattr(data, "__len__") else 0
    seasons = seasons_of(data, train, season)
    for part in score_blocks(models, data, horizon, train, steps=steps, season=seasons, stride=stride):
        parts.append(part)
        done += len(part.status)
        if progress is not None:
            progress("series", done, of)
    found = replace(require_some(parts), _seasons=seasons)
    return (
        replace(found, _counted_notes={**found._counted_notes, str(seasons): len(found.scorer.series)})
        if seasons.reason
        else found
    )


def seasons_of(data: Any, train: float | int, season: Any) -> Seasons:
    """The seasons of many series: of those that can be looked at twice some at even spaces are asked,
    else none is looked for.
    """
    if not is_auto(season) or isinstance(data, (Iterator, Series)) or not hasattr(data, "__getitem__") or not len(data):
        return resolve(season, None, "stream")
    places = np.unique(np.linspace(0, len(data) - 1, min(MOST_SERIES, len(data))).round().astype(int))
    asked = opened([data[place] for place in places.tolist()])
    heads = heads_of(asked, [train_length(len(series), train) for series in asked])
    # What is of another kind than the first is no series of this panel, and is set aside later.
    symbolic = [head.categories is not None for head in heads]
    return resolve(season, [head for head, other in zip(heads, symbolic, strict=True) if other == symbolic[0]])


def opened(data: Any, names: Collection[str] | None = None) -> Panel:
    """The series of whatever comes as a panel, or some of them; those that are none are set aside with the reason."""
    found: dict[str, Series] = {}
    refused: dict[str, str] = {}
    for block in blocks_of(data, 1):
        for name, item in block:
            if names is not None and name not in names:
                continue
            if isinstance(item, str):
                refused[name] = item
                continue
            try:
                series = as_series(item)
                found[name] = series if series.name == name else series._changed(name=name)
            except (StepaheadError, ValueError) as error:
                refused[name] = str(error)
    return Panel(list(found.values()), refused)


def fitted(
    named: Mapping[str, Any], panel: Sequence[Series], train: float | int, horizon: int
) -> tuple[Panel, dict[str, tuple[Any, ...]]]:
    """The series that every model can be fitted to, each by itself, and the fitted models by name;
    the others are set aside.
    """
    refused = dict(panel.refused) if isinstance(panel, Panel) else {}
    kept: list[Series] = []
    found: dict[str, list[Any]] = {name: [] for name in named}
    for own, series in zip(names_of(panel), panel, strict=True):
        try:
            if (series.categories is None) != (panel[0].categories is None):
                raise DtypeError(OTHER_KIND, code="dtype")
            made = dict(fits(named, (series,), (train_length(len(series), train),), horizon, True))
        except (StepaheadError, ValueError, ArithmeticError) as error:
            refused[own] = str(error) or type(error).__name__
            continue
        kept.append(series)
        for name, (model,) in made.items():
            found[name].append(model)
    if not kept:
        raise none_left(refused)
    return Panel(as_panel(kept), refused), {name: tuple(models) for name, models in found.items()}


def score_blocks(
    models: Any,
    panel: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    steps: Sequence[int] | None = None,
    season: Any = None,
    stride: int = 1,
) -> Iterator[Comparison]:
    """The scores of many series, some thousand at a time, so that not even the scores have to fit in memory.

    >>> import stepahead as sa
    >>> endless = (sa.datasets.noisy_sine(seed=seed) for seed in range(3))
    >>> [part.scorer.series for part in score_blocks(sa.AR(lags=4), endless, horizon=8)]
    [('noisy sine', 'noisy sine #1', 'noisy sine #2')]

    Parameters
    ----------
    models, horizon, train, steps, season, stride : as for ``evaluate``, which this is with ``fit="each",
        keep="scores"``.
    panel : the series, in anything that can be iterated.

    Raises
    ------
    ParameterError : an argument is not allowed. A series that cannot be scored costs no other: its ``status`` says why.
    """
    horizon = whole("horizon", horizon)
    train_length(1, train)
    named, kept = name_models(models, horizon), kept_steps(steps, horizon)
    for model in named.values():
        if isinstance(model, Checked):
            model._check()
    job: Job | None = None
    for block in blocks_of(panel, len(NUMERIC) * (len(named) + 2) * len(kept)):
        if job is None:
            symbols = next(
                (item for _, item in block if isinstance(item, Series) and item.categories is not None), None
            )
            seasons = resolve(season, None, "stream")
            named = with_seasons(named, seasons)
            every = named | missing(named, (symbols or Series([0.0]),), seasons.periods)
            job = Job(every, horizon, train, kept, symbols is not None, stride)
        _refuse_columns(named, block)
        yield job.score(block)


def _refuse_columns(named: Mapping[str, Any], block: Sequence[Named]) -> None:
    """Raise a ParameterError for models with columns: their scores are not made in batches."""
    series = next((item for _, item in block if isinstance(item, Series) and item.beside is not None), None)
    for name, model in () if series is None else named.items():
        if isinstance(model, UsesColumns) and model.columns_on(series)[0]:
            raise refuse("keep", "scores", f'"forecasts" with fit="each" where a model uses columns, as {name} does')


class Job:
    """A job: the settings of the evaluation of every series."""

    def __init__(
        self, named: dict[str, Any], horizon: int, train: float | int, kept: Index, symbolic: bool, stride: int = 1
    ) -> None:
        self.stride = stride
        self.named, self.horizon, self.train, self.kept, self.symbolic = named, horizon, train, kept, symbolic
        self.baselines = baseline_places(named.values())

    def score(self, block: Sequence[Named]) -> Comparison:
        """The scores of a block: whatever can be is fitted side by side, and the rest one by one."""
        names = ("zero-one", "log") if self.symbolic else ("squared", "absolute", "signed")
        shape = (len(block), len(self.named), len(self.kept))
        totals = {key: np.full(shape, np.nan) for key in names}
        n, done = np.zeros((len(block), len(self.kept))), np.zeros(len(block), dtype=bool)
        unit, scale = np.zeros(len(block), dtype=int), np.zeros(len(block))
        status, notes = dict[str, str](), dict[str, int]()
        for places in alike(block):
            items = [block[place].item for place in places]
            good, found, own = self._side_by_side(items)
            if not good.any():
                continue
            done[places] = good
            n[places[good]] = len(items[0]) - train_length(len(items[0]), self.train) - self.horizon + 1
            scale[places[good]] = own[good]
            for key, values in found.items():
                totals[key][places[good]] = values[good]
        for place, (name, item) in enumerate(block):
            status[name] = "ok"
            own_notes: Sequence[str] = getattr(item, "notes", ())
            if not done[place]:
                alone = self._alone(item)
                if isinstance(alone, str):
                    status[name] = alone
                    continue
                one, own_notes = alone
                done[place], n[place], unit[place], scale[place] = True, one.n[0], one.unit[0], one.scale[0]
                for key in totals:
                    totals[key][place] = one.totals[key][0] if key in one.totals else np.nan
            for text in own_notes:
                notes[text] = notes.get(text, 0) + 1
        scorer = Scorer(
            tuple(name for name, why in status.items() if why == "ok"),
            tuple(self.named),
            self.baselines,
            self.kept,
            n[done],
            {key: values[done] for key, values in totals.items() if not np.isnan(values[done]).all() or key != "log"},
            unit[done],
            scale[done],
            self.stride,
        )
        return Comparison({}, self.horizon, status, scorer, notes)

    def _side_by_side(self, items: Sequence[Any]) -> tuple[Mask, dict[str, Array], Array]:
        """Which of some series of one kind and length can be scored side by side, their totals, and their scales."""
        cut = train_length(len(items[0]), self.train)
        is_symbolic = isinstance(items[0], Series) and items[0].categories is not None
        # Side by side the symbols that occur are counted; declared ones are states too.
        declared = any(getattr(item, "declared", False) for item in items)
        if is_symbolic != self.symbolic or self.stride > 1 or declared:
            return np.zeros(len(items), dtype=bool), {}, np.ones(len(items))
        values = np.stack([item.values if isinstance(item, Series) else item for item in items])
        score = score_symbols if is_symbolic else score_numbers
        good, totals = score(self.named, values, cut, self.horizon, self.kept)
        if is_symbolic or not good.any():
            return good, totals, np.ones(len(items))
        heads = values[:, :cut]
        steps = np.diff(heads, axis=1)
        with np.errstate(invalid="ignore", over="ignore"):
            scale = np.minimum(heads.var(axis=1), np.mean(steps * steps, axis=1)) if cut > 1 else np.zeros(len(items))
        return good, totals, scale

    def _alone(self, item: Any) -> str | tuple[Scorer, Sequence[str]]:
        """The errors on one series by itself, and what there is to know; or the reason why there are none."""
        if isinstance(item, str):
            return item
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", StepaheadWarning)
                series = as_series(item)
                if (series.categories is not None) != self.symbolic:
                    raise DtypeError(OTHER_KIND, code="dtype")
                cut = (train_length(len(series), self.train),)
                found = dict(fits(self.named, (series,), cut, self.horizon, True))
                return scored_fits(found, (series,), cut, self.horizon, self.kept, self.stride)
        except (StepaheadError, ValueError, ArithmeticError) as error:
            return str(error) or type(error).__name__
