"""Measurements, run by `make bench`; no test asserts their figures."""
