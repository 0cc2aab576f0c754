"""Renderings of a grade. Every report is a pure function of the `Grade` record."""
