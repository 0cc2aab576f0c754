"""What a person sees of a bug in grade: one sentence, and where the traceback is."""

from __future__ import annotations

import tempfile
import traceback


def explain(error: Exception) -> str:
    """Write the traceback to a file of its own and return the text to show."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="grade-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    return (
        f"error[bug]: grade itself failed ({type(error).__name__}); the submission is not at fault"
        f"\n  traceback: {file.name}"
        "\n  next: report it with that file; running the command again is safe"
    )
