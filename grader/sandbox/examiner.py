"""The examiner's container: loaded, started, and talked to in JSON lines over its stdio."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from grader.errors import InfraError
from grader.model.limits import RunLimits
from grader.sandbox.capped import CappedBuffer
from grader.sandbox.cells import CellPlan, Slot
from grader.sandbox.container import Container
from grader.sandbox.host_config import Mount, Role, Settings
from grader.sandbox.space import RunSpace
from grader.sandbox.stream import STDOUT, AttachedStream, Deadline, DeadlinePassed

SLOTS = 3
MIB = 1 << 20
_LINE_LIMIT = 4 * MIB
_MEMORY = 2048 * MIB
_LOAD_TIME = 60.0
_COMMAND = ("python3", "-I", "-m", "grader.testkit")


@dataclass(frozen=True, slots=True)
class Payload:
    """What an examination is about: the suite's files and the programs, by role."""

    suite: dict[str, bytes]
    programs: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Images:
    """Image ids by what runs in them."""

    examiner: str
    run: str


class Examiner:
    """A started examiner. Lines are UTF-8 JSON, one object each, without the newline."""

    def __init__(self, container: Container, stream: AttachedStream, plan: CellPlan) -> None:
        self.container = container
        self.plan = plan
        self.log = CappedBuffer(256 * 1024)
        self._stream = stream

    def send(self, line: bytes) -> None:
        self._stream.send(line + b"\n")

    def lines(self, deadline: Deadline) -> Iterator[bytes]:
        """Lines from the examiner until it ends; raises DeadlinePassed, and InfraError when a line
        is longer than any honest one.
        """
        pending = bytearray()
        for source, data in self._stream.frames(deadline):
            if source != STDOUT:
                self.log.add(data)
                continue
            pending += data
            *complete, rest = pending.split(b"\n")
            pending = bytearray(rest)
            yield from (bytes(line) for line in complete if line)
            if len(pending) > _LINE_LIMIT:
                raise InfraError("examiner-line", "the examiner sent an overlong line")

    def close(self) -> None:
        self._stream.close()


@contextmanager
def open_examiner(
    space: RunSpace, images: Images, payload: Payload, limits: RunLimits, *, ipv6: bool = False
) -> Iterator[Examiner]:
    """Make the volumes, load the suite and the programs, and start the examiner.

    `ipv6` asks for `::1` beside 127.0.0.1; not every engine can give it.
    """
    suite_size = sum(len(data) + 4096 for data in payload.suite.values()) + MIB
    suite = space.volume("suite", size=suite_size, inodes=10_000, mode="0755")
    programs = {
        role: space.volume(role, size=len(data) + MIB, inodes=16, mode="0755")
        for role, data in payload.programs.items()
    }
    slots = tuple(_make_slot(space, number, limits) for number in range(SLOTS))
    mounts = (
        Mount(suite, "/suite", read_only=True),
        *(Mount(volume, f"/programs/{role}", read_only=True) for role, volume in programs.items()),
        *(Mount(slot.data_volume, f"/slots/{slot.number}/data") for slot in slots),
        *(Mount(slot.io_volume, f"/slots/{slot.number}/io") for slot in slots),
    )
    container = space.container(
        replace(_examiner_settings(space, images.examiner, mounts), ipv6=ipv6)
    )
    stream = container.attach()
    with ThreadPoolExecutor(1) as beside:
        starting = beside.submit(container.start)
        loader = _Loader(space, images.examiner, suite, programs)
        starting.result()  # before the loader ends: a volume that nobody mounts is emptied
    loader.fill(payload)
    plan = CellPlan(images.run, f"container:{container.id}", limits, programs, slots)
    examiner = Examiner(container, stream, plan)
    try:
        yield examiner
    finally:
        examiner.close()


def _make_slot(space: RunSpace, number: int, limits: RunLimits) -> Slot:
    uid = space.uid(number)
    return Slot(
        number,
        uid,
        data_volume=space.volume(f"data{number}", size=limits.data, inodes=20_000, uid=uid),
        io_volume=space.volume(f"io{number}", size=64 * 1024, inodes=32, mode="0711"),
    )


def _examiner_settings(space: RunSpace, image: str, mounts: tuple[Mount, ...]) -> Settings:
    return Settings(
        role=Role.EXAMINER,
        image=image,
        command=_COMMAND,
        uid=0,
        memory=_MEMORY,
        cpus=2.0,
        processes=1024,
        scratch=256 * MIB,
        labels=space.labels(Role.EXAMINER),
        mounts=mounts,
        open_files=16_384,
        data_segment=_MEMORY * 3 // 4,
        largest_file=1024 * MIB,
        environment=(("PYTHONDONTWRITEBYTECODE", "1"), ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")),
    )


class _Loader:
    """A short-lived container of ours that fills the suite's and the programs' volumes."""

    def __init__(self, space: RunSpace, image: str, suite: str, programs: dict[str, str]) -> None:
        settings = Settings(
            role=Role.LOAD,
            image=image,
            command=("tar", "-C", "/load", "-xf", "-", "--no-same-owner"),
            uid=0,
            memory=512 * MIB,
            cpus=1.0,
            processes=16,
            scratch=MIB,
            labels=space.labels(Role.LOAD),
            mounts=(
                Mount(suite, "/load/suite"),
                *(Mount(volume, f"/load/{role}") for role, volume in programs.items()),
            ),
            largest_file=1024 * MIB,
        )
        self._container = space.container(settings)
        self._stream = self._container.attach()
        self._container.start()

    def fill(self, payload: Payload) -> None:
        """Write everything; InfraError when that fails. The container is gone afterwards."""
        self._stream.send_in_background(_archive(payload))
        said = CappedBuffer(4096)
        try:
            for _, data in self._stream.frames(Deadline(_LOAD_TIME)):
                said.add(data)
        except DeadlinePassed as error:
            raise InfraError("load-slow", "loading the suite took too long") from error
        finally:
            self._stream.close()
        self._container.wait_dead()
        exit_code = self._container.state().exit_code
        self._container.remove()
        if exit_code != 0:
            raise InfraError(
                "load-failed", "the suite could not be loaded", details=(said.value().text[-300:],)
            )


def _archive(payload: Payload) -> bytes:
    files = {f"suite/{name}": (data, 0o644) for name, data in payload.suite.items()}
    files |= {f"{role}/program": (data, 0o755) for role, data in payload.programs.items()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, (data, mode) in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
