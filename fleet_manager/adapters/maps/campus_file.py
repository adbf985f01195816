"""Reads a campus from its folder: JSON, then the campus, then the schema of the file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from fleet_manager.adapters.maps.yaml_file import read_text
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFileError, MapFormatError

MAP_FILE = "campus.geojson"
LARGEST_BYTES = 32_000_000
"""A campus of 10,000 waypoints has about 10 MB."""
_ID = re.compile(r"[^~\s]+")


def load_campus(path: Path) -> Campus:
    """The campus in a folder (its `campus.geojson`) or in a file.

    Raises:
        MapFileError: the file is missing, cannot be read, is not JSON, or breaks the format;
            names the file and the line or the feature.
    """
    file = path / MAP_FILE if path.is_dir() else path
    document = read_document(file)
    try:
        campus = campus_from_geojson(document)
        check_schema(document)
    except MapFormatError as error:
        raise MapFileError(f"{file}: {error}", error.remedy) from error
    return campus


def read_document(file: Path) -> Mapping[str, Any]:
    """The JSON object in a file.

    Raises:
        MapFileError: the file is missing, cannot be read, or holds no JSON object.
    """
    text = read_text(file, LARGEST_BYTES)
    if text.lstrip(" \t\r\n")[:1] != "{":  # said before the whole of it is parsed
        raise MapFileError(f"{file}: not a JSON object", "write a GeoJSON FeatureCollection")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise MapFileError(
            f"{file}:{error.lineno}: not JSON, {error.msg} at column {error.colno}",
            "correct the JSON there",
        ) from error
    except (ValueError, RecursionError) as error:
        raise MapFileError(
            f"{file}: not JSON of a map, {error}", "check that it is the right file"
        ) from error
    if not isinstance(document, dict):
        raise MapFileError(f"{file}: not a JSON object", "write a GeoJSON FeatureCollection")
    return document


def check_schema(document: Mapping[str, Any]) -> None:
    """Hold a document that has been read already to campus.schema.json.

    The typed readers have judged every value of a feature by then; the whole schema is asked
    only about features with a property or an id that it may not know, because it takes a hundred
    times as long.

    Raises:
        MapFormatError: it breaks the schema; names the feature and the property.
    """
    head, kinds = _validators()
    _check(head, {**document, "features": []}, "the map", "")
    for feature in document["features"]:
        kind = kinds[feature["properties"]["feature"]]
        if not kind.is_plain(feature):
            _check(kind.validator, feature, f"feature {feature['id']!r}", feature["id"])


@dataclass(frozen=True)
class _Kind:
    """The schema of one kind of feature, and the properties that it knows."""

    validator: Draft202012Validator
    properties: frozenset[str]

    def is_plain(self, feature: Mapping[str, Any]) -> bool:
        """Whether nothing of a feature is left to be judged after it has been read."""
        return (
            feature.get("type") == "Feature"
            and _ID.fullmatch(feature["id"]) is not None
            and feature["properties"].keys() <= self.properties
        )


def _check(validator: Draft202012Validator, value: Any, subject: str, feature_id: str) -> None:
    if validator.is_valid(value):
        return
    error = best_match(validator.iter_errors(value))
    where = ".".join(str(each) for each in error.absolute_path)
    raise MapFormatError(
        f"{subject}: {where + ': ' if where else ''}{error.message}",
        "docs/map-format.md describes every property",
        feature_id,
    )


@cache
def _validators() -> tuple[Draft202012Validator, dict[str, _Kind]]:
    """For a document without features, and for a feature of each kind.

    A feature is held to the schema of its kind alone: the whole schema asks each feature about
    all kinds and takes four times as long.
    """
    text = files(__package__).joinpath("campus.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    kinds = schema["properties"]["features"]["items"]["allOf"][0]["properties"]["properties"]
    names = kinds["properties"]["feature"]["enum"]
    return Draft202012Validator(schema), {name: _kind(schema, name) for name in names}


def _kind(schema: Mapping[str, Any], name: str) -> _Kind:
    known = schema["$defs"][name]["properties"]["properties"]["properties"]
    validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
    return _Kind(validator, frozenset(known))
