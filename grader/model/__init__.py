"""Frozen values that the whole package speaks in. No I/O, no Docker, no Click."""
