"""Cameras show what the simulator holds: people where they are, nothing before its time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_campus import small_world, write_files

from campus_sim.cameras import ON_A_ROBOT, Cameras, placed
from campus_sim.configuration import ConfigurationError, load_campus
from campus_sim.happenings import Happening, load_happenings
from campus_sim.world import World
from perception import camera as calibration
from perception.ground import place_of
from perception.roles import Role
from perception.scenes.assembly import assemble
from perception.scenes.labels import Label, labels_of
from perception.scenes.scene import Kind, Person, Posture

NOON_NS = 1_764_072_000_000_000_000  # 12:00 UTC, the small campus's own time
FALLEN = Person(6.0, 1.0, 2.0, Posture.FALLEN, 0.2, look=5)


@pytest.fixture(scope="module")
def campus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("small")


@pytest.fixture(scope="module")
def cameras(campus_folder: Path) -> Iterator[Cameras]:
    happenings = [Happening(FALLEN, "ground", from_s=1.0, until_s=2.0)]
    campus = load_campus(write_files(campus_folder)[0])
    try:
        made = Cameras(campus, ["r1", "r2"], [], 0.5, happenings=happenings)
    except ConfigurationError as missing:
        pytest.skip(f"{missing}")
    yield made
    made.renderer.close()


def seen_by(cameras: Cameras, world: World, name: str) -> list[Label]:
    """Labels of what a robot's camera sees now."""
    body = next(each for each in world.bodies if each.name == name)
    pose = calibration.Pose(body.x_m, body.y_m, body.theta_rad)
    camera = placed(ON_A_ROBOT, pose)
    assembled = assemble(cameras.scene(camera, body.level, world, NOON_NS, name))
    cameras.renderer.load(assembled)
    return labels_of(cameras.renderer.draw(camera), assembled)


def test_a_person_who_has_fallen_is_seen_where_he_lies(cameras: Cameras, tmp_path: Path) -> None:
    world = small_world(tmp_path)  # r1 stands at (0, 0) and looks east
    for _ in range(15):
        world.step({})
    (label,) = [each for each in seen_by(cameras, world, "r1") if each.role == "person_down"]
    assert label.visibility > 0.9
    place = place_of(ON_A_ROBOT, calibration.Pose(0.0, 0.0, 0.0), Role.PERSON_DOWN, label.box)
    assert place is not None
    assert math.dist((place.x_m, place.y_m), (FALLEN.x_m, FALLEN.y_m)) < 1.0


def test_nobody_is_seen_before_or_after_his_time(cameras: Cameras, tmp_path: Path) -> None:
    world = small_world(tmp_path)
    assert not seen_by(cameras, world, "r1")
    for _ in range(25):
        world.step({})
    assert not seen_by(cameras, world, "r1")


def test_a_robot_sees_the_others_and_not_itself(cameras: Cameras, tmp_path: Path) -> None:
    world = small_world(tmp_path)
    camera = placed(ON_A_ROBOT, calibration.Pose())
    for name, other in (("r1", 8.0), ("r2", 0.0)):
        scene = cameras.scene(camera, "ground", world, NOON_NS, name)
        robots = [each for each in scene.things if each.kind is Kind.ROBOT]
        assert [each.y_m for each in robots] == [pytest.approx(other)]


def test_cameras_take_turns(cameras: Cameras, tmp_path: Path) -> None:
    world = small_world(tmp_path)
    taken = []
    for _ in range(10):
        taken.append([each.camera for each in cameras.due(world, NOON_NS)])
        world.step({})
    assert taken == 2 * [["r1"], [], [], [], ["r2"]]


def test_the_sun_is_down_at_night(cameras: Cameras, tmp_path: Path) -> None:
    world = small_world(tmp_path)
    camera = placed(ON_A_ROBOT, calibration.Pose())
    light = [
        cameras.scene(camera, "ground", world, NOON_NS + hours * 3_600_000_000_000, "r1").light
        for hours in (0, 12)
    ]
    assert max(light[0].sun) > 1.0
    assert max(light[1].sun) == 0.0
    assert light[1].glows


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {kind: dragon, x_m: 1, y_m: 2, level: ground}", "no kind that is known"),
        ("- {kind: person, x_m: 1, y_m: 2, level: attic}", "no level attic"),
        ("- {kind: person, x_m: 1, level: ground}", "y_m is None"),
        ("- {kind: person, x_m: 1, y_m: 2, level: ground, posture: flying}", "no posture flying"),
        ("- {kind: spill, x_m: 1, y_m: 2, level: ground, colour: red}", "unknown colour"),
        ("- {kind: missing, asset: x}", "no asset x"),
        ("kind: person", "no list"),
    ],
)
def test_a_wrong_happening_says_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    campus = load_campus(write_files(tmp_path)[0])
    path = tmp_path / "happenings.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=problem):
        load_happenings(path, campus)


def test_happenings_are_read(tmp_path: Path) -> None:
    campus = load_campus(write_files(tmp_path)[0])
    path = tmp_path / "happenings.yaml"
    path.write_text(
        "- {kind: person, posture: fallen, x_m: 1, y_m: 2, level: ground, from_s: 5, until_s: 9}\n"
        "- {kind: spill, x_m: 3, y_m: 4, level: ground, size: 1.5}\n"
    )
    person, spill = load_happenings(path, campus)
    assert [person.is_on(t, "ground") for t in (4.9, 5.0, 8.9, 9.0)] == [False, True, True, False]
    assert person.what == Person(1.0, 2.0, 0.0, Posture.FALLEN, 0.25, 0)
    assert spill.what is not None
    assert spill.what.role == "spill"
