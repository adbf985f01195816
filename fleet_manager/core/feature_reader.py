"""Takes typed values out of a GeoJSON feature; every refusal names the feature and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from shapely.geometry import Polygon
from shapely.validation import explain_validity

from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class FeatureReader:
    """Takes typed values out of a feature; every refusal names the feature and the property."""

    feature_id: str
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None = None
    level_ids: tuple[str, ...] = ()

    def fail(self, problem: str, remedy: str) -> MapFormatError:
        subject = f"feature {self.feature_id!r}" if self.feature_id else "the map"
        return MapFormatError(f"{subject}: {problem}", remedy, self.feature_id)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.properties.get(key, default)
        if isinstance(value, str) and (value or default == ""):
            return value
        raise self.fail(f"{key} is {shown(value)}", f"give it a text as {key}")

    def optional_text(self, key: str) -> str | None:
        return None if self.properties.get(key) is None else self.text(key)

    def number(
        self,
        key: str,
        least: float = -math.inf,
        most: float = math.inf,
        default: float | None = None,
    ) -> float:
        return self.checked(key, self.properties.get(key, default), least, most)

    def checked(self, key: str, value: Any, least: float, most: float) -> float:
        if is_number(value) and least <= value <= most:
            return float(value)
        bounds = f" from {least:g} to {most:g}" if math.isfinite(least) else ""
        raise self.fail(f"{key} is {shown(value)}", f"give it a number{bounds} as {key}")

    def flag(self, key: str, default: bool) -> bool:
        value = self.properties.get(key, default)
        if isinstance(value, bool):
            return value
        raise self.fail(f"{key} is {shown(value)}", f"write true or false as {key}")

    def optional_angle(self, key: str) -> float | None:
        """An angle that is given in degrees, in radians from -pi to pi; None: it is not given."""
        if self.properties.get(key) is None:
            return None
        return math.remainder(math.radians(self.number(key)), math.tau)

    def texts(self, key: str) -> frozenset[str] | None:
        """A list of texts; None: it is not given."""
        value = self.properties.get(key)
        if value is None:
            return None
        listed = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
        if listed and all(isinstance(each, str) and each for each in value):
            return frozenset(value)
        raise self.fail(f"{key} is {shown(value)}", f"list texts as {key}, or leave it out")

    def choices(self, key: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """A list of choices, at least one."""
        known = {each.value: each for each in choices}
        given = self.texts(key) or frozenset()
        if not given or not given <= known.keys():
            raise self.fail(
                f"{key} is {shown(self.properties.get(key))}", f"list some of {', '.join(choices)}"
            )
        return tuple(known[each] for each in sorted(given))

    def levels(self, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Ids of levels, lowest first; each once."""
        value = self.properties.get("levels", default)
        listed = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
        if not listed or any(each not in self.level_ids for each in value):
            raise self.fail(
                f"levels is {shown(value)}", f"list some of {', '.join(self.level_ids)}"
            )
        order = list(self.level_ids)
        return tuple(sorted(set(value), key=order.index))

    def choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        value = self.properties.get(key, default)
        for each in choices:
            if each.value == value:
                return each
        raise self.fail(f"{key} is {shown(value)}", f"choose one of {', '.join(choices)}")

    def level(self) -> str:
        value = self.text("level")
        if value in self.level_ids:
            return value
        raise self.fail(
            f"level {value!r} is not in campus.levels",
            f"use one of {', '.join(self.level_ids)} or add it there",
        )

    def coordinates(self, kind: str) -> Any:
        geometry = self.geometry or {}
        if geometry.get("type") != kind:
            raise self.fail(f"geometry is {shown(geometry.get('type'))}", f"draw it as a {kind}")
        return geometry.get("coordinates")

    def point(self) -> Xy:
        return self._xy(self.coordinates("Point"))

    def line(self) -> tuple[Xy, ...]:
        points = self._points(self.coordinates("LineString"))
        if len(points) < 2:
            raise self.fail("the line has fewer than two points", "draw both ends of it")
        return points

    def polygon(self) -> Polygon:
        rings = self.coordinates("Polygon")
        if not isinstance(rings, Sequence) or not rings:
            raise self.fail("the polygon has no ring", "draw its outline")
        shells = [self._points(ring) for ring in rings]
        for ring in shells:
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise self.fail(
                    "a ring of the polygon is not closed",
                    "give at least three corners and repeat the first as the last",
                )
        polygon = Polygon(shells[0], shells[1:])
        if not polygon.is_valid:
            raise self.fail(
                f"the polygon is not valid: {explain_validity(polygon)}",
                "draw an outline that does not cross itself, with its holes inside",
            )
        return polygon

    def _points(self, coordinates: Any) -> tuple[Xy, ...]:
        if not isinstance(coordinates, Sequence) or isinstance(coordinates, str):
            raise self.fail(f"coordinates are {shown(coordinates)}", "give a list of positions")
        return tuple(self._xy(each) for each in coordinates)

    def _xy(self, position: Any) -> Xy:
        pair = isinstance(position, Sequence) and len(position) in {2, 3}
        if pair and all(is_number(each) for each in position):
            return (float(position[0]), float(position[1]))
        raise self.fail(
            f"a position is {shown(position)}", "write it as [x_m, y_m], metres east and north"
        )


def mapping_of(holder: Mapping[str, Any], key: str, feature_id: str) -> Mapping[str, Any]:
    value = holder.get(key)
    if isinstance(value, Mapping):
        return value
    subject = f"feature {feature_id!r}" if feature_id else "the map"
    raise MapFormatError(
        f"{subject}: {key} is {shown(value)}", f"give it an object as {key}", feature_id
    )


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:60]
