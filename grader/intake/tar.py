"""Plain tar, written and read by ourselves.

Written: POSIX ustar with pax headers only for paths that ustar cannot hold, sorted, every date 0,
every owner 0, modes 0644 and 0755, so that equal trees are equal bytes. Read: the same and what GNU
tar writes by default, as long as it holds only regular files, folders and symlinks with relative
names; everything else is Rejected (`source-tar`), and nothing is ever extracted.
(POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block".)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from grader.errors import Rejected
from grader.intake.member import Kind, Member
from grader.intake.notices import shown
from grader.model.quantity import show_bytes

_BLOCK = 512
_NAME, _PREFIX, _LINK = 100, 155, 100
_PAX_BYTES = 16 * 1024
_PAX_IGNORED = {b"mtime", b"atime", b"ctime", b"uid", b"gid", b"uname", b"gname", b"comment"}
_OCTAL = re.compile(rb" *([0-7]+)[ \0]*")
_TYPES = {b"0": Kind.FILE, b"\0": Kind.FILE, b"2": Kind.SYMLINK, b"5": Kind.FOLDER}
_MODES = {Kind.FILE: 0o644, Kind.EXECUTABLE: 0o755, Kind.SYMLINK: 0o777, Kind.FOLDER: 0o755}


def write(members: Iterable[Member]) -> bytes:
    """The tar of `members` and of the folders they stand in, whatever order they come in."""
    by_path = {member.path: member for member in members}
    for path in tuple(by_path):
        while path := path.rpartition(b"/")[0]:
            by_path.setdefault(path, Member(path, Kind.FOLDER))
    blocks: list[bytes] = []
    for _, member in sorted(by_path.items()):
        blocks += _written(member)
    blocks.append(bytes(2 * _BLOCK))
    return b"".join(blocks)


def read(data: bytes) -> Iterator[Member]:
    """The members of a tar, in order; symlink targets are not judged here. Raises Rejected."""
    seen: dict[bytes, Kind] = {}
    for member in _members(data):
        path = member.path
        if path in seen:
            raise _rejected(path, "is there twice")
        while path := path.rpartition(b"/")[0]:
            if seen.get(path, Kind.FOLDER) is not Kind.FOLDER:
                raise _rejected(member.path, "stands below something that is not a folder")
            seen.setdefault(path, Kind.FOLDER)
        seen[member.path] = member.kind
        yield member


def read_single_file(data: bytes, name: str, cap: int) -> bytes:
    """The content of the one regular file `name`, at most `cap` bytes, that `data` must hold and
    nothing else. Raises Rejected (`source-tar`).
    """
    members = _members(data, cap=cap, extended=False)
    member = next(members, None)
    if member is None:
        raise Rejected("source-tar", f"the archive is empty, it should hold '{shown(name)}'")
    if not member.is_file:
        raise _rejected(member.path, f"is a {member.kind.value}, not a file")
    if member.path != name.encode():
        raise _rejected(member.path, f"is not '{shown(name)}', the one file expected")
    second = next(members, None)
    if second is not None:
        raise _rejected(second.path, f"is one file too many beside '{shown(name)}'")
    return member.data


# Writing


def _written(member: Member) -> list[bytes]:
    path = member.path + (b"/" if member.kind is Kind.FOLDER else b"")
    link = member.data if member.kind is Kind.SYMLINK else b""
    data = member.data if member.is_file else b""
    kind = {Kind.SYMLINK: b"2", Kind.FOLDER: b"5"}.get(member.kind, b"0")
    prefix, name = _split(path)
    records = b""
    if name is None:
        records, prefix, name = _record(b"path", path), b"", path[:_NAME]
    if len(link) > _LINK:
        records += _record(b"linkpath", link)
    blocks = []
    if records:
        blocks += [_header(b"pax", b"", 0o644, len(records), b"x", b""), *_padded(records)]
    mode = _MODES[member.kind]
    return [*blocks, _header(name, prefix, mode, len(data), kind, link[:_LINK]), *_padded(data)]


def _split(path: bytes) -> tuple[bytes, bytes | None]:
    if len(path) <= _NAME:
        return b"", path
    cut = path.find(b"/", len(path) - _NAME - 1, len(path) - 1)
    if cut <= 0 or cut > _PREFIX:
        return b"", None
    return path[:cut], path[cut + 1 :]


def _record(key: bytes, value: bytes) -> bytes:
    rest = len(key) + len(value) + 3
    size = rest + len(str(rest))
    size = rest + len(str(size))
    return b"%d %s=%s\n" % (size, key, value)


def _header(name: bytes, prefix: bytes, mode: int, size: int, kind: bytes, link: bytes) -> bytes:
    head = b"%s%07o\0%07o\0%07o\0%011o\0%011o\0" % (name.ljust(100, b"\0"), mode, 0, 0, size, 0)
    tail = kind + link.ljust(100, b"\0") + b"ustar\x0000" + bytes(64)
    tail += b"%07o\0%07o\0" % (0, 0) + prefix.ljust(155, b"\0") + bytes(12)
    total = sum(head) + 8 * ord(" ") + sum(tail)
    return head + b"%06o\0 " % total + tail


def _padded(data: bytes) -> list[bytes]:
    return [data, bytes(-len(data) % _BLOCK)] if data else []


# Reading


def _members(data: bytes, cap: int | None = None, extended: bool = True) -> Iterator[Member]:
    at = 0
    names: dict[bytes, bytes] = {}
    while True:
        header = data[at : at + _BLOCK]
        if len(header) < _BLOCK:
            raise Rejected("source-tar", "the archive ends in the middle")
        if not any(header):
            break
        at += _BLOCK
        size, kind = _checked(header)
        own_name = _own_name(header)
        if cap is not None and size > cap:
            raise _rejected(own_name, f"is larger than {show_bytes(cap)}")
        if size > len(data) - at:
            raise _rejected(own_name, "is cut short")
        body = data[at : at + size]
        at += size + -size % _BLOCK
        if kind == b"x" and extended and not names:
            names = _pax(own_name, body)
        else:
            yield _member(header, kind, names.get(b"path", own_name), names.get(b"linkpath"), body)
            names = {}
    rest = len(data) - at
    if names or rest < 2 * _BLOCK or data.count(b"\0", at) != rest:
        raise Rejected("source-tar", "the archive does not end where it says")


def _checked(header: bytes) -> tuple[int, bytes]:
    own_name = _own_name(header)
    if header[257:265] not in (b"ustar\x0000", b"ustar  \0"):
        raise _rejected(own_name, "has no ustar header")
    total = sum(header[:148]) + 8 * ord(" ") + sum(header[156:])
    if _number(header[148:156], own_name) != total:
        raise _rejected(own_name, "has a wrong checksum")
    return _number(header[124:136], own_name), header[156:157]


def _member(header: bytes, kind: bytes, path: bytes, link: bytes | None, body: bytes) -> Member:
    what = _TYPES.get(kind)
    if what is None:
        raise _rejected(path, f"is of type {shown(kind)}, not a file, folder or symlink")
    mode = _number(header[100:108], path)
    if mode & ~0o777:
        raise _rejected(path, "has setuid, setgid or sticky bits")
    if what is Kind.FOLDER:
        path = path.removesuffix(b"/")
    if any(part in (b"", b".", b"..") for part in path.split(b"/")) or b"\0" in path:
        raise _rejected(path, "is not a relative path inside the archive")
    if what is Kind.FILE:
        return Member(path, Kind.EXECUTABLE if mode & 0o100 else what, body)
    if body:
        raise _rejected(path, "has content, though it is no file")
    if what is Kind.FOLDER:
        return Member(path, what)
    target = header[157:257].partition(b"\0")[0] if link is None else link
    if not target or b"\0" in target:
        raise _rejected(path, "is a symlink to nothing")
    return Member(path, what, target)


def _own_name(header: bytes) -> bytes:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _number(field: bytes, name: bytes) -> int:
    match = _OCTAL.fullmatch(field)
    if match is None:
        raise _rejected(name, "has a header field that is not a number")
    return int(match[1], 8)


def _pax(name: bytes, body: bytes) -> dict[bytes, bytes]:
    if not 0 < len(body) <= _PAX_BYTES:
        raise _rejected(name, "has an extended header of an unusual size")
    names: dict[bytes, bytes] = {}
    while body:
        digits, space, _ = body[:8].partition(b" ")
        size = int(digits) if space and digits.isdigit() else 0
        key, equals, value = body[len(digits) + 1 : size - 1].partition(b"=")
        known = key in (b"path", b"linkpath")
        if size > len(body) or not equals or body[size - 1 : size] != b"\n" or key in names:
            raise _rejected(name, "has a damaged extended header")
        if not known and key not in _PAX_IGNORED:
            raise _rejected(name, f"has an extended header '{shown(key)}'")
        if known:
            names[key] = value
        body = body[size:]
    return names or {b"": b""}


def _rejected(name: bytes, what: str) -> Rejected:
    return Rejected(
        "source-tar",
        f"'{shown(name)}' in the archive {what}",
        hint="pack only files, folders and symlinks, with relative names",
    )
