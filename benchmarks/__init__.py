"""How fast the hot paths are, beside their peers, in one run: ``python -m benchmarks``."""
