"""What every value of the model has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that refuses unknown keys, so that a misspelt key is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
