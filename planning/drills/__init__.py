"""Drills: the real programs on services of their own, killed on purpose, and what must be true afterwards."""
