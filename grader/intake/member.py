"""One file, symlink or folder of a source tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    FILE = "file"
    EXECUTABLE = "executable file"
    SYMLINK = "symlink"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Member:
    """`path` is relative, `/`-separated, without a final slash. `data` is the content of a file,
    the target of a symlink, and empty for a folder.
    """

    path: bytes
    kind: Kind
    data: bytes = b""

    @property
    def is_file(self) -> bool:
        return self.kind in (Kind.FILE, Kind.EXECUTABLE)
