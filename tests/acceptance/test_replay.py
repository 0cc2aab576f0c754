"""`grade replay` after a real `grade submit`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.conftest import Command


def test_a_failed_case_fails_again_with_its_transcript(grade: Command, echo_pack: Path) -> None:
    wrong = echo_pack / "solutions" / "wrong" / "silent"
    first = grade("submit", wrong, "-a", echo_pack, "--json", "-o", "out")
    run = grade("replay", "out", "every_byte", "-a", echo_pack)
    assert run.code == 1
    assert "timed out: Every byte comes back in order" in run.stdout
    assert "listens on port" in run.stdout
    assert "  sent  " in run.stdout
    assert "note:" not in run.stderr, "nothing has changed since"
    assert first.grade().seed >= 0


def test_the_same_seed_gives_the_same_bytes(grade: Command, echo_pack: Path) -> None:
    model = echo_pack / "solutions" / "accepted" / "model"
    first = grade("submit", model, "-a", echo_pack, "--json", "-o", "out").grade()
    again = grade("replay", "out/grade.json", "every_byte", "-a", echo_pack, "--json")
    assert again.code == 0

    def sent(steps: list[dict[str, dict[str, str]]]) -> list[str]:
        return [step["text"]["text"] for step in steps if str(step["kind"]) == "send"]

    case = next(c for c in first.criteria[0].cases if "every_byte" in c.case.id)
    before = case.model_dump(mode="json")["transcript"]
    assert sent(before) == sent(json.loads(again.stdout)["transcript"])


def test_a_file_that_is_no_grade_is_a_sentence(grade: Command) -> None:
    (grade.folder / "grade.json").write_text("{}")
    for place in ("nowhere", "."):
        run = grade("replay", place, "any")
        assert run.code in (2, 6)
        assert "error[" in run.error()
        assert "Traceback" not in run.stderr
