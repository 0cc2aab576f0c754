"""The `Grade` record as JSON, and back."""

from __future__ import annotations

import json

from grader.errors import StoreError
from grader.model.grade import Grade


def grade_json(grade: Grade) -> str:
    """ASCII only, so that no text of the candidate's reaches a terminal raw by way of this file.

    Keys stand in the order of the model and images in the order of their names: equal grades give
    equal files.
    """
    record = grade.model_dump(mode="json")
    images = record["environment"]["images"]
    record["environment"]["images"] = dict(sorted(images.items()))
    return json.dumps(record, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def load_grade(text: str) -> Grade:
    """The grade that `grade_json` wrote. Raises StoreError where the text is no such record."""
    try:
        return Grade.model_validate(json.loads(text))
    except (ValueError, RecursionError) as problem:
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise StoreError(
            "unreadable-grade",
            "this is not a grade record of format 1",
            details=(first,),
            hint="grade the submission again, or read it with the version that wrote it",
        ) from problem
