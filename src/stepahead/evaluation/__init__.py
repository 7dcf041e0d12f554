"""Scoring: every origin, every step, side by side, and the proof that nothing looked ahead."""
