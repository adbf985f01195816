"""What the documents of the API have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=1000)]
Person = Annotated[str, Field(max_length=200, description="who asks, for the audit trail")]


class Asked(BaseModel):
    """What is sent to the API; a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(extra="forbid")


class Done(Answer):
    """It was done."""

    success: bool = True


class ProblemDocument(Answer):
    """RFC 9457, with a code for programs and a remedy for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str


class Responsible(Asked):
    """Who asks, and why."""

    by: Person = ""
    reason: Text = ""
