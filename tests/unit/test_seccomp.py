"""The profile as a value: what is not on the list, and that the list can be read."""

from __future__ import annotations

import json

import pytest

from grader.sandbox.seccomp import ALLOWED, NEW_NAMESPACES, profile, profile_json

REASONS = {reason: calls.split() for reason, calls in ALLOWED}
CALLS = [call for calls in REASONS.values() for call in calls]

REFUSED_TEXT = """
io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key bpf userfaultfd
perf_event_open ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp mount
umount2 move_mount open_tree fsopen fsmount fspick mount_setattr pivot_root chroot unshare setns
name_to_handle_at open_by_handle_at clock_settime clock_adjtime settimeofday adjtimex kexec_load
kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct quotactl syslog
personality iopl ioperm modify_ldt fanotify_init lookup_dcookie nfsservctl vhangup sethostname
setdomainname sync socket socketpair clone clone3 shmget msgget semget mq_open
"""
REFUSED = REFUSED_TEXT.split()


@pytest.mark.parametrize("call", REFUSED)
def test_no_reason_lets_it_through(call: str) -> None:
    assert call not in CALLS


def test_every_group_has_a_reason_and_no_call_two() -> None:
    assert all(reason and calls for reason, calls in REASONS.items())
    assert len(CALLS) == len(set(CALLS))


def test_what_is_not_named_is_refused() -> None:
    assert profile()["defaultAction"] == "SCMP_ACT_ERRNO"
    assert json.loads(profile_json()) == profile()


def test_sockets_are_of_three_families_and_clone_makes_no_namespace() -> None:
    conditions = {
        (rule["names"][0], argument["value"], argument["op"])
        for rule in profile()["syscalls"]
        for argument in rule.get("args", ())
    }
    assert conditions == {
        ("socket", 1, "SCMP_CMP_EQ"),
        ("socket", 2, "SCMP_CMP_EQ"),
        ("socket", 10, "SCMP_CMP_EQ"),
        ("socketpair", 1, "SCMP_CMP_EQ"),
        ("clone", NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ"),
    }


def test_32_bit_calls_are_no_way_around() -> None:
    assert all(not entry["subArchitectures"] for entry in profile()["archMap"])
