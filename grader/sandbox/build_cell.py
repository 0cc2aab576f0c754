"""The build cell, and the way the one declared file comes out of it.

The source goes in as a tar on stdin and is built in memory, without a network. Only when the
build cell is dead does a second, trusted container, which never ran a candidate's code, stream the
file out of the shared volume; it was started before, so that the volume stays mounted.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from grader import escape
from grader.model.limits import BuildLimits
from grader.model.results import Stop
from grader.model.untrusted import Untrusted
from grader.sandbox.capped import CappedBuffer
from grader.sandbox.cell import signal_of
from grader.sandbox.cgroup import CgroupFiles
from grader.sandbox.container import Container
from grader.sandbox.host_config import Mount, Role, Settings
from grader.sandbox.space import RunSpace
from grader.sandbox.stream import STDOUT, Deadline, DeadlinePassed

OUTPUT_NAME = "program"
EXIT_COPY, EXIT_TOO_LARGE = 119, 120
EXIT_UNPACK, EXIT_NO_ARTIFACT, EXIT_SCRATCH_FULL = 121, 122, 123
INODES = 120_000
"""The 20,000 files that a submission may have, as dune copies them, and what is made of them."""

_BUILD_UID, _RUNAWAY = 15, 64
_EXTRACT_TIME = 60.0

Language = tuple[int, int]
"""A version of the dune language: `(3, 17)`."""

_SCRIPT = f"""
mkdir -p /scratch/home /scratch/src && cd /scratch/src || exit {EXIT_UNPACK}
tar -xf - --no-same-owner || exit {EXIT_UNPACK}
exec </dev/null
artifact=_build/default/$1; largest=$2; shift 2
"$@"
code=$?
if [ "$code" -ne 0 ]; then
  df --output=pcent,ipcent /scratch /tmp | grep -q 100% && exit {EXIT_SCRATCH_FULL}
  exit "$code"
fi
[ -f "$artifact" ] || exit {EXIT_NO_ARTIFACT}
[ "$(stat -L -c %s -- "$artifact")" -le "$largest" ] || exit {EXIT_TOO_LARGE}
chmod -R u+rwX /out 2>/dev/null
find /out -mindepth 1 -delete
cp -T -- "$artifact" /out/{OUTPUT_NAME} || exit {EXIT_COPY}
"""
_EXTRACT = f"dune --version >&2; read -r go && exec tar -C /out -cf - --no-recursion {OUTPUT_NAME}"


@dataclass(frozen=True, slots=True)
class BuildEnd:
    """What we know of a finished build. `archive` is the tar that the extractor sent, unparsed;
    empty when there was nothing to send. `exit_code` and the log are the candidate's word; `dune`
    is the version of the sandbox's, asked where no candidate's code runs, and empty if it has none.
    """

    exit_code: int
    signal: int | None
    stopped: Stop | None
    out_of_memory: bool
    process_limit_hits: int
    wall_time: float
    log: Untrusted
    archive: bytes
    dune: str = ""


@dataclass(frozen=True, slots=True)
class LanguageTooNew:
    """Nothing was built, since the sandbox's dune (of version `dune`) refuses the project."""

    dune: str


def run_build(
    space: RunSpace,
    image: str,
    source: bytes,
    artifact: str,
    command: tuple[str, ...],
    limits: BuildLimits,
    language: Language | None = None,
) -> BuildEnd | LanguageTooNew:
    """Build `source` (a tar) with `command`, and take `_build/default/<artifact>` out.

    `language` is the dune language of the project, where it is known.
    """
    uid = space.uid(_BUILD_UID)
    volume = space.volume("out", size=limits.artifact + (1 << 20), inodes=16, uid=uid)
    extractor = _Extractor(space, image, volume, uid)
    best = language_of(extractor.dune)
    if language is not None and best is not None and language > best:
        extractor.close()
        return LanguageTooNew(extractor.dune)
    settings = Settings(
        role=Role.BUILD,
        image=image,
        command=("sh", "-c", _SCRIPT, "sh", artifact, str(limits.artifact), *command),
        uid=uid,
        memory=limits.memory,
        cpus=limits.cpus,
        processes=limits.processes,
        scratch=limits.scratch,
        scratch_inodes=INODES,
        labels=space.labels(Role.BUILD),
        mounts=(Mount(volume, "/out"),),
        largest_file=limits.scratch,
        environment=(("DUNE_CACHE", "disabled"),),
    )
    builder = space.container(settings)
    began = time.monotonic()
    log, stopped, hits = _run_to_end(builder, source, limits)
    wall_time = time.monotonic() - began
    state = builder.state()
    builder.remove()
    archive = extractor.take(limits) if stopped is None and state.exit_code == 0 else b""
    extractor.close()
    return BuildEnd(
        exit_code=state.exit_code,
        signal=signal_of(state.exit_code),
        stopped=stopped,
        out_of_memory=state.out_of_memory,
        process_limit_hits=hits,
        wall_time=wall_time,
        log=log.value(),
        archive=archive,
        dune=extractor.dune,
    )


def language_of(dune: str) -> Language | None:
    """The newest language that a dune of this version knows; `None` for what is no version."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", dune)
    return (int(found[1]), int(found[2])) if found else None


def _run_to_end(
    builder: Container, source: bytes, limits: BuildLimits
) -> tuple[CappedBuffer, Stop | None, int]:
    """Output, why we stopped it, and how often it hit its process limit. It is dead afterwards."""
    stream = builder.attach()
    builder.start()
    files = CgroupFiles(builder.state().pid, builder.id)
    stream.send_in_background(source)
    log, stopped, hits = CappedBuffer(limits.output), None, 0
    deadline = Deadline(limits.wall_time)
    try:
        for _, data in stream.frames(deadline):
            log.add(data)
            hits = max(hits, files.sample().process_limit_hits)
            if log.total > limits.output * _RUNAWAY:
                stopped = Stop.OUTPUT
                break
    except DeadlinePassed:
        stopped = Stop.WALL_TIME
    hits = max(hits, files.sample().process_limit_hits)
    stream.close()  # first: the engine cannot end a container whose output nobody takes
    builder.signal("KILL")
    builder.wait_dead()
    return log, stopped, hits


class _Extractor:
    """Keeps the volume mounted during the build, and reads it afterwards. `dune` is its version."""

    def __init__(self, space: RunSpace, image: str, volume: str, uid: int) -> None:
        settings = Settings(
            role=Role.EXTRACT,
            image=image,
            command=("sh", "-c", _EXTRACT),
            uid=uid,
            memory=256 << 20,
            cpus=1.0,
            processes=16,
            scratch=1 << 20,
            labels=space.labels(Role.EXTRACT),
            mounts=(Mount(volume, "/out", read_only=True),),
        )
        self._container = space.container(settings)
        self._stream = self._container.attach()
        self._container.start()
        self.dune = self._hear_version()

    def take(self, limits: BuildLimits) -> bytes:
        """Its tar, cut off just above the largest legal size; the strict reader refuses that."""
        self._stream.send(b"go\n")
        archive = bytearray()
        for source, data in self._stream.frames(Deadline(_EXTRACT_TIME)):
            if source == STDOUT:
                archive += data
            if len(archive) > limits.artifact + (1 << 20):
                break
        return bytes(archive)

    def _hear_version(self) -> str:
        """The line on stderr that comes first, from dune or from a shell that finds none."""
        line = bytearray()
        for source, data in self._stream.frames(Deadline(_EXTRACT_TIME)):
            if source != STDOUT:
                line += data
            if b"\n" in line:
                break
        return escape.one_line(line.decode("utf-8", "replace").strip(), 40)

    def close(self) -> None:
        self._stream.close()
        self._container.remove()
