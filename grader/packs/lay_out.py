"""A solution that only changes another, laid out whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.packs.pack import Pack
from grader.packs.tree import pack_files


@contextmanager
def laid_out(pack: Pack, folder: Path, scratch: Path) -> Iterator[Path]:
    """The whole repository behind `folder`, as long as the context lasts.

    That is `folder` itself, unless it belongs to a solution of the pack that changes another: then
    it is a new folder below `scratch` with the other's files and the changed ones over them.
    """
    changed = next(
        (
            solution
            for solution in pack.solutions()
            if solution.expect.changes and solution.path.resolve() == folder.resolve()
        ),
        None,
    )
    if changed is None or changed.expect.changes is None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="solution-", dir=scratch) as room:
        whole = Path(room)
        for layer in (pack.solution(changed.expect.changes), changed.path):
            for path in pack_files(layer):
                target = whole / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(layer / path, target)
        yield whole
