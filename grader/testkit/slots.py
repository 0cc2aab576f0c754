"""Slots: the folders that a program's cell and the examiner share, one program at a time."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.testkit.data_folder import DataFolder, wipe
from grader.testkit.hello import Place
from grader.testkit.problems import InfraFault


class Slot:
    """A data volume and a folder of FIFOs; both are empty when a case begins."""

    def __init__(self, place: Place) -> None:
        self.number = place.number
        self.data = DataFolder(place.data)
        self._data = place.data
        self._io = place.io
        self._mode = stat.S_IMODE(place.data.stat().st_mode)

    def fifo(self, name: str) -> Path:
        """A new FIFO, which the program's user may open; an old one of the name is replaced."""
        path = self._io / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        path.chmod(0o666)
        return path

    def wipe(self) -> None:
        """Make the slot as it was when the examiner began. Its program must be gone."""
        self.data = DataFolder(self._data)
        wipe(self._io)
        wipe(self._data)
        self._data.chmod(self._mode)


class Slots:
    """The slots that the host prepared; a case takes some, and all come back wiped."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        self._free = [Slot(place) for place in places]
        self._taken: list[Slot] = []

    def take(self) -> Slot:
        """Raises `InfraFault` when the case starts more programs than there are slots."""
        if not self._free:
            raise InfraFault(
                f"the case needs more than {len(self._taken)} programs at once, and the host "
                "prepared no more slots"
            )
        slot = self._free.pop(0)
        self._taken.append(slot)
        return slot

    def give_back_all(self) -> None:
        """Wipe what was taken. A slot that cannot be wiped is not used again."""
        taken, self._taken = self._taken, []
        try:
            while taken:
                taken[0].wipe()
                self._free.append(taken.pop(0))
        except OSError as error:
            raise InfraFault(f"slot {taken[0].number} cannot be wiped: {error}") from error
        finally:
            self._free.sort(key=lambda slot: slot.number)
