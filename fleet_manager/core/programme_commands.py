"""What can be asked of programmes."""

from __future__ import annotations

from msgspec import Struct

from fleet_manager.core.programme import ProgrammeSpec


class SaveProgramme(Struct, frozen=True):
    """Add a programme (`new`), change it (not `new`), or whichever it takes (None)."""

    spec: ProgrammeSpec
    new: bool | None = True
    by: str = ""


class DeleteProgramme(Struct, frozen=True):
    """Remove a programme; its tasks are cancelled."""

    programme_id: str
    by: str = ""


class PauseProgramme(Struct, frozen=True):
    """Have a programme patrol no more until it is resumed; its tasks are cancelled."""

    programme_id: str
    by: str = ""


class ResumeProgramme(Struct, frozen=True):
    """Let a paused programme patrol again."""

    programme_id: str
    by: str = ""
