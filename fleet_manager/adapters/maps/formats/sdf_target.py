"""What differs between worlds for Gazebo 11 and for current Gazebo (Harmonic and later)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from fleet_manager.adapters.maps.formats.sdf_text import number
from fleet_manager.core.campus import Anchor
from fleet_manager.core.errors import MapFormatError

STEP_S = 0.005
"""Length of a step of physics: 20 of them make a step of the robots (0.1 s)."""

_GZ_SYSTEMS = (
    ("gz-sim-physics-system", "gz::sim::systems::Physics", ""),
    ("gz-sim-user-commands-system", "gz::sim::systems::UserCommands", ""),
    ("gz-sim-scene-broadcaster-system", "gz::sim::systems::SceneBroadcaster", ""),
    ("gz-sim-contact-system", "gz::sim::systems::Contact", ""),
    ("gz-sim-imu-system", "gz::sim::systems::Imu", ""),
    (
        "gz-sim-sensors-system",
        "gz::sim::systems::Sensors",
        "<render_engine>ogre2</render_engine>",
    ),
)


@dataclass(frozen=True)
class Target:
    """A generation of Gazebo.

    Attributes:
        version: of SDF that it reads; the newest that is of use.
        attributes: of the element `sdf`.
        systems: what the world loads.
        lidar_sees_visuals: its lidars are rendered, and do not know collisions.
    """

    name: str
    title: str
    version: str
    attributes: str
    systems: str
    lidar_sees_visuals: bool


TARGETS: Mapping[str, Target] = {
    "gazebo11": Target("gazebo11", "Gazebo 11", "1.7", "", "", lidar_sees_visuals=False),
    "gz": Target(
        "gz",
        "current Gazebo (Harmonic and later)",
        "1.9",
        ' xmlns:gz="http://gazebosim.org/schema"',
        # With a thread for each PostUpdate system, twenty robots run at less than half the speed.
        "<gz:policies><parallel_postupdates>false</parallel_postupdates></gz:policies>\n"
        + "".join(
            f'<plugin filename="{file}" name="{name}">{inner}</plugin>\n'
            for file, name, inner in _GZ_SYSTEMS
        ),
        lidar_sees_visuals=True,
    ),
}
DEFAULT = "gazebo11"


def target_named(name: str | None) -> Target:
    """The target with a name; None: the default.

    Raises:
        MapFormatError: there is none.
    """
    found = TARGETS.get(name or DEFAULT)
    if found is None:
        raise MapFormatError(
            f"no worlds are written for {name!r}",
            "give "
            + " or ".join(f"--target {each.name} ({each.title})" for each in TARGETS.values()),
        )
    return found


def head(target: Target, world: str, anchor: Anchor) -> str:
    """The beginning of a world: physics, systems, light, where on the Earth it lies."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sdf version="{target.version}"'
        f"{target.attributes}>\n<world name={quoteattr(world)}>\n"
        f"{_physics(target)}{target.systems}"
        "<scene><ambient>0.5 0.5 0.5 1</ambient><background>0.75 0.85 0.95 1</background>"
        "<shadows>false</shadows></scene>\n"
        '<light name="sun" type="directional"><pose>0 0 100 0 0 0</pose>'
        "<cast_shadows>false</cast_shadows><diffuse>0.8 0.8 0.8 1</diffuse>"
        "<specular>0.1 0.1 0.1 1</specular><direction>-0.5 0.2 -0.9</direction></light>\n"
        "<spherical_coordinates><surface_model>EARTH_WGS84</surface_model>"
        f"<latitude_deg>{number(anchor.latitude_deg, 8)}</latitude_deg>"
        f"<longitude_deg>{number(anchor.longitude_deg, 8)}</longitude_deg>"
        f"<elevation>0</elevation><heading_deg>{number(anchor.bearing_deg, 6)}</heading_deg>"
        "</spherical_coordinates>\n"
    )


def _physics(target: Target) -> str:
    """As fast as it goes: whoever drives the world sets the pace."""
    rate, solver = "0", ""
    if target.name == "gazebo11":
        # The exact solver, with joints and contacts a hair soft: singular systems make it diverge.
        rate = "2000"
        solver = (
            "<ode><solver><type>world</type></solver>"
            "<constraints><cfm>0.00001</cfm><erp>0.2</erp></constraints></ode>"
        )
    return (
        f'<physics name="campus" type="ode"><max_step_size>{number(STEP_S)}</max_step_size>'
        f"<real_time_factor>{1 if target.name == 'gazebo11' else 0}</real_time_factor>"
        f"<real_time_update_rate>{rate}</real_time_update_rate>{solver}</physics>\n"
    )
