"""The causal audit: rewrite everything from some time on, and demand the same bits from every origin before it."""

from .bits import parameter_bits
from .loop import audit
from .verdict import Audit, Leak

__all__ = ["Audit", "Leak", "audit", "parameter_bits"]
