"""Where a submission to a pack comes from; a solution of the pack's own may be only a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.intake import Access, IntakeLimits, Source, take
from grader.model.untrusted import Untrusted
from grader.packs import Pack
from grader.packs.lay_out import laid_out


def take_for(
    pack: Pack,
    source: str,
    *,
    scratch: Path,
    ref: str | None = None,
    worktree: bool = False,
    access: Access | None = None,
) -> Source:
    """Take `source` now, as `grader.intake.take` does; raises what that raises."""
    with laid_out(pack, Path(source), scratch) as whole:
        laid = whole != Path(source)
        taken = take(
            str(whole) if laid else source,
            ref=ref,
            worktree=worktree,
            limits=IntakeLimits(),
            received_at=datetime.now(UTC),
            scratch=scratch,
            access=access or Access(),
        )
    if not laid:
        return taken
    label = Untrusted.of(source.encode("utf-8", "replace"))
    return replace(taken, submission=taken.submission.model_copy(update={"label": label}))
