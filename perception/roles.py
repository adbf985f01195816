"""What a detected thing means to the campus, whatever a model calls it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Roles of model classes; the manager's rules speak of these alone."""

    PERSON = "person"
    PERSON_DOWN = "person_down"
    VEHICLE = "vehicle"
    LITTER = "litter"
    SPILL = "spill"
    SMOKE = "smoke"
    FIRE = "fire"
    EXTINGUISHER = "extinguisher"
    DOOR_OPEN = "door_open"


PEOPLE = frozenset({Role.PERSON, Role.PERSON_DOWN})
"""Roles whose picture is somebody's."""

ON_THE_GROUND = frozenset(Role) - {Role.SMOKE, Role.FIRE, Role.EXTINGUISHER}
"""Roles whose box ends where the thing stands; the others may hang, climb or rise."""
