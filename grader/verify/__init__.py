"""Proves a pack: every reference solution gets its stated outcome, every case decides something."""
