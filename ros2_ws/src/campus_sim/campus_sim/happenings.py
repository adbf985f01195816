"""What happens on the simulated campus: people fall, things burn, things of the map are gone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from campus_sim.configuration import ConfigurationError
from fleet_manager.core.campus import Campus
from perception.scenes.scene import Kind, Person, Posture, Thing

PERSON = "person"
MISSING = "missing"
KINDS = (PERSON, MISSING, *(kind.value for kind in Kind))
KEYS = {
    *("kind", "x_m", "y_m", "level", "heading_deg", "from_s", "until_s"),
    *("posture", "size", "look", "asset"),
}


@dataclass(frozen=True)
class Happening:
    """Something that is there for a while.

    Attributes:
        what: who or what is there; None: something of the map is not.
        asset: which that is.
        from_s, until_s: simulated seconds of the run.
    """

    what: Person | Thing | None
    level: str
    from_s: float = 0.0
    until_s: float = math.inf
    asset: str = ""

    def is_on(self, now_s: float, level: str) -> bool:
        """Whether it is there at a time on a level."""
        return self.level == level and self.from_s <= now_s < self.until_s


def load_happenings(path: Path, campus: Campus) -> list[Happening]:
    """The happenings of a YAML file: a list, each with `kind` and where and when.

    Raises:
        ConfigurationError: it cannot be read, or an entry of it is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}", "check --happenings") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not YAML ({error})", "correct it there") from None
    if not isinstance(content, list):
        raise ConfigurationError(f"{path}: no list", "write a list of happenings")
    return [_happening(each, f"{path}: number {n}", campus) for n, each in enumerate(content, 1)]


def _happening(given: Any, where: str, campus: Campus) -> Happening:
    if not isinstance(given, Mapping) or given.get("kind") not in KINDS:
        raise ConfigurationError(
            f"{where}: no kind that is known", f"give one of {', '.join(KINDS)}"
        )
    unknown = set(given) - KEYS
    if unknown:
        remedy = f"the keys are {', '.join(sorted(KEYS))}"
        raise ConfigurationError(f"{where}: unknown {', '.join(sorted(unknown))}", remedy)
    times = _real(given, "from_s", where, 0.0), _real(given, "until_s", where, math.inf)
    if given["kind"] == MISSING:
        asset = str(given.get("asset"))
        if asset not in campus.assets:
            raise ConfigurationError(f"{where}: the map has no asset {asset}", "give its id")
        return Happening(None, campus.assets[asset].level, *times, asset)
    x_m, y_m = _real(given, "x_m", where), _real(given, "y_m", where)
    heading = math.radians(_real(given, "heading_deg", where, 0.0))
    look, level = int(_real(given, "look", where, 0.0)), str(given.get("level"))
    if level not in campus.levels:
        remedy = f"the levels are {', '.join(campus.levels)}"
        raise ConfigurationError(f"{where}: no level {level}", remedy)
    if given["kind"] == PERSON:
        posture = str(given.get("posture", Posture.STANDING.value))
        if posture not in list(Posture):
            remedy = f"the postures are {', '.join(Posture)}"
            raise ConfigurationError(f"{where}: no posture {posture}", remedy)
        person = Person(x_m, y_m, heading, Posture(posture), 0.25, look)
        return Happening(person, level, *times)
    size = _real(given, "size", where, 1.0)
    thing = Thing(Kind(given["kind"]), x_m, y_m, heading, size=size, look=look)
    return Happening(thing, level, *times)


def _real(given: Mapping[str, Any], key: str, where: str, usual: float | None = None) -> float:
    value = given.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ConfigurationError(f"{where}: {key} is {value!r}", "give a number")
    return float(value)
