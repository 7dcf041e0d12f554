"""A comparison as a notebook shows it: the answer, its first chart as a still drawing, and the table."""

from __future__ import annotations

import html

from ..evaluation.comparison import Comparison
from ..text import as_html
from ..windows import shown_steps
from .first_chart import still
from .terminal import Page, Style


def notebook(comparison: Comparison) -> str:
    """The answer as paragraphs, the chart, the table, then facts and notes. There is no script in it.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> notebook(result)[:52]
    '<p><bdi><b>Trust AR(64) 4 to 64 steps ahead.</b></bd'
    """
    page = Page(comparison, "en", Style())
    head, *rows = page.cells(shown_steps(page.steps))
    if page.answer is None or page.told is None:
        return as_html(page.caption(), head, rows, notes=comparison.notes)
    told = page.told
    above = f"<p><bdi><b>{html.escape(told.headline)}</b></bdi></p>"
    above += "".join(f"<p><bdi>{html.escape(text)}</bdi></p>" for text in (told.second, told.third) if text)
    errors = comparison.by_step()
    limit = next((values for name, values in errors.items() if name not in comparison), None)
    chart = still(page.answer, page.units, errors, floor=limit)
    facts = [f"{heading}: {text}" for heading, text in told.facts]
    return (
        above
        + chart
        + as_html(page.caption(), head, rows, notes=(*facts, *told.notes, *page.own_intervals(), *comparison.notes))
    )
