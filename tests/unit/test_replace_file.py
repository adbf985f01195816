"""Files that are written at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.core.errors import MapFileError


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "campus.geojson"
    assert replace_file(file, [b"one", b"two"]) == 6
    assert file.read_bytes() == b"onetwo"
    assert replace_file(file, [b"three"]) == 5
    assert file.read_bytes() == b"three"
    assert [each.name for each in file.parent.iterdir()] == ["campus.geojson"]


def test_what_breaks_off_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "map.png"
    file.write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(MapFileError, match=r"map\.png cannot be written: No space left") as refused:
        replace_file(file, pieces())
    assert "disk" in refused.value.remedy
    assert file.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["map.png"]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    real = tmp_path / "kept" / "campus.geojson"
    real.write_bytes(b"old")
    folder = tmp_path / "site"
    folder.symlink_to(tmp_path / "kept", target_is_directory=True)
    link = tmp_path / "link.geojson"
    link.symlink_to(real)
    replace_file(link, [b"new"])
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    replace_file(folder / "campus.geojson", [b"newer"])
    assert real.read_bytes() == b"newer"
    assert sorted(each.name for each in (tmp_path / "kept").iterdir()) == ["campus.geojson"]


def test_what_is_no_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.png").mkdir()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (
        tmp_path / "file" / "a.png",
        tmp_path / "folder.png",
        loop / "a.png",
        Path("/proc/a.png"),
        tmp_path / ("a" * 300),
    ):
        with pytest.raises(MapFileError, match="cannot be written"):
            replace_file(path, [b"new"])
