"""Assignment packs: files on disk into values, with every problem reported at once."""

from __future__ import annotations

from grader.packs.expect import Expectation
from grader.packs.loading import load_pack
from grader.packs.pack import Pack, Solution
from grader.packs.problems import PackProblems, Problem
from grader.packs.roots import PackSummary, find_pack, list_packs, sandbox_names
from grader.packs.suite import CaseOutline, SuiteFile, suite_outline

__all__ = [
    "CaseOutline",
    "Expectation",
    "Pack",
    "PackProblems",
    "PackSummary",
    "Problem",
    "Solution",
    "SuiteFile",
    "find_pack",
    "list_packs",
    "load_pack",
    "sandbox_names",
    "suite_outline",
]
