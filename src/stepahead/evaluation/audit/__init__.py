"""The causal audit: rewrite everything from some time on, and demand the same bits from every origin before it."""

from .bits import parameter_bits
from .findings import Audit, Leak
from .loop import audit

__all__ = ["Audit", "Leak", "audit", "parameter_bits"]
