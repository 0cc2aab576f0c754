"""Builds that need not be done again: artifacts by sha256, results by what went into them."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grader.errors import StoreError
from grader.model.results import Artifact, BuildResult


@dataclass(frozen=True, slots=True)
class BuildCache:
    """A folder that any number of processes may share: files appear whole or not at all."""

    folder: Path

    def find(self, key: str) -> BuildResult | None:
        """The result stored under `key`, if its artifact is still whole."""
        try:
            result = BuildResult.model_validate_json(self._result(key).read_bytes())
        except (OSError, ValidationError):
            return None
        if result.artifact is not None and self.read(result.artifact) is None:
            return None
        return result.model_copy(update={"cached": True})

    def keep(self, key: str, result: BuildResult) -> None:
        self._write(self._result(key), result.model_dump_json().encode())

    def store(self, data: bytes) -> Artifact:
        """Keep `data` under its sha256. It is never parsed or executed on this host."""
        artifact = Artifact(digest=hashlib.sha256(data).hexdigest(), size=len(data))
        self._write(self._artifact(artifact), data)
        return artifact

    def load(self, artifact: Artifact) -> bytes:
        """The bytes of `artifact`; StoreError when they are gone or changed."""
        data = self.read(artifact)
        if data is None:
            raise StoreError(
                "artifact-lost",
                f"the built program {artifact.digest[:12]} is gone from {self.folder} or changed",
                hint="run the command again with --no-cache",
            )
        return data

    def read(self, artifact: Artifact) -> bytes | None:
        try:
            data = self._artifact(artifact).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == artifact.digest else None

    def _result(self, key: str) -> Path:
        return self.folder / "builds" / f"{key}.json"

    def _artifact(self, artifact: Artifact) -> Path:
        return self.folder / "artifacts" / artifact.digest

    def _write(self, path: Path, data: bytes) -> None:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with draft.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                "cache-write",
                f"cannot write to the cache {self.folder}: {error.strerror or error}",
                hint="free disk space there, or name another folder in GRADE_CACHE",
            ) from error
