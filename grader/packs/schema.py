"""JSON Schemas of the pack's TOML files, for editors: `python -m grader.packs.schema OUTDIR`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from grader.model.assignment import Assignment, Rubric
from grader.packs.expect import Expectation

MODELS: dict[str, type[BaseModel]] = {
    "assignment": Assignment,
    "rubric": Rubric,
    "expect": Expectation,
}


def schema_of(name: str) -> dict[str, Any]:
    """The schema of `<name>.toml`. Durations and sizes may be text or numbers, as in the file."""
    schema: dict[str, Any] = _tidy(MODELS[name].model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"{name}.toml",
    }


def schema_texts() -> dict[str, str]:
    """File name -> the text of the schema, as it is committed."""
    return {
        f"{name}.schema.json": json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"
        for name in MODELS
    }


def write_schemas(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8")


def _tidy(node: Any, in_names: bool = False) -> Any:
    """Without null, which TOML has not, titles that repeat the key and defaults of tables."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _tidy(value, in_names=key in ("properties", "$defs", "patternProperties"))
        for key, value in node.items()
        if in_names
        or not (key == "title" or (key == "default" and (value is None or isinstance(value, dict))))
    }
    choices = kept.get("anyOf")
    if not in_names and isinstance(choices, list) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        del kept["anyOf"]
        kept |= left[0] if len(left) == 1 else {"anyOf": left}
    return kept


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m grader.packs.schema OUTDIR")
    write_schemas(Path(sys.argv[1]))
