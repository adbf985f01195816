"""openTCS plant models: what each element becomes, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_manager.adapters.maps.formats import Imported, ImportOptions
from fleet_manager.adapters.maps.formats.opentcs import read
from fleet_manager.core.campus import Campus, Role
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFileError

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<model version="6.0.0" name="Werk Süd">
  <point name="A" positionX="0" positionY="0" vehicleOrientationAngle="NaN" type="HALT_POSITION"/>
  <point name="B" positionX="10000" positionY="0" vehicleOrientationAngle="90.0"
         type="PARK_POSITION"/>
  <point name="C" positionX="10000" positionY="10000" type="HALT_POSITION"/>
  <path name="A-B" sourcePoint="A" destinationPoint="B" length="10000" maxVelocity="1500"
        maxReverseVelocity="500" locked="false"/>
  <path name="B-C" sourcePoint="B" destinationPoint="C" length="10000" maxVelocity="1000"
        maxReverseVelocity="0" locked="false"/>
  <path name="C-B" sourcePoint="C" destinationPoint="B" length="10000" maxVelocity="800"
        maxReverseVelocity="0" locked="false"/>
  <path name="C-A" sourcePoint="C" destinationPoint="A" length="14142" maxVelocity="1000"
        maxReverseVelocity="0" locked="true"/>
  <locationType name="Station"><allowedOperation name="CHARGE"/></locationType>
  <location name="Ladestation" positionX="0" positionY="0" type="Station" locked="false">
    <link point="C"/>
  </location>
  <block name="Engstelle" type="SINGLE_VEHICLE_ONLY"><member name="A-B"/></block>
  <block name="Einbahn" type="SAME_DIRECTION_ONLY"><member name="B-C"/></block>
</model>
"""


def imported(tmp_path: Path, text: str = MODEL) -> Imported:
    file = tmp_path / "plant.xml"
    file.write_text(text, encoding="utf-8")
    return read(file, ImportOptions(campus_id="werk"))


def campus_of(tmp_path: Path, text: str = MODEL) -> Campus:
    return campus_from_geojson(imported(tmp_path, text).document)


def test_points_become_waypoints_in_metres(tmp_path: Path) -> None:
    campus = campus_of(tmp_path)
    assert campus.name == "Werk Süd"
    assert {each.id: (*each.xy, each.role) for each in campus.waypoints.values()} == {
        "A": (0.0, 0.0, Role.JUNCTION),
        "B": (10.0, 0.0, Role.BAY),
        "C": (10.0, 10.0, Role.DOCK),
    }
    assert campus.waypoints["B"].heading_rad == pytest.approx(1.5708, abs=1e-4)
    assert campus.waypoints["C"].name == "Ladestation"


def test_a_path_with_a_reverse_velocity_is_driven_both_ways_at_the_lower_one(
    tmp_path: Path,
) -> None:
    campus = campus_of(tmp_path)
    assert campus.lanes["A-B"].reverse == "A-B~"
    assert campus.lanes["A-B~"].speed_limit_mps == 0.5


def test_two_paths_on_one_line_are_one_lane(tmp_path: Path) -> None:
    campus = campus_of(tmp_path)
    assert {lane.feature_id for lane in campus.lanes.values()} == {"A-B", "B-C"}
    assert campus.lanes["B-C"].reverse == "B-C~"
    assert campus.lanes["B-C"].speed_limit_mps == 0.8


def test_locked_paths_and_blocks_for_one_direction_are_named_in_notes(tmp_path: Path) -> None:
    notes = {each.elements: each.message for each in imported(tmp_path).notes}
    assert "locked" in notes[("C-A",)]
    assert "one direction" in notes[("Einbahn",)]


def test_a_block_is_one_resource(tmp_path: Path) -> None:
    assert campus_of(tmp_path).lanes["A-B"].resource == "block_Engstelle"


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE model [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        '<model version="6.0.0" name="&b;"/>'
    )
    with pytest.raises(MapFileError, match="declares a document type or entities"):
        imported(tmp_path, bomb)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("</model>", "", r"plant\.xml:22: not XML"),
        ('version="6.0.0"', 'version="4.1"', "version 4.1"),
        ("<model", "<map", "not XML"),
        ('destinationPoint="B" length="10000" max', 'destinationPoint="X" max', "'X', which"),
        ('positionX="10000" positionY="0"', 'positionX="east" positionY="0"', "'B'.*'east'"),
        ('positionX="10000" positionY="0"', 'positionX="1e15" positionY="0"', "further than"),
        ('point name="C"', 'point name="B"', "'B': a point has this name too"),
        ('type="Station"', 'type="Nothing"', "'Ladestation': type names 'Nothing'"),
        ('member name="A-B"', 'member name="A-Z"', "'Engstelle': name names 'A-Z'"),
        ('link point="C"', "link", "link: it has no point"),
    ],
)
def test_a_wrong_model_is_refused_by_name(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in MODEL
    with pytest.raises(MapFileError, match=problem) as refused:
        imported(tmp_path, MODEL.replace(old, new, 1))
    assert refused.value.remedy
