"""Scale: shards of whole series on many workers."""

from typing import TYPE_CHECKING, Any

from ..evaluation.each import score_blocks

if TYPE_CHECKING:
    from .arrow import score_table
    from .driver import Summary, run
    from .shards import Manifest, shard
    from .specs import Spec

__all__ = [
    "Manifest",
    "Spec",
    "Summary",
    "run",
    "score_blocks",
    "score_table",
    "shard",
]


def __getattr__(name: str) -> Any:
    """The names that only a run needs, imported at first use
    to keep `import stepahead` fast.
    """
    if name in ("Summary", "run"):
        from . import driver

        return getattr(driver, name)
    if name in ("Manifest", "shard"):
        from . import shards

        return getattr(shards, name)
    if name == "score_table":
        from .arrow import score_table

        return score_table
    if name == "Spec":
        from .specs import Spec

        return Spec
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
