"""Path or git URL -> a pinned, clean source tree. Start at `source.take`."""

from grader.intake.limits import Access, IntakeLimits
from grader.intake.source import Source, take

__all__ = ["Access", "IntakeLimits", "Source", "take"]
