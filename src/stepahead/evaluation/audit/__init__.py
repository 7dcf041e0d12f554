"""The causal audit: all values from some time on are perturbed, and every earlier forecast must keep its bits."""

from .bits import parameter_bits
from .findings import Audit, Leak
from .loop import audit

__all__ = ["Audit", "Leak", "audit", "parameter_bits"]
