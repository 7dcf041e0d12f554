"""Promises that are broken today, by test or by case: each is expected to fail, and says so once it is mended."""

from __future__ import annotations

KNOWN: dict[str, str] = {}
