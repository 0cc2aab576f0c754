"""Two threads beside a run: one hears the engine's events, one measures cells and stops them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from grader.errors import GradeError, InfraError
from grader.sandbox.engine import Engine, docker_errors
from grader.sandbox.labels import RUN

INTERVAL = 0.2


class EventWatch:
    """Calls `on_event(action, container id, attributes)` for each `die` and `oom` of a run.

    `problem` is set when the stream of events ends before `close`: from then on nothing about the
    run's containers can be trusted.
    """

    def __init__(
        self, engine: Engine, run: str, on_event: Callable[[str, str, dict[str, str]], None]
    ) -> None:
        self.problem: GradeError | None = None
        self._closing = False
        self._on_event = on_event
        filters = {"type": "container", "event": ["die", "oom"], "label": [f"{RUN}={run}"]}
        with docker_errors("listening to events"):
            self._events: Any = engine.client.api.events(decode=True, filters=filters)
        self._thread = threading.Thread(target=self._listen, name="grade-events", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._events.close()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        try:
            with docker_errors("listening to events"):
                for event in self._events:
                    actor = event["Actor"]
                    self._on_event(event["Action"], actor["ID"], actor.get("Attributes") or {})
        except GradeError as error:
            self.problem = error
        except Exception as error:  # a watcher that dies unheard would leave every limit unwatched
            self.problem = InfraError("events-lost", f"the engine's events stopped: {error}")
        else:
            self.problem = InfraError("events-lost", "the engine's events stopped")
        if self._closing:
            self.problem = None


class Ticker:
    """Calls `tick` every `INTERVAL` seconds until closed; keeps the first problem of ours."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.problem: GradeError | None = None
        self._tick = tick
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="grade-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL):
            try:
                self._tick()
            except GradeError as error:
                self.problem = self.problem or error
            except Exception as error:  # as above
                what = f"cells are watched no more: {type(error).__name__}: {error}"
                self.problem = self.problem or InfraError("watch-broken", what)
