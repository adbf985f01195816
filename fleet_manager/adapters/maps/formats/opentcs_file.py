"""The XML of an openTCS plant model as named elements, without its meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element as XmlElement
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from fleet_manager.adapters.maps.formats.source_file import read_source
from fleet_manager.core.errors import MapFileError

VERSIONS = ("6", "7")
_REMEDY = "correct it in the plant overview of openTCS and save the model again"


@dataclass(frozen=True)
class Element:
    """An element of the model; every refusal names the file and the element."""

    file: Path
    xml: XmlElement

    @property
    def name(self) -> str:
        return self.text("name")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.xml.get(key, default)
        if value:
            return value
        raise self.error(f"it has no {key}")

    def number(self, key: str, default: float | None = None, finite: bool = True) -> float:
        text = self.xml.get(key)
        if text is None and default is not None:
            return default
        try:
            value = float(text or "")
        except ValueError:
            raise self.error(f"its {key} is {text!r}, not a number") from None
        if math.isinf(value) or (finite and math.isnan(value)):
            raise self.error(f"its {key} is {text!r}, not a number")
        return value

    def flag(self, key: str) -> bool:
        return self.xml.get(key, "false").strip().lower() == "true"

    def children(self, tag: str) -> list[Element]:
        return [Element(self.file, each) for each in self.xml.findall(tag)]

    def names_of(self, tag: str) -> list[str]:
        return [each.name for each in self.children(tag)]

    def properties(self) -> dict[str, str]:
        return {each.text("name"): each.xml.get("value", "") for each in self.children("property")}

    def error(self, problem: str) -> MapFileError:
        called = f" {self.xml.get('name')!r}" if self.xml.get("name") else ""
        return MapFileError(f"{self.file}: {self.xml.tag}{called}: {problem}", _REMEDY)


@dataclass(frozen=True)
class PlantModel:
    """A plant model by its elements' names.

    Attributes:
        scale: millimetres of the plant for one unit of the drawing, in x and y.
    """

    file: Path
    name: str
    points: Mapping[str, Element]
    paths: Mapping[str, Element]
    location_types: Mapping[str, Element]
    locations: Mapping[str, Element]
    blocks: Mapping[str, Element]
    vehicles: Mapping[str, Element]
    scale: tuple[float, float]

    def counts(self) -> dict[str, int]:
        """How many there are, by the names of the XML elements."""
        return {
            "point": len(self.points),
            "path": len(self.paths),
            "locationType": len(self.location_types),
            "location": len(self.locations),
            "block": len(self.blocks),
            "vehicle": len(self.vehicles),
        }

    def referred(
        self,
        among: Mapping[str, Element],
        element: Element,
        key: str,
        holder: Element | None = None,
    ) -> Element:
        """The element that another one names.

        Raises:
            MapFileError: there is none.
        """
        name = element.text(key)
        if name not in among:
            raise (holder or element).error(f"{key} names {name!r}, which the model does not have")
        return among[name]

    def error(self, problem: str, remedy: str = _REMEDY) -> MapFileError:
        return MapFileError(f"{self.file}: {problem}", remedy)


def read_model(file: Path) -> PlantModel:
    """The plant model in a file.

    Raises:
        MapFileError: it is not XML, declares entities or a document type, is no plant model of
            a version that is read, or uses a name twice.
    """
    root = _root(file)
    if root.tag != "model":
        raise MapFileError(
            f"{file}: its outermost element is {root.tag!r}, not 'model'",
            "give a plant model as openTCS saves it",
        )
    version = root.get("version", "")
    if version.partition(".")[0] not in VERSIONS:
        raise MapFileError(
            f"{file}: a plant model of version {version or 'unknown'}",
            "versions 6 and 7 are read; open it in openTCS 6 or 7 and save it",
        )
    top = Element(file, root)
    names: dict[str, str] = {}
    layouts = top.children("visualLayout")
    return PlantModel(
        file=file,
        name=root.get("name") or file.stem,
        points=_named(top, "point", names),
        paths=_named(top, "path", names),
        location_types=_named(top, "locationType", names),
        locations=_named(top, "location", names),
        blocks=_named(top, "block", names),
        vehicles=_named(top, "vehicle", names),
        scale=(layouts[0].number("scaleX", 50.0), layouts[0].number("scaleY", 50.0))
        if layouts
        else (50.0, 50.0),
    )


def _root(file: Path) -> XmlElement:
    try:
        root: XmlElement = fromstring(read_source(file), forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise MapFileError(
            f"{file}:{line}: not XML, {str(error).partition(':')[0]} at column {column + 1}",
            "correct it there, or save the model again",
        ) from error
    except DefusedXmlException as error:
        raise MapFileError(
            f"{file}: it declares a document type or entities, as no plant model does",
            "do not use this file unless you know where it comes from",
        ) from error
    except (ValueError, LookupError) as error:
        raise MapFileError(
            f"{file}: not XML, {error}", "give a plant model as openTCS saves it"
        ) from error
    return root


def _named(top: Element, tag: str, names: dict[str, str]) -> dict[str, Element]:
    """Elements by their names, which no other object of the model has."""
    found: dict[str, Element] = {}
    for element in top.children(tag):
        if element.name in names:
            raise element.error(f"a {names[element.name]} has this name too")
        names[element.name] = tag
        found[element.name] = element
    return found
