"""What the first and last bytes of a file give away about it."""

from __future__ import annotations

_MAGIC = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"!<arch>\n",
    b"Caml1999",  # every compiled OCaml unit and library
)
_FAT_MACHO = b"\xca\xfe\xba\xbe"  # shared with Java classes, whose next number is 45 or more
_LFS = b"version https://git-lfs.github.com/spec/"
_LFS_BYTES = 1024


def is_prebuilt(data: bytes) -> bool:
    """Whether `data` is an executable, object, library or OCaml unit rather than source."""
    if data.startswith(_MAGIC) or data[-12:].startswith(b"Caml1999"):
        return True
    if data.startswith(_FAT_MACHO):
        return int.from_bytes(data[4:8], "big") < 45
    if data.startswith(b"MZ") and len(data) >= 64:
        offset = int.from_bytes(data[60:64], "little")
        return data[offset : offset + 4] == b"PE\0\0"
    return False


def is_lfs_pointer(data: bytes) -> bool:
    """Whether `data` stands for a large file that git alone does not bring."""
    return len(data) < _LFS_BYTES and data.startswith(_LFS)
