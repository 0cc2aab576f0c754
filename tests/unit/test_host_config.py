"""Container settings, compared with goldens and with the rules that no role may break."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.host_config import Mount, Role, Settings, Volume, create_arguments, host_config

HOSTILE = (Role.BUILD, Role.EXTRACT, Role.RUN)


def settings(role: Role, **changes: Any) -> Settings:
    defaults: dict[str, Any] = {
        "role": role,
        "image": "sha256:1",
        "command": ("true",),
        "uid": 200_003,
        "memory": 256 << 20,
        "cpus": 1.5,
        "processes": 64,
        "scratch": 1 << 20,
        "labels": (("grade.run", "r"),),
    }
    return Settings(**(defaults | changes))


def test_a_run_cell_is_exactly_this() -> None:
    config = host_config(settings(Role.RUN, mounts=(Mount("v", "/app", read_only=True),)))
    security = config.pop("SecurityOpt")
    assert security[0] == "no-new-privileges:true"
    assert security[1].startswith('seccomp={"')
    assert config == {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "Privileged": False,
        "CapDrop": ["ALL"],
        "CapAdd": [],
        "Init": True,
        "IpcMode": "private",
        "PidMode": "",
        "ShmSize": 8388608,
        "Tmpfs": {
            "/scratch": "rw,nosuid,nodev,exec,size=1048576,nr_inodes=20000,"
            "mode=0700,uid=200003,gid=200003",
            "/tmp": "rw,nosuid,nodev,noexec,size=67108864,nr_inodes=4000,mode=1777",
        },
        "Memory": 268435456,
        "MemorySwap": 268435456,
        "NanoCpus": 1500000000,
        "PidsLimit": 64,
        "Ulimits": [
            {"Name": "nofile", "Soft": 1024, "Hard": 1024},
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "fsize", "Soft": 67108864, "Hard": 67108864},
            {"Name": "stack", "Soft": 8388608, "Hard": 67108864},
            {"Name": "memlock", "Soft": 65536, "Hard": 65536},
        ],
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "AutoRemove": False,
        "Sysctls": {},
        "Mounts": [
            {
                "Type": "volume",
                "Source": "v",
                "Target": "/app",
                "ReadOnly": True,
                "VolumeOptions": {"NoCopy": True},
            }
        ],
    }


@pytest.mark.parametrize("role", list(Role))
def test_no_role_is_privileged_or_reaches_the_host(role: Role) -> None:
    config = host_config(settings(role))
    assert config["Privileged"] is False
    assert config["ReadonlyRootfs"] is True
    assert config["CapDrop"] == ["ALL"]
    assert config["NetworkMode"] == "none"
    assert config["Memory"] == config["MemorySwap"]
    assert "Binds" not in config
    assert {mount["Type"] for mount in config["Mounts"]} <= {"volume"}


@pytest.mark.parametrize("role", HOSTILE)
def test_what_sees_candidate_bytes_has_no_capability_and_our_seccomp_profile(role: Role) -> None:
    config = host_config(settings(role))
    assert config["CapAdd"] == []
    assert any(option.startswith("seccomp=") for option in config["SecurityOpt"])


@pytest.mark.parametrize("role", list(Role))
def test_no_environment_is_inherited(role: Role) -> None:
    arguments = create_arguments(settings(role, environment=(("DUNE_CACHE", "disabled"),)))
    assert arguments["environment"] == {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/scratch/home",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "DUNE_CACHE": "disabled",
    }


def test_a_joined_network_namespace_brings_its_own_host_name() -> None:
    assert "hostname" not in create_arguments(settings(Role.RUN, network="container:abc"))
    assert create_arguments(settings(Role.RUN))["hostname"] == "box"


def test_a_volume_is_memory_with_a_size_and_a_count_of_files() -> None:
    volume = Volume("v", size=1 << 20, inodes=50, uid=200_001, labels=(("grade.run", "r"),))
    assert volume.create_arguments() == {
        "name": "v",
        "driver": "local",
        "driver_opts": {
            "type": "tmpfs",
            "device": "tmpfs",
            "o": "size=1048576,nr_inodes=50,uid=200001,gid=200001,mode=0700",
        },
        "labels": {"grade.run": "r"},
    }
