"""The system calls that a cell may make: a list of what programs need, all else refused.

Refused means EPERM, as a program on any locked-down host would see it. The engine's own default
profile is a list of what is known to be dangerous; it lets AF_VSOCK, AF_ALG, netlink and, on some
engines, io_uring through. This one is short enough to be read.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

ALLOWED: tuple[tuple[str, str], ...] = (
    (
        "read and write what is open",
        "read write readv writev pread64 pwrite64 preadv preadv2 pwritev pwritev2 lseek close "
        "close_range dup dup2 dup3 fcntl flock ioctl sendfile splice tee vmsplice copy_file_range "
        "fadvise64 readahead pipe pipe2",
    ),
    (
        "make what was written durable; not sync(2), which makes every cell of the host wait",
        "fsync fdatasync sync_file_range syncfs fallocate truncate ftruncate",
    ),
    (
        "names, folders and their attributes",
        "open openat openat2 creat stat lstat fstat newfstatat statx statfs fstatfs access "
        "faccessat faccessat2 getdents getdents64 readlink readlinkat getcwd chdir fchdir rename "
        "renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir "
        "mknod mknodat chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask utime "
        "utimes utimensat futimesat getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr "
        "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch",
    ),
    (
        "memory",
        "brk mmap munmap mremap mprotect madvise mincore msync mlock mlock2 munlock mlockall "
        "munlockall memfd_create membarrier",
    ),
    (
        "processes and threads (clone itself is below)",
        "fork vfork execve execveat exit exit_group wait4 waitid set_tid_address set_robust_list "
        "get_robust_list rseq futex futex_waitv restart_syscall arch_prctl prctl capget "
        "getpid getppid gettid getpgid getpgrp setpgid getsid setsid pidfd_open "
        "pidfd_send_signal",
    ),
    (
        "one's own identity: without capabilities these can only give rights up. The container's "
        "start needs them too",
        "getuid geteuid getgid getegid getgroups getresuid getresgid setuid setgid setresuid "
        "setresgid setreuid setregid setgroups setfsuid setfsgid capset",
    ),
    (
        "scheduling and limits, of one's own processes only",
        "sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler "
        "sched_get_priority_max sched_get_priority_min sched_rr_get_interval getpriority "
        "setpriority getcpu prlimit64 getrlimit setrlimit getrusage times",
    ),
    (
        "signals",
        "kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend "
        "rt_sigtimedwait rt_sigreturn rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack pause "
        "signalfd signalfd4",
    ),
    (
        "read clocks and wait; never set them",
        "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time alarm getitimer "
        "setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete "
        "timerfd_create timerfd_settime timerfd_gettime",
    ),
    (
        "wait for many things at once",
        "select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
        "epoll_pwait2 eventfd eventfd2",
    ),
    (
        "sockets, once socket(2) below has allowed their family",
        "bind connect listen accept accept4 getsockname getpeername setsockopt getsockopt sendto "
        "recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown",
    ),
    ("what the machine is, and random bytes", "uname sysinfo getrandom"),
)
"""A reason, and the calls it is for. A name that an architecture does not have is skipped."""

FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
"""The only socket families: no VSOCK to the hypervisor, no ALG, no netlink, no raw packets."""

NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""

ENOSYS = 38
ARCHITECTURES = ("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64")


def profile() -> dict[str, Any]:
    """The profile in the engine's JSON form. 32-bit calls are not a way around: they are killed."""
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "archMap": [{"architecture": name, "subArchitectures": []} for name in ARCHITECTURES],
        "syscalls": [
            *(_allow(calls.split(), reason) for reason, calls in ALLOWED),
            *(_allow([call], name, _equal(family)) for call, name, family in _families()),
            _allow(["clone"], "threads and children, no new namespace", _without(NEW_NAMESPACES)),
            # Its flags are behind a pointer, out of a filter's sight. ENOSYS sends libc to clone.
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS},
        ],
    }


@cache
def profile_json() -> str:
    """`profile` as the text that goes after `seccomp=` in a container's security options."""
    return json.dumps(profile(), separators=(",", ":"), sort_keys=True)


def _families() -> tuple[tuple[str, str, int], ...]:
    sockets = tuple(("socket", name, number) for name, number in FAMILIES.items())
    return (*sockets, ("socketpair", "AF_UNIX", FAMILIES["AF_UNIX"]))


def _allow(names: list[str], comment: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {
        "names": names,
        "action": "SCMP_ACT_ALLOW",
        "comment": comment,
        "args": list(conditions),
    }


def _equal(value: int) -> dict[str, Any]:
    return {"index": 0, "value": value, "op": "SCMP_CMP_EQ"}


def _without(mask: int) -> dict[str, Any]:
    return {"index": 0, "value": mask, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
