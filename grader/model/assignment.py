"""An assignment as its pack declares it: `assignment.toml` and `rubric.toml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from grader.model.base import Value
from grader.model.limits import Limits

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A name fit for folders, URLs and Docker labels."""

RelativePath = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$", max_length=200),
]
"""A path inside a tree: no leading slash, and no part that starts with a dot."""


class BuildSettings(Value):
    """How the submission becomes a program: `dune build --root . --profile release ARTIFACT`."""

    layout: Literal["dune"] = "dune"
    artifact: RelativePath
    profile: Literal["release", "dev"] = "release"


class RunSettings(Value):
    """How the program is started when a suite does not say otherwise.

    `arguments` may use `{port}` and `{data}`; `environment` is all the program gets beside PATH,
    HOME, TMPDIR and LANG. `reference` names a solution (`accepted/model`) that suites may start.
    """

    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = Field(default_factory=dict)
    reference: RelativePath | None = None


class Assignment(Value):
    """`assignment.toml`."""

    format: Literal[1]
    id: Slug
    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(min_length=1, max_length=400)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    sandbox: Slug = "ocaml"
    time_box: str = ""
    pass_mark: float = Field(ge=0, le=100)
    build: BuildSettings
    run: RunSettings = RunSettings()
    limits: Limits = Limits()


class CriterionKind(StrEnum):
    AUTOMATIC = "automatic"
    REVIEWED = "reviewed"


class Gate(Value):
    """The criterion scores only where `criterion` reached `at_least` percent of its points."""

    criterion: Slug
    at_least: float = Field(ge=0, le=100)


class Criterion(Value):
    """One line of `rubric.toml`.

    An automatic criterion has points and cases; a reviewed one has four anchored levels for a
    person and no points. `look_at` tells the reviewer where in the repository to look.
    """

    id: Slug
    title: str = Field(min_length=1, max_length=80)
    kind: CriterionKind = CriterionKind.AUTOMATIC
    points: float = Field(default=0.0, ge=0)
    about: str = ""
    look_at: str = ""
    gate: Gate | None = None
    levels: tuple[str, ...] = ()


class Rubric(Value):
    """`rubric.toml`."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)
