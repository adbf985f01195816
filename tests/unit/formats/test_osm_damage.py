"""Damaged OpenStreetMap extracts are refused by place, each with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_manager.adapters.maps.formats import ImportOptions
from fleet_manager.adapters.maps.formats.osm import read
from fleet_manager.core.errors import MapFileError
from tests.unit.formats.osm_extracts import campus


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("</osm>", "", r"site\.osm:\d+: not XML"),
        ("<osm", "<model", r"not XML|'model'"),
        ('version="0.6"', 'version="0.5"', "version 0.5"),
        ('node id="3"', 'node id="three"', r"site\.osm:5: illegal id: 'three'"),
        ('lat="30', 'lat="north', r"site\.osm:3: wrong format for coordinate"),
        ('nd ref="1"', 'nd ref=""', "illegal id"),
        ("highway", "railway", "no way that robots may drive"),
    ],
)
def test_a_damaged_extract_is_refused_by_place(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    text = campus().xml()
    assert old in text
    file = tmp_path / "site.osm"
    count = -1 if old == "highway" else 1
    file.write_text(text.replace(old, new, count), encoding="utf-8")
    with pytest.raises(MapFileError, match=problem) as refused:
        read(file, ImportOptions(campus_id="site"))
    assert str(file) in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 999, b"\x1f\x8bnothing", b"BZh9x"])
def test_what_is_no_extract_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "site.osm"
    file.write_bytes(content)
    with pytest.raises(MapFileError, match=r"site\.osm") as refused:
        read(file, ImportOptions(campus_id="site"))
    assert refused.value.remedy


def test_a_pbf_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    file = campus().write(tmp_path / "site.osm.pbf")
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(MapFileError, match=r"site\.osm\.pbf: it cannot be read.*EOF"):
        read(file, ImportOptions(campus_id="site"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapFileError, match="does not exist"):
        read(tmp_path / "none.osm", ImportOptions(campus_id="site"))
