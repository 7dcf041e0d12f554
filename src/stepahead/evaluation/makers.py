"""The makers of pages and figures of a result, which are registered by the layers above."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure

makers: dict[str, Callable[..., Any]] = {}
"""{"page", "terminal", "notebook", "plot", "bands_by_k": what makes it}."""


def made(what: str, *given: Any, **options: Any) -> Any:
    """The page or figure that a maker makes of a result."""
    return makers[what](*given, **options)
