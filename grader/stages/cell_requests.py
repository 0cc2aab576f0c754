"""Carries out what the examiner asks of the cells, one request at a time."""

from __future__ import annotations

from typing import Any, assert_never

from grader.errors import GradeError
from grader.sandbox.cells import CellPool, Refused
from grader.stages import wire


def answer(message: wire.Request, pool: CellPool) -> bytes:
    """The reply to send. A refusal by the rules and a failure of the engine are told apart."""
    try:
        return wire.reply(message.request, _carry_out(message, pool))
    except Refused as refusal:
        return wire.refusal(message.request, str(refusal), "refused")
    except GradeError as error:
        return wire.refusal(message.request, error.message, "infra")


def _carry_out(message: wire.Request, pool: CellPool) -> dict[str, Any]:
    match message:
        case wire.Start():
            cell = pool.start(
                message.role,
                message.slot,
                message.arguments,
                message.environment,
                message.open_files,
                message.memory,
            )
            return {"cell": cell}
        case wire.SendSignal():
            pool.signal(message.cell, message.signal)
        case wire.StopCell():
            pool.stop(message.cell, message.why)
        case wire.Freeze():
            pool.freeze(message.cell)
        case wire.Thaw():
            pool.thaw(message.cell)
        case wire.Remove():
            pool.remove(message.cell)
        case wire.AskUsage():
            used = pool.usage(message.cell)
            return {
                "peak_memory": used.peak_memory,
                "cpu_time": used.cpu_time,
                "processes": used.processes,
            }
        case _:
            assert_never(message)
    return {}
