"""The answers of the kernel to a cell's system calls, on any engine: a golden, and its refresh.

`python -m tests.golden.system_calls` writes it anew; read the diff before committing it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from grader.sandbox.definition import load_sandbox
from grader.sandbox.engine import connect
from grader.sandbox.images import ensure_images
from grader.sandbox.probes import measure_calls
from grader.sandbox.space import open_space

GOLDEN = Path(__file__).with_name("system_calls.json")


def refresh() -> None:
    engine = connect()
    examiner = load_sandbox("examiner", (Path(__file__).parents[2] / "sandboxes",))
    image = ensure_images(engine, examiner).image_id("examiner")
    with tempfile.TemporaryDirectory() as state, open_space(engine, Path(state)) as space:
        calls = measure_calls(space, image)
    GOLDEN.write_text(json.dumps(calls, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    refresh()
