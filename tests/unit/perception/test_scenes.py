"""Scenes: postures, labels and visibility are what the geometry says, and worlds keep apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from perception.scenes.assembly import assemble
from perception.scenes.errors import NoGraphics
from perception.scenes.labels import Label, labels_of
from perception.scenes.people import look_of
from perception.scenes.pictures import pictures
from perception.scenes.renderer import Drawn, Renderer
from perception.scenes.scene import (
    ROLES,
    Building,
    Camera,
    Ground,
    Kind,
    Light,
    Person,
    Posture,
    Scene,
    Thing,
)
from perception.scenes.surroundings import triangulated
from perception.scenes.worlds import GENERATORS, Generator, generators, make_world

SQUARE = ((-30.0, -30.0), (30.0, -30.0), (30.0, 30.0), (-30.0, 30.0))
FLOOR = Ground(SQUARE, "asphalt", (0.2, 0.2, 0.2))
LOOKING_EAST = Camera(0.0, 0.0, 1.0, yaw_rad=0.0, horizontal_fov_rad=1.2)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    try:
        made = Renderer()
    except NoGraphics as missing:
        pytest.skip(str(missing))
    yield made
    made.close()


def seen(renderer: Renderer, scene: Scene, camera: Camera) -> tuple[Drawn, list[Label]]:
    assembled = assemble(scene)
    renderer.load(assembled)
    drawn = renderer.draw(camera)
    return drawn, labels_of(drawn, assembled)


def heights(person: Person) -> float:
    """How far a person's parts reach up."""
    corners = assemble(Scene(people=(person,))).taken.corners_m
    return float(corners[..., 2].max() - corners[..., 2].min())


@pytest.mark.parametrize("look", range(12))
def test_a_fallen_person_is_low_and_a_standing_one_is_as_tall_as_he_is(look: int) -> None:
    tall = look_of(look).height_m
    standing = heights(Person(0, 0, 0, Posture.STANDING, look / 12, look))
    fallen = heights(Person(0, 0, 0, Posture.FALLEN, look / 12, look))
    # An arm may point up, a hat adds a little, and a knee may be bent.
    assert 0.85 * tall < standing < 1.35 * tall
    assert fallen < 0.5 * tall


@pytest.mark.parametrize("posture", list(Posture))
def test_nobody_floats_or_sinks_into_the_ground(posture: Posture) -> None:
    for look in range(8):
        person = Person(2, 3, look, posture, look / 8, look, z_m=0.5)
        lowest = float(assemble(Scene(people=(person,))).taken.corners_m[..., 2].min())
        assert lowest == pytest.approx(0.5, abs=0.12), (posture, look)


def test_a_box_is_where_the_camera_puts_the_thing(renderer: Renderer) -> None:
    # A cabinet is a box; a bin of known size would do, a person's height is known best.
    person = Person(8.0, 0.0, np.pi, Posture.STANDING, 0.25, look=4)
    _, labels = seen(renderer, Scene(people=(person,), grounds=(FLOOR,)), LOOKING_EAST)
    (label,) = labels
    assert label.role == "person"
    _, y0, _, y1 = label.box
    focal = LOOKING_EAST.focal_px
    feet = 240 + focal * 1.0 / 8.0  # the camera is 1 m above the feet, 8 m away
    head = 240 - focal * (look_of(4).height_m - 1.0) / 8.0
    assert y1 == pytest.approx(feet, abs=5)
    assert y0 == pytest.approx(head, abs=6)
    assert (label.box[0] + label.box[2]) / 2 == pytest.approx(320, abs=8)
    assert label.visibility > 0.9


def test_visibility_is_the_share_that_a_wall_leaves(renderer: Renderer) -> None:
    van = Thing(Kind.VEHICLE, 14.0, 0.0, np.pi / 2, look=3)
    whole, labels = seen(renderer, Scene(things=(van,), grounds=(FLOOR,)), LOOKING_EAST)
    free = labels[0].pixels
    assert labels[0].visibility == pytest.approx(1.0, abs=0.08)
    for edge in (-1.0, 0.0, 1.0):
        wall = Building(((6.0, edge), (6.2, edge), (6.2, 9.0), (6.0, 9.0)), 5.0, "plain", (1, 1, 1))
        scene = Scene(things=(van,), grounds=(FLOOR,), buildings=(wall,))
        _, (label,) = seen(renderer, scene, LOOKING_EAST)
        assert label.visibility == pytest.approx(label.pixels / free, abs=0.08), edge
    assert whole.rgb.shape == (480, 640, 3)


def test_what_the_edge_of_the_picture_cuts_off_is_not_visible(renderer: Renderer) -> None:
    scene = Scene(people=(Person(5.0, 0.0, 0.0, look=4),), grounds=(FLOOR,))
    (middle,) = seen(renderer, scene, LOOKING_EAST)[1]
    # Turned so far that the person's middle is on the edge of the picture.
    (cut,) = seen(renderer, scene, replace(LOOKING_EAST, yaw_rad=0.6))[1]
    assert middle.visibility > 0.9
    assert 0.25 < cut.visibility < 0.75
    assert cut.box[2] == 640


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_labelled(renderer: Renderer, role: str) -> None:
    scene = Scene(grounds=(FLOOR,))
    if role.startswith("person"):
        posture = Posture.FALLEN if role == "person_down" else Posture.WALKING
        scene = replace(scene, people=(Person(5, 0, 0.3, posture, 0.2, 1),))
    else:
        kind = Kind.DOOR if role == "door_open" else Kind(role)
        scene = replace(scene, things=(Thing(kind, 5, 0, np.pi, look=2, opening=0.8),))
    _, labels = seen(renderer, scene, LOOKING_EAST)
    assert [label.role for label in labels] == [role]
    assert labels[0].visibility > 0.7


def test_a_shut_door_has_no_label(renderer: Renderer) -> None:
    scene = Scene(things=(Thing(Kind.DOOR, 5, 0, np.pi, opening=0.0),), grounds=(FLOOR,))
    assert seen(renderer, scene, LOOKING_EAST)[1] == []


def test_night_is_darker_than_day(renderer: Renderer) -> None:
    scene = Scene(people=(Person(5, 0, 0),), grounds=(FLOOR,))
    dark = Light(sun=(0, 0, 0), sky=(0.03, 0.03, 0.04), bounce=(0.01,) * 3, horizon=(0.02,) * 3)
    by_day, _ = seen(renderer, scene, LOOKING_EAST)
    by_night, labels = seen(renderer, replace(scene, light=dark), LOOKING_EAST)
    assert by_night.rgb[240:].mean() < 0.5 * by_day.rgb[240:].mean()
    assert len(labels) == 1


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda each: each.name)
def test_a_world_is_the_same_for_the_same_seed(renderer: Renderer, generator: Generator) -> None:
    first, again = (make_world(generator, 11, views=2) for _ in range(2))
    assert first == again
    assert first != make_world(generator, 12, views=2)
    taken = [list(pictures(renderer, world)) for world in (first, again)]
    for one, other in zip(*taken, strict=True):
        assert np.array_equal(one.rgb, other.rgb)
        assert one.labels == other.labels


def test_held_out_worlds_have_no_texture_of_the_training_worlds() -> None:
    def textures(split: str) -> set[tuple[str, int]]:
        return {
            (family, variant)
            for each in generators(split)
            for families in (
                each.palette.grounds,
                each.palette.walls,
                each.palette.floors,
                each.palette.rooms,
            )
            for family in families
            for variant in each.palette.variants
        }

    assert not textures("train") & textures("held_out")
    assert not textures("train") & textures("validation")


def test_there_is_no_split_but_three() -> None:
    with pytest.raises(ValueError, match="there are held_out, train, validation"):
        generators("test")


def test_an_outline_that_is_not_convex_is_covered_once() -> None:
    outline = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0))
    triangles = triangulated(outline)
    a, b = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    areas = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(10.0)  # 16, less a triangle of 4 x 3 / 2


def test_an_outline_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="no polygon"):
        triangulated(((0.0, 0.0), (1.0, 0.0), (2.0, 0.0)))
