"""Runs inside a container, as `python3 -I -c TEXT NAME`: tries what must not work, prints JSON.

Standard library only. Nothing here trusts a setting: each function does the thing and reports
what the kernel answered. The name of an error (`EPERM`) is an answer; `ok` means that it worked.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

MIB = 1 << 20

# Call, number on x86_64, number on aarch64, arguments that fail harmlessly if they are let through.
CALLS: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    ("acct", 163, 89, (0,)),
    ("add_key", 248, 217, (0, 0, 0, 0, 0)),
    ("adjtimex", 159, 171, (0,)),
    ("bpf", 321, 280, (-1, 0, 0)),
    ("chroot", 161, 51, (0,)),
    ("clock_adjtime", 305, 266, (0, 0)),
    ("clock_settime", 227, 112, (0, 0)),
    ("clone3", 435, 435, (0, 0)),
    ("delete_module", 176, 106, (0, 0)),
    ("fanotify_init", 300, 262, (0, 0)),
    ("finit_module", 313, 273, (-1, 0, 0)),
    ("init_module", 175, 105, (0, 0, 0)),
    ("io_setup", 206, 0, (0, 0)),
    ("io_uring_enter", 426, 426, (-1, 0, 0, 0, 0)),
    ("io_uring_register", 427, 427, (-1, 0, 0, 0)),
    ("io_uring_setup", 425, 425, (0, 0)),
    ("kcmp", 312, 272, (0, 0, 99, 0, 0)),
    ("kexec_load", 246, 104, (0, 0, 0, 0)),
    ("keyctl", 250, 219, (99, 0, 0, 0, 0)),
    ("mount", 165, 40, (0, 0, 0, 0, 0)),
    ("move_mount", 429, 429, (-1, 0, -1, 0, 0)),
    ("name_to_handle_at", 303, 264, (-1, 0, 0, 0, 0)),
    ("open_by_handle_at", 304, 265, (-1, 0, 0)),
    ("open_tree", 428, 428, (-1, 0, 0)),
    ("perf_event_open", 298, 241, (0, 0, -1, -1, 0)),
    ("personality", 135, 92, (0xFFFFFFFF,)),
    ("pidfd_getfd", 438, 438, (-1, 0, 0)),
    ("pivot_root", 155, 41, (0, 0)),
    ("process_vm_readv", 310, 270, (0, 0, 0, 0, 0, 0)),
    ("ptrace", 101, 117, (99, 0, 0, 0)),
    ("quotactl", 179, 60, (0, 0, 0, 0)),
    ("request_key", 249, 218, (0, 0, 0, 0)),
    ("setns", 308, 268, (-1, 0)),
    ("settimeofday", 164, 170, (0, 0)),
    ("swapon", 167, 224, (0, 0)),
    ("syslog", 103, 116, (99, 0, 0)),
    ("umount2", 166, 39, (0, 0)),
    ("unshare", 272, 97, (0x40000000,)),
    ("userfaultfd", 323, 282, (0,)),
)
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16, "AF_PACKET": 17}
FAMILIES |= {"AF_ALG": 38, "AF_VSOCK": 40}

NFT_RULES = """
table inet probe {
  chain incoming {
    type filter hook input priority 0;
    numgen random mod 100 < 1 drop
    tcp dport 9 reject with tcp reset
  }
}
"""


def confined() -> dict[str, Any]:
    """Rights, networks and what can be written."""
    status = dict(line.split(":", 1) for line in _lines("/proc/self/status") if ":" in line)
    return {
        "capabilities": status["CapEff"].strip(),
        "no_new_privileges": status["NoNewPrivs"].strip() == "1",
        "seccomp": int(status["Seccomp"]),
        "uid": os.getuid(),
        "root": _answer(lambda: os.close(os.open("/probe", os.O_CREAT | os.O_WRONLY))),
        "writable": _writable_mounts(),
        "interfaces": sorted(os.listdir("/sys/class/net")),  # noqa: PTH208
        "routes": len(_lines("/proc/net/route")[1:]),
        "reach": _answer(_reach),
        "calls": calls(),
        "scratch_files": _count_files(),
        "scratch_bytes": _fill(),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "largest_file": resource.getrlimit(resource.RLIMIT_FSIZE)[1],
        "free_disk": os.statvfs("/").f_bavail * os.statvfs("/").f_frsize,
    }


def calls() -> dict[str, str]:
    """System calls and socket families, each with the kernel's answer."""
    libc = ctypes.CDLL(None, use_errno=True)
    column = 2 if platform.machine() == "aarch64" else 1
    answers = {}
    for row in CALLS:
        ctypes.set_errno(0)
        arguments = (ctypes.c_long(value) for value in row[3])
        done = libc.syscall(ctypes.c_long(int(str(row[column]))), *arguments)
        answers[row[0]] = "ok" if done != -1 else errno.errorcode[ctypes.get_errno()]
    for name, family in FAMILIES.items():
        kind = socket.SOCK_SEQPACKET if name == "AF_ALG" else socket.SOCK_DGRAM
        answers[f"socket {name}"] = _answer(partial(_open_socket, family, kind))
    return answers


def busy() -> dict[str, Any]:
    """The share of one CPU that a busy loop gets, and how many children can be started."""
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() - began < 0.6:
        pass
    share = (time.process_time() - used) / (time.monotonic() - began)
    children: list[int] = []
    answer = "ok"
    try:
        while len(children) < 200:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError as error:
        answer = errno.errorcode[error.errno or 0]
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return {"cpu_share": round(share, 3), "children": len(children), "fork": answer}


def memory() -> dict[str, Any]:
    """Take memory a MiB at a time and say so; the kernel is to end this."""
    taken = []
    for count in range(1, 129):
        taken.append(b"x" * MIB)
        os.write(1, b'{"taken": %d}\n' % count)
    return {"taken": len(taken)}


def network() -> dict[str, Any]:
    """What can break a network here: an empty text, or why not."""
    tc = ("tc", "qdisc", "add", "dev", "lo", "root")
    return {
        "nftables": _try(("nft", "-f", "-"), NFT_RULES),
        "netem": _undo(_try((*tc, "netem", "delay", "1ms"))),
        "tbf": _undo(_try((*tc, "tbf", "rate", "10mbit", "burst", "32kbit", "latency", "50ms"))),
    }


def ipv6() -> dict[str, Any]:
    """Whether `::1` can be listened on."""
    with socket.socket(socket.AF_INET6) as sock:
        answer = _answer(lambda: sock.bind(("::1", 0)))
    return {"ipv6": "" if answer == "ok" else f"bind to ::1: {answer}"}


def target() -> dict[str, Any]:
    """Make system calls until killed; `trace` in another container watches."""
    file = os.open("/scratch/file", os.O_CREAT | os.O_WRONLY)
    while True:
        os.fsync(file)
        time.sleep(0.01)


def trace() -> dict[str, Any]:
    """Watch the `target` that shares this container's process namespace."""
    command = ("strace", "-qq", "-e", "trace=fsync", "-p", _find_target())
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        line = tracer.stderr.readline()
        tracer.terminate()
    return {"strace": "" if "fsync(" in line else line.strip() or "it showed nothing"}


def _find_target() -> str:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
            with contextlib.suppress(OSError), open(f"/proc/{process}/cmdline") as file:  # noqa: PTH123
                words = file.read().split("\0")
                if words[0] == "python3" and "target" in words:
                    return process
    raise TimeoutError("the process to watch did not show up")


def _lines(path: str) -> list[str]:
    with open(path) as file:  # noqa: PTH123
        return file.read().splitlines() or [""]


def _answer(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "ok"


def _open_socket(family: int, kind: int) -> None:
    socket.socket(family, kind).close()


def _reach() -> None:
    """Ask for a route to an address that documentation owns (RFC 5737). Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 9))


def _writable_mounts() -> list[str]:
    points = {line.split()[4] for line in _lines("/proc/self/mountinfo")}
    folders = (point for point in points if os.path.isdir(point))  # noqa: PTH112
    return sorted(point for point in folders if os.access(point, os.W_OK))


def _count_files() -> int:
    made = 0
    with contextlib.suppress(OSError):
        for path in _scratch_files():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            made += 1
    for path, _ in zip(_scratch_files(), range(made), strict=False):
        os.unlink(path)  # noqa: PTH108
    return made


def _scratch_files() -> Iterator[str]:
    return (f"/scratch/{number}" for number in range(100_000))


def _fill() -> int:
    """Bytes that fit into /scratch; stops well beyond what it should hold."""
    written = 0
    with contextlib.suppress(OSError), open("/scratch/fill", "wb", buffering=0) as file:  # noqa: PTH123
        while written < 64 * MIB:
            written += file.write(bytes(64 * 1024))
    return written


def _try(command: tuple[str, ...], text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0]
    return "" if done.returncode == 0 else said


def _undo(problem: str) -> str:
    if not problem:
        _try(("tc", "qdisc", "del", "dev", "lo", "root"))
    return problem


PROBES = {f.__name__: f for f in (confined, calls, busy, memory, network, ipv6, target, trace)}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]]()))
