"""One case of an old grade again: the same program, seed and limits."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from grader import escape
from grader.errors import UsageError
from grader.model.grade import Grade
from grader.model.results import Case, CaseResult
from grader.packs import Pack
from grader.pipeline import ImageIds, Progress, Services, reference_programs
from grader.sandbox.examiner import Images, Payload
from grader.sandbox.space import open_space
from grader.stages.examine import ExaminePlan, examine


def find_case(grade: Grade, words: str) -> Case:
    """The case whose id is `words`, or the only one whose id or title contains them."""
    cases = [result.case for line in grade.criteria for result in line.cases]
    exact = [case for case in cases if case.id == words]
    found = exact or [case for case in cases if words in case.id or words in case.title]
    if len(found) == 1:
        return found[0]
    shown = escape.one_line(words)
    if found:
        raise UsageError(
            "ambiguous-case",
            f"{shown!r} fits {len(found)} cases",
            details=tuple(case.id for case in found[:8]),
            hint="give one whole id",
        )
    near = get_close_matches(words, [case.id for case in cases], n=3, cutoff=0.3)
    raise UsageError(
        "unknown-case",
        f"the grade has no case {shown!r}",
        details=tuple(near),
        hint="take an id from the report; each case shows its own",
    )


def differences(grade: Grade, pack: Pack, images: ImageIds) -> Iterator[str]:
    """What is not as it was when the grade was made, in sentences."""
    if pack.digest != grade.assignment.digest:
        yield "the pack has changed since the grade was made, and the verdict may with it"
    now = {"build": images.build, "run": images.run, "examiner": images.examiner}
    changed = [role for role, image in now.items() if grade.environment.images.get(role) != image]
    if changed:
        yield f"other images than the grade's are used: {', '.join(changed)}"


def replay(
    grade: Grade,
    case: Case,
    pack: Pack,
    images: ImageIds,
    services: Services,
    progress: Progress,
) -> CaseResult:
    """Examine the grade's artifact with this case alone. StoreError when the artifact is gone."""
    if grade.build is None or grade.build.artifact is None:
        raise UsageError("nothing-built", "this submission was not built, so no case ever ran")
    programs = {"candidate": services.cache.load(grade.build.artifact)}
    with open_space(services.engine, services.state) as space:
        progress.phase("reference")
        programs |= reference_programs(space, pack, images, services)
        progress.phase("examine")
        plan = ExaminePlan(
            images=Images(examiner=images.examiner, run=images.run),
            payload=Payload(suite=pack.suite_files(), programs=programs),
            run=pack.assignment.run,
            limits=grade.limits,
            seed=grade.seed,
            backends=services.backends,
            only=(case.id,),
        )
        return examine(space, plan, progress)[0]
