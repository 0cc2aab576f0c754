"""The labels on everything we create in the engine, so that nothing of ours is ever lost there."""

from __future__ import annotations

RUN = "grade.run"
ROLE = "grade.role"
LEASE = "grade.lease"
HOST = "grade.host"


def of_run(run: str) -> dict[str, list[str]]:
    """The engine's filter for everything that one run made."""
    return {"label": [f"{RUN}={run}"]}


ANY_RUN: dict[str, list[str]] = {"label": [RUN]}
