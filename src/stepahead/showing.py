"""Registers the functions that make pages and figures; they are imported when something is shown."""

from __future__ import annotations

from typing import Any

from .evaluation.makers import makers


def _page(*given: Any) -> str:
    from .report.page.page import report

    return report(*given)


def _plot(*given: Any) -> Any:
    from .report.answer_figure import plot

    return plot(*given)


def _bands_by_k(*given: Any, **options: Any) -> Any:
    from .report import figures

    return figures.bands_by_k(*given, **options)


def _terminal(comparison: Any, language: str, columns: int) -> str:
    from .report.terminal import Style, terminal

    return terminal(comparison, language, Style(columns))


def _notebook(comparison: Any) -> str:
    from .report.notebook import notebook

    return notebook(comparison)


makers.update({"page": _page, "terminal": _terminal, "notebook": _notebook, "plot": _plot, "bands_by_k": _bands_by_k})
