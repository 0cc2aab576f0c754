"""The doctor's lines: each wall that is missing is a line that fails and says the fix."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from grader.cli import run
from grader.sandbox.doctor import DoctorReport, unavailable
from grader.sandbox.doctor_lines import (
    DoctorLine,
    LineStatus,
    engine_lines,
    git_line,
    measured_lines,
)
from grader.sandbox.engine import DockerUnavailable, EngineFacts
from grader.sandbox.probes import Backends, Busy, Confined, Measurements, Memory

FACTS = EngineFacts(
    id="E",
    server_version="29.1.0",
    api_version="1.52",
    runc_version="1.3.3",
    kernel="6.12",
    operating_system="Debian GNU/Linux 13 (trixie)",
    architecture="x86_64",
    cgroup_version="2",
    cgroup_driver="systemd",
    storage_driver="overlay2",
    root_dir="/var/lib/docker",
    security_options=("name=seccomp,profile=builtin",),
    live_restore=False,
)
CALLS = {"socket AF_UNIX": "ok", "socket AF_VSOCK": "EPERM", "clone3": "ENOSYS", "bpf": "EPERM"}
SOUND: dict[str, dict[str, Any]] = {
    "confined": {
        "capabilities": "0000000000000000",
        "no_new_privileges": True,
        "seccomp": 2,
        "uid": 200_000,
        "root": "EROFS",
        "writable": ("/dev/mqueue", "/dev/shm", "/scratch", "/tmp"),
        "interfaces": ("lo",),
        "routes": 0,
        "reach": "ENETUNREACH",
        "calls": CALLS,
        "scratch_files": 19_999,
        "scratch_bytes": 4 << 20,
        "open_files": 1024,
        "core": 0,
        "largest_file": 64 << 20,
        "free_disk": 80 << 30,
    },
    "busy": {"cpu_share": 0.24, "children": 30, "fork": "EAGAIN"},
    "memory": {"taken": 24, "exit_code": 137, "out_of_memory": True},
    "backends": {"nftables": "", "netem": "", "tbf": "", "strace": "", "ipv6": ""},
}


def measurements(**changes: dict[str, Any]) -> Measurements:
    values = {part: SOUND[part] | changes.get(part, {}) for part in SOUND}
    return Measurements(
        confined=Confined(**values["confined"]),
        busy=Busy(**values["busy"]),
        memory=Memory(**values["memory"]),
        backends=Backends(**values["backends"]),
    )


def by_name(lines: Any) -> dict[str, DoctorLine]:
    return {line.name: line for line in lines}


def test_a_sound_engine_is_in_order_throughout() -> None:
    lines = (*engine_lines(FACTS), git_line("2.51.0"), *measured_lines(measurements()))
    assert {line.status for line in lines} == {LineStatus.OK}
    assert DoctorReport(lines=lines).safe(strict=True)


@pytest.mark.parametrize(
    ("line", "part", "change"),
    [
        ("capabilities", "confined", {"capabilities": "00000000a80425fb"}),
        ("no new privileges", "confined", {"no_new_privileges": False}),
        ("system calls", "confined", {"seccomp": 0}),
        ("system calls", "confined", {"calls": CALLS | {"socket AF_VSOCK": "ok"}}),
        ("system calls", "confined", {"calls": CALLS | {"bpf": "EINVAL"}}),
        ("user", "confined", {"uid": 0}),
        ("root file system", "confined", {"root": "ok"}),
        ("writable folders", "confined", {"writable": ("/scratch", "/etc/hosts")}),
        ("network", "confined", {"interfaces": ("eth0", "lo")}),
        ("network", "confined", {"routes": 1}),
        ("network", "confined", {"reach": "ok"}),
        ("scratch size", "confined", {"scratch_bytes": 64 << 20}),
        ("scratch size", "confined", {"scratch_files": 100_000}),
        ("scratch size", "confined", {"scratch_bytes": 0}),
        ("file limits", "confined", {"core": -1}),
        ("free disk", "confined", {"free_disk": 1 << 30}),
        ("memory limit", "memory", {"taken": 128, "exit_code": 0}),
        ("cpu limit", "busy", {"cpu_share": 0.99}),
        ("process limit", "busy", {"children": 200, "fork": "ok"}),
    ],
)
def test_a_missing_wall_fails_its_line_and_no_other(
    line: str, part: str, change: dict[str, Any]
) -> None:
    report = DoctorReport(lines=tuple(measured_lines(measurements(**{part: change}))))
    failed = [found for found in report.lines if found.status is LineStatus.FAIL]
    assert [found.name for found in failed] == [line]
    assert failed[0].fix
    assert not report.safe()


@pytest.mark.parametrize("part", ["confined", "busy", "memory"])
def test_what_could_not_be_measured_is_not_enforced(part: str) -> None:
    lost = dataclasses.replace(measurements(), **{part: "the engine refused a request"})
    assert not DoctorReport(lines=tuple(measured_lines(lost))).safe()


def test_a_missing_back_end_is_a_warning_with_a_fix() -> None:
    found = measurements(backends={"netem": "Error: Specified qdisc kind is unknown."})
    line = by_name(measured_lines(found))["netem"]
    assert (line.status, bool(line.fix)) == (LineStatus.WARN, True)
    assert DoctorReport(lines=tuple(measured_lines(found))).safe(strict=True)


def test_an_engine_without_control_groups_is_refused() -> None:
    facts = dataclasses.replace(FACTS, cgroup_driver="none")
    assert not DoctorReport(lines=tuple(engine_lines(facts))).safe()


@pytest.mark.parametrize(
    ("versions", "hole", "unknown"),
    [
        ({"runc_version": "1.1.11"}, "CVE-2024-21626", False),
        ({"runc_version": "1.1.5+ds1"}, "CVE-2024-21626", True),
        ({"runc_version": "1.2.7"}, "CVE-2025-31133", False),
        ({"runc_version": "1.3.2"}, "CVE-2025-52881", False),
        ({"runc_version": "1.4.0-rc.2"}, "CVE-2025-52565", False),
        ({"server_version": "28.5.2"}, "CVE-2026-41567", False),
        ({"server_version": "20.10.24+dfsg1"}, "CVE-2026-41567", True),
    ],
)
def test_an_old_version_warns_and_strict_refuses(
    versions: dict[str, Any], hole: str, unknown: bool
) -> None:
    report = DoctorReport(lines=tuple(engine_lines(dataclasses.replace(FACTS, **versions))))
    warned = [line for line in report.lines if line.status is LineStatus.WARN]
    assert len(warned) == 1
    assert hole in warned[0].found
    assert ("unknown" in warned[0].found) is unknown
    assert report.safe()
    assert not report.safe(strict=True)


@pytest.mark.parametrize("version", ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.4.0", "1.5.1", ""])
def test_a_mended_or_untold_version_does_not_warn(version: str) -> None:
    lines = by_name(engine_lines(dataclasses.replace(FACTS, runc_version=version)))
    assert lines["runc version"].status is LineStatus.OK


def test_no_git_is_a_failure() -> None:
    assert git_line(None).status is LineStatus.FAIL


def test_no_engine_is_one_line_with_the_fix() -> None:
    report = unavailable(DockerUnavailable("no Docker engine answers at unix:///nowhere"))
    assert [line.name for line in report.lines] == ["engine"]
    assert "make engine" in report.lines[0].fix
    assert not report.safe()


def test_the_command_says_so_too_and_exits_with_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert run(["doctor", "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["safe"] is False
    assert told["lines"][0]["name"] == "engine"
    assert told["lines"][0]["fix"]
