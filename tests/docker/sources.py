"""Small source trees for the build cell, as tars."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

HELLO: dict[str, str] = {
    "dune-project": "(lang dune 3.17)\n",
    "bin/dune": "(executable (name program))\n",
    "bin/program.ml": 'let () = print_endline "hello"\n',
}


def tar_of(files: Mapping[str, str]) -> bytes:
    """A tar with these files, in order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def with_rule(action: str, **files: str) -> dict[str, str]:
    """HELLO, whose program depends on a dune rule that runs the shell command `action`."""
    rule = (
        "(rule (targets generated.ml) (deps (universe))"
        f' (action (progn (system "{action}") (write-file generated.ml ""))))\n'
    )
    return {
        **HELLO,
        "bin/dune": HELLO["bin/dune"] + rule,
        "bin/program.ml": 'let () = ignore Generated.(); print_endline "hello"\n'.replace(
            "ignore Generated.(); ", ""
        )
        + "module _ = Generated\n",
        **files,
    }
