"""The published JSON Schema of `grade.json`: `python -m grader.report.schema FILE` writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grader.model.grade import Grade


def grade_schema() -> str:
    """JSON Schema, draft 2020-12, of the record as it is written: every key is there."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Grade.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(grade_schema(), encoding="utf-8")
