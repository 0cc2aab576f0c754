"""Our own tar writer and reader, against GNU tar, Python's tarfile, and archives made to hurt."""

from __future__ import annotations

import io
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Rejected
from grader.intake import tar
from grader.intake.member import Kind, Member

part = st.binary(min_size=1, max_size=60).filter(
    lambda name: name not in (b".", b"..") and b"/" not in name and b"\0" not in name
)
path = st.lists(part, min_size=1, max_size=8).map(b"/".join)
target = st.binary(min_size=1, max_size=300).filter(lambda text: b"\0" not in text)
member = st.one_of(
    st.builds(Member, path, st.sampled_from([Kind.FILE, Kind.EXECUTABLE]), st.binary()),
    st.builds(Member, path, st.just(Kind.SYMLINK), target),
    st.builds(Member, path, st.just(Kind.FOLDER)),
)


def consistent(members: list[Member]) -> list[Member]:
    """Without members that stand below a file or share a path."""
    kept: dict[bytes, Member] = {}
    folders: set[bytes] = set()
    for one in members:
        parents = [one.path[:at] for at, byte in enumerate(one.path) if byte == ord("/")]
        solid = {p for p, m in kept.items() if m.kind is not Kind.FOLDER}
        if one.path in kept or one.path in folders or solid & set(parents):
            continue
        kept[one.path] = one
        folders |= set(parents)
    return list(kept.values())


@given(st.lists(member, max_size=12).map(consistent), st.randoms())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back_whatever_the_order(
    members: list[Member], random: st.DataObject
) -> None:
    packed = tar.write(members)
    back = list(tar.read(packed))
    assert back == sorted(back, key=lambda one: one.path)
    assert {one.path: one for one in members}.items() <= {one.path: one for one in back}.items()
    assert all(one.kind is Kind.FOLDER for one in back if one not in members)
    assert tar.write(members[::-1]) == packed == tar.write(back)
    with tarfile.open(fileobj=io.BytesIO(packed), encoding="utf-8") as other:
        names = [one.name.encode("utf-8", "surrogateescape") for one in other]
    assert names == [one.path for one in back]


def test_gnu_tar_unpacks_what_we_write(tmp_path: Path) -> None:
    long = b"/".join([b"d" * 90] * 4)
    members = [
        Member(b"run", Kind.EXECUTABLE, b"#!/bin/sh\n"),
        Member(b"new\nline\x1b\xff", Kind.FILE, b"odd"),
        Member(long + b"/\xff\xc3\xa9", Kind.FILE, b"deep"),
        Member(b"to", Kind.SYMLINK, long + b"/\xff\xc3\xa9"),
    ]
    packed = tar.write(members)
    done = subprocess.run(["tar", "-x"], input=packed, cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    root = bytes(tmp_path)
    assert Path((root + b"/new\nline\x1b\xff").decode(errors="surrogateescape")).exists()
    assert (tmp_path / "to").read_bytes() == b"deep"
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("form", ["gnu", "ustar", "posix"])
def test_what_gnu_tar_packs_is_read(tmp_path: Path, form: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_bytes(b"x" * 1000)
    (tmp_path / "folder" / "to").symlink_to("a")
    command = ["tar", f"--format={form}", "-c", "folder"]
    packed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    assert {one.path: one.kind for one in tar.read(packed)} == {
        b"folder": Kind.FOLDER,
        b"folder/a": Kind.FILE,
        b"folder/to": Kind.SYMLINK,
    }


def archive(*members: tarfile.TarInfo, data: bytes = b"", form: int = tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as packed:
        for one in members:
            one.size = one.size or (len(data) if one.isreg() else 0)
            packed.addfile(one, io.BytesIO(data) if one.isreg() else None)
    return buffer.getvalue()


def info(name: str = "program", **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def patched(at: int, new: bytes, data: bytes = b"12345") -> bytes:
    """A good archive with `new` at an offset of its header, and its checksum made right."""
    packed = bytearray(archive(info(), data=data))
    packed[at : at + len(new)] = new
    packed[148:156] = b" " * 8
    packed[148:156] = b"%06o\0 " % sum(packed[:512])
    return bytes(packed)


GOOD = archive(info(), data=b"12345")


def test_the_one_file_expected_is_read() -> None:
    assert tar.read_single_file(GOOD, "program", 5) == b"12345"


@pytest.mark.parametrize(
    ("packed", "part"),
    [
        (archive(info("../x")), "'../x' in the archive is not a relative path"),
        (archive(info("/abs")), "is not a relative path"),
        (archive(info("./program")), "is not a relative path"),
        (archive(info("other")), "is not 'program', the one file expected"),
        (archive(info("a\n\x1b[2J")), "'a\\n\\x1b[2J' in the archive is not 'program'"),
        (archive(info(), info("second")), "'second' in the archive is one file too many"),
        (archive(info(), info()), "one file too many"),
        (archive(info(type=tarfile.SYMTYPE, linkname="/etc/passwd")), "is a symlink, not a file"),
        (archive(info(type=tarfile.LNKTYPE, linkname="/etc/passwd")), "is of type 1"),
        (archive(info(type=tarfile.CHRTYPE)), "is of type 3"),
        (archive(info(type=tarfile.BLKTYPE)), "is of type 4"),
        (archive(info(type=tarfile.FIFOTYPE)), "is of type 6"),
        (archive(info(type=tarfile.CONTTYPE)), "is of type 7"),
        (archive(info(type=tarfile.DIRTYPE)), "is a folder, not a file"),
        (archive(info(type=tarfile.GNUTYPE_SPARSE)), "is of type S"),
        (archive(info(mode=0o4755)), "setuid"),
        (archive(info(type=b"L")), "is of type L"),
        (archive(info(type=b"x")), "is of type x"),
        (archive(info(type=b"g")), "is of type g"),
        (archive(info("program", pax_headers={"path": "x"}), form=tarfile.PAX_FORMAT), "'././@Pax"),
        (archive(info(), data=b"123456"), "is larger than 5 B"),
        (patched(124, b"\xff" * 12), "a header field that is not a number"),
        (patched(124, b"-0000000001\0"), "a header field that is not a number"),
        (patched(124, b"\x80" + b"\0" * 10 + b"\5"), "a header field that is not a number"),
        (patched(124, b"00000000005\0")[:514], "is cut short"),
        (patched(257, b"\0" * 8), "has no ustar header"),
        (patched(156, b"5"), "has content"),
        (b"y" + GOOD[1:], "has a wrong checksum"),
        (GOOD[:1024], "ends in the middle"),
        (GOOD[:1536], "does not end where it says"),
        (GOOD[:-1] + b"x", "does not end where it says"),
        (GOOD + GOOD, "does not end where it says"),
        (bytes(1024), "the archive is empty"),
        (b"", "ends in the middle"),
    ],
)
def test_anything_but_the_one_file_expected_is_refused(packed: bytes, part: str) -> None:
    with pytest.raises(Rejected) as caught:
        tar.read_single_file(packed, "program", 5)
    assert caught.value.code == "source-tar"
    assert part in caught.value.render()
    assert "\x1b" not in caught.value.render()


def _pax(*records: bytes) -> bytes:
    body = b"".join(records)
    header = info("h", type=b"x", size=len(body))
    packed = header.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512)
    return packed + GOOD


@pytest.mark.parametrize(
    "packed",
    [
        archive(info("d", type=tarfile.SYMTYPE, linkname="/tmp"), info("d/x"), data=b"1"),
        archive(info("a"), info("a")),
        archive(info("a"), info("a/b")),
        archive(info("a/b"), info("a")),
        archive(info("d", type=tarfile.SYMTYPE, linkname="")),
        _pax(b"12 path=../x\n"),
        _pax(b"8 path=\n"),
        _pax(b"11 path=a\0b\n"),
        _pax(b"10 size=1\n\n"),
        _pax(b"9 size=1\n"),
        _pax(b"26 GNU.sparse.realsize=9\n"),
        _pax(b"19 hdrcharset=BINARY\n"),
        _pax(b"9 path=a\n", b"9 path=b\n"),
        _pax(b"0 path=a\n"),
        _pax(b"-9 path=a\n"),
        _pax(b"99 path=a\n"),
        _pax(b"\xd9\xa9 path=a\n"),
        _pax(b"no number"),
        _pax(),
        _pax(b"9 path=a\n")[:1024] + _pax(b"9 path=b\n"),
        _pax(b"9 path=a\n")[:1024] + bytes(1024),
    ],
)
def test_members_that_would_write_elsewhere_are_refused(packed: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        list(tar.read(packed))
    assert caught.value.code == "source-tar"


def refusal(call: Callable[[], object]) -> Rejected | None:
    """What `call` was refused with; any other exception goes through."""
    try:
        call()
    except Rejected as error:
        return error
    return None


def only_rejects(call: Callable[[], object]) -> None:
    error = refusal(call)
    assert error is None or error.code == "source-tar"
    assert error is None or error.render().replace("\n", "").isprintable()


@given(st.binary(max_size=3000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    only_rejects(lambda: list(tar.read(data)))
    only_rejects(lambda: tar.read_single_file(data, "program", 100))


@given(
    st.sampled_from([GOOD, _pax(b"9 path=a\n"), tar.write([Member(b"a", Kind.SYMLINK, b"b")])]),
    st.lists(st.tuples(st.integers(0, 1600), st.binary(min_size=1, max_size=12)), max_size=4),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_damaged_headers_are_read_or_refused(
    packed: bytes, damage: list[tuple[int, bytes]], mend: bool
) -> None:
    data = bytearray(packed)
    for at, new in damage:
        data[at : at + len(new)] = new
    if mend:
        data[148:156] = b" " * 8
        data[148:156] = b"%06o\0 " % sum(data[:512])
    only_rejects(lambda: list(tar.read(bytes(data))))
    only_rejects(lambda: tar.read_single_file(bytes(data), "program", 100))


def test_a_large_archive_is_refused_quickly() -> None:
    zeros = bytes(64 << 20)
    started = time.monotonic()
    with pytest.raises(Rejected):
        tar.read_single_file(GOOD + zeros + b"x", "program", 5)
    assert time.monotonic() - started < 10
