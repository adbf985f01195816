"""Hypothesis strategy: small campuses of any shape that the map format allows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.campus_documents import Json, feature, rectangle

LEVELS = [
    {"id": "low", "name": "Low", "elevation_m": -3.5},
    {"id": "mid", "name": "Mid", "elevation_m": 0.0},
    {"id": "high", "name": "High", "elevation_m": 4.25},
]
PASSAGES = {"door": "door", "lift": "lift", "crossing": "crossing"}
_COORDINATE = st.floats(-500.0, 500.0, allow_nan=False)
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).map(
    lambda text: text.replace("~", "-")
)


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def _waypoints(draw: st.DrawFn) -> list[Json]:
    drawn: list[Json] = []
    used: set[str] = set()
    for number in range(draw(st.integers(2, 7))):
        role = draw(st.sampled_from(["junction", "bay", "dock", "bridge", "ramp", *PASSAGES]))
        level = draw(st.sampled_from([each["id"] for each in LEVELS]))
        properties: dict[str, Any] = {"level": level, "role": role}
        if role in PASSAGES and draw(st.booleans()):
            properties["passage"] = f"the_{role}"
            properties["level"] = level if role == "lift" else "mid"
        else:
            properties["resource"] = draw(_optional(_TEXT))
        name = draw(_optional(_TEXT))
        if name is not None and name not in used:
            properties["name"] = name
            used.add(name)
        properties["heading_deg"] = draw(_optional(st.floats(-720, 720)))
        at = [draw(_COORDINATE), draw(_COORDINATE)]
        drawn.append(feature(f"w{number}é", "waypoint", "Point", at, **properties))
    names = {each["properties"].get("name") for each in drawn}
    assert not names & {each["id"] for each in drawn}
    return drawn


def _joins(start: Json, end: Json) -> str | None:
    """What a lane between two waypoints has to be: "lift", "ramp" or "ground"; None: nothing."""
    a, b = start["properties"], end["properties"]
    if a["level"] == b["level"]:
        apart = start["geometry"]["coordinates"] != end["geometry"]["coordinates"]
        return "ground" if apart else None
    ride = a.get("passage") == "the_lift" == b.get("passage")
    return "lift" if ride else "ramp"


@st.composite
def _lanes(draw: st.DrawFn, waypoints: list[Json]) -> list[Json]:
    ends = [(a, b) for a in waypoints for b in waypoints if a is not b]
    drawn: list[Json] = []
    led: set[tuple[str, str]] = set()
    for start, end in draw(st.lists(st.sampled_from(ends), min_size=1, max_size=8)):
        joins = _joins(start, end)
        pair = (start["id"], end["id"])
        both = draw(st.booleans())
        if joins is None or pair in led or (both and pair[::-1] in led):
            continue
        points = [each["geometry"]["coordinates"] for each in (start, end)]
        if joins != "lift":
            corners = draw(st.lists(st.tuples(_COORDINATE, _COORDINATE), max_size=3))
            points[1:1] = [list(each) for each in corners]
        if joins == "ramp" and all(each == points[0] for each in points):
            continue
        led |= {pair, pair[::-1]} if both else {pair}
        properties = {
            "level": start["properties"]["level"],
            "from": start["id"],
            "to": end["id"],
            "direction": "both" if both else "forward",
            "width_m": draw(st.floats(0.1, 50.0)),
            "speed_limit_mps": draw(st.floats(0.05, 15.0)),
            "surface": draw(_TEXT),
            "slope": draw(st.floats(-1.0, 1.0)),
            "indoor": draw(st.booleans()),
            "kinds": draw(_optional(st.lists(st.sampled_from("abc"), min_size=1, unique=True))),
            "resource": draw(_optional(_TEXT)),
            "structure": draw(st.sampled_from(["bridge", "ramp", "underpass", None])),
        }
        if joins == "ramp":
            properties["structure"] = "ramp"
        drawn.append(feature(f"l{len(drawn)}/ü", "lane", "LineString", points, **properties))
    return drawn


@st.composite
def campus_documents(draw: st.DrawFn) -> Json:
    """A document with waypoints on three levels and at least one lane."""
    waypoints = draw(_waypoints())
    lanes = draw(_lanes(waypoints).filter(bool))
    levels = [each["id"] for each in LEVELS]
    return {
        "type": "FeatureCollection",
        "campus": {
            "format_version": 2,
            "id": "random",
            "name": draw(_TEXT),
            "timezone": "Asia/Shanghai",
            "anchor": {"latitude_deg": 30.25, "longitude_deg": 120.5, "bearing_deg": 12.5},
            "levels": LEVELS,
        },
        "features": [
            feature("house", "building", "Polygon", rectangle(0, 0, 5, 5), name="H", level="mid"),
            feature(
                "the_door",
                "door",
                "LineString",
                [[0, 1], [0, 2]],
                name="Door",
                level="mid",
                building="house",
            ),
            feature("the_lift", "lift", "Polygon", rectangle(1, 1, 2, 2), name="L", levels=levels),
            feature(
                "the_crossing", "crossing", "Polygon", rectangle(8, 8, 9, 9), name="C", level="mid"
            ),
            *waypoints,
            *lanes,
        ],
    }
