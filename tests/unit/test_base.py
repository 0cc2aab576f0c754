"""How the base image is made where no registry answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox.base import TRIXIE, bootstrap_command

TARGET = Path("base.tar")


@pytest.mark.parametrize(
    ("user_id", "sudo", "prefix"),
    [
        (0, True, ("mmdebstrap",)),
        (0, False, ("mmdebstrap",)),
        (1000, True, ("sudo", "-n", "mmdebstrap")),
        (1000, False, ("mmdebstrap",)),
    ],
)
def test_sudo_is_used_where_it_is_needed_and_there(
    user_id: int, sudo: bool, prefix: tuple[str, ...]
) -> None:
    command = bootstrap_command(TRIXIE, TARGET, user_id=user_id, sudo=sudo)
    assert command[: len(prefix)] == prefix


def test_the_system_chooses_the_mirror() -> None:
    command = bootstrap_command(TRIXIE, TARGET, user_id=0, sudo=False)
    assert command[-2:] == ("trixie", "base.tar")
    assert not [word for word in command if "http" in word]
