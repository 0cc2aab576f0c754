"""What the view picks, orders and leaves out."""

from __future__ import annotations

import pytest

from grader.model.results import CaseResult
from grader.model.untrusted import Untrusted
from grader.model.verdict import Verdict
from grader.report.excerpt import Ration
from grader.report.view import ReportView, report_view
from tests.builders import case_result, grade, line, program, score, step, text
from tests.golden import grades


@pytest.fixture(name="mixed", scope="module")
def mixed_view() -> ReportView:
    return report_view(grades.mixed())


def only_case(result: CaseResult, ration: Ration | None = None) -> ReportView:
    return report_view(grade(criteria=(line("functional", result, earned=0.0),)), ration)


def test_the_largest_loss_comes_first(mixed: ReportView) -> None:
    assert [(loss.title, loss.lost) for loss in mixed.losses] == [
        ("Concurrency", "10 points lost"),
        ("Performance", "10 points lost"),
        ("Durability", "7.5 points lost"),
        ("Functional", "5 points lost"),
        ("Protocol", "5 points lost"),
    ]


def test_a_gated_criterion_says_why_it_lost_its_points(mixed: ReportView) -> None:
    (gated,) = [loss for loss in mixed.losses if loss.title == "Performance"]
    assert "Durability reached 80 %" in gated.gate
    assert gated.cases == ()


def test_cases_that_do_not_count_are_not_held_against_anybody(mixed: ReportView) -> None:
    words = {case.word for loss in mixed.losses for case in loss.cases}
    assert "not run" not in words
    concurrency = next(each for each in mixed.criteria if each.title == "Concurrency")
    (open_case,) = [case for case in concurrency.cases if case.word == "not run"]
    assert open_case.worth == "does not count"


def test_only_the_cases_to_look_at_first_are_unfolded(mixed: ReportView) -> None:
    leading = {case.anchor for loss in mixed.losses for case in loss.cases}
    unfolded = {case.anchor for each in mixed.criteria for case in each.cases if case.opened}
    assert unfolded == leading
    assert len(leading) == 7


def test_failed_cases_stand_before_passed_ones(mixed: ReportView) -> None:
    for each in mixed.criteria:
        tones = [case.tone.value for case in each.cases]
        assert tones == sorted(tones, key=["bad", "open", "good"].index)


def test_the_worth_of_cases_adds_up_to_the_criterion() -> None:
    cases = (
        case_result(points=2),
        case_result(points=1, verdict=Verdict.FAILED),
        case_result(points=5, verdict=Verdict.NOT_RUN),
    )
    view = report_view(grade(criteria=(line("functional", *cases, points=30.0, earned=20.0),)))
    assert [case.worth for case in view.criteria[0].cases] == [
        "10 points",
        "does not count",
        "20 points",
    ]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (case_result(verdict=Verdict.FAILED, message="\n first line \nmore"), "first line"),
        (case_result(verdict=Verdict.FAILED, expected="1", seen="2"), "expected 1, seen 2"),
        (case_result(verdict=Verdict.FAILED, explanation="Too slow."), "Too slow."),
        (
            case_result(verdict=Verdict.FAILED),
            "The program did something else than expected.",
        ),
    ],
)
def test_every_failed_case_has_a_reason_of_one_line(result: CaseResult, reason: str) -> None:
    shown = only_case(result).criteria[0].cases[0].reason
    assert shown is not None
    assert shown.text == reason


def test_a_criterion_that_could_not_be_measured_lost_nothing() -> None:
    result = case_result(verdict=Verdict.INFRA_ERROR)
    view = report_view(grade(criteria=(line("functional", result, points=25.0, earned=None),)))
    assert view.losses == ()
    assert view.criteria[0].figure == "not measured (25)"
    assert view.criteria[0].cases_passed == "no case run"


def test_line_ends_on_the_wire_are_written_out() -> None:
    steps = (step(0.1, "send", "*1\r\n$4\r\nPING\r\n"), step(0.2, "output", "a\nb"))
    shown = only_case(case_result(transcript=steps)).criteria[0].cases[0].steps
    assert shown[0].text.text.text == "*1\\r\\n\n$4\\r\\n\nPING\\r\\n"
    assert shown[1].text.text.text == "a\nb"


def test_long_transcripts_keep_their_head_and_tail() -> None:
    steps = tuple(step(float(at), "note", f"step {at}") for at in range(1000))
    case = only_case(case_result(transcript=steps)).criteria[0].cases[0]
    assert case.steps[0].text.text.text == "step 0"
    assert case.steps[-1].text.text.text == "step 999"
    assert case.steps_note == "760 further steps in grade.json"


def test_a_cut_text_says_so() -> None:
    case = only_case(case_result(verdict=Verdict.FAILED, seen="s" * 50_000)).criteria[0].cases[0]
    assert case.seen is not None
    assert case.seen.note == "cut for this report, 48.8 KiB in all; more in grade.json"
    read = Untrusted.of(b"x" * 3000, keep=1000)
    result = case_result(programs=(program(stdout="").model_copy(update={"stdout": read}),))
    stdout = only_case(result).criteria[0].cases[0].programs[0].stdout
    assert stdout is not None
    assert stdout.note == "cut where it was read, 2.9 KiB in all"


def test_the_ration_serves_failed_cases_before_passed_ones() -> None:
    cases = [case_result(f"t::passed_{each}") for each in range(50)]
    cases.append(case_result("t::failed", Verdict.FAILED, seen="the evidence"))
    view = report_view(
        grade(criteria=(line("functional", *cases, earned=98.0),), score=score(98.0)),
        Ration(20_000),
    )
    shown = view.criteria[0].cases
    assert shown[0].id == "t::failed"
    assert shown[0].seen is not None
    assert shown[0].seen.text == text("the evidence")
    assert 0 < len(shown) < 51
    assert view.criteria[0].cases_note == f"{51 - len(shown)} further cases in grade.json"


def test_nothing_measured_is_left_out_rather_than_guessed() -> None:
    bare = program().model_copy(update={"usage": program().usage.model_copy(update={
        "peak_memory": None, "cpu_time": None, "wall_time": 0.0,
    })})  # fmt: skip
    assert only_case(case_result(programs=(bare,))).criteria[0].cases[0].programs[0].used == ""
