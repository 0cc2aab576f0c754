"""Grades written out in every format, kept to be read as diffs."""
