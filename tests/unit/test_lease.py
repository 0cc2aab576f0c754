"""A lease lives exactly as long as its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import StoreError
from grader.sandbox.lease import FIRST_UID, UIDS_PER_RUN, hold_lease, is_held

HOLD = """
import sys
from pathlib import Path
from grader.sandbox.lease import hold_lease
with hold_lease("run1", Path(sys.argv[1])) as lease:
    print(lease.first_uid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_lease_is_held_until_its_process_is_killed(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with holder:
        assert holder.stdout is not None
        assert int(holder.stdout.readline()) == FIRST_UID
        path = tmp_path / "leases" / "run1.lock"
        assert is_held(path)
        holder.kill()
        holder.wait()
        assert not is_held(path)


def test_live_runs_share_no_user_id(tmp_path: Path) -> None:
    with hold_lease("a", tmp_path) as first, hold_lease("b", tmp_path) as second:
        assert second.first_uid - first.first_uid >= UIDS_PER_RUN


def test_user_ids_are_lent_again(tmp_path: Path) -> None:
    with hold_lease("a", tmp_path) as first:
        pass
    with hold_lease("b", tmp_path) as second:
        assert second.first_uid == first.first_uid


def test_a_lease_that_ended_leaves_no_file(tmp_path: Path) -> None:
    with hold_lease("a", tmp_path) as lease:
        assert lease.path.exists()
    assert not lease.path.exists()
    assert not is_held(lease.path)


def test_a_state_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="GRADE_STATE"), hold_lease("a", tmp_path / "file"):
        pass


@pytest.mark.parametrize("place", ["leases", "uids/0.lock"], ids=["no-folder", "no-file"])
def test_a_state_folder_that_takes_no_files_is_named(tmp_path: Path, place: str) -> None:
    if place == "leases":
        (tmp_path / place).write_text("")
    else:
        (tmp_path / place).mkdir(parents=True)
    with pytest.raises(StoreError, match="GRADE_STATE") as caught, hold_lease("run1", tmp_path):
        pass
    assert caught.value.code == "state-folder"
