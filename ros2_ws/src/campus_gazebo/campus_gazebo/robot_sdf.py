"""Writes a robot model as SDF: for Gazebo 11, or for current Gazebo with its systems."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from campus_gazebo.robots import (
    CLEARANCE_M,
    LIDAR_HIGH_M,
    WHEEL_RADIUS_M,
    WHEEL_WIDE_M,
    Piece,
    RobotModel,
)
from campus_gazebo.solids import Cylinder, Placed, Sphere, together
from campus_sim import raycast, sensors
from campus_sim.noise import USUAL

TARGETS = {"gazebo11": "1.7", "gz": "1.9"}
"""Version of SDF for each generation of Gazebo."""
SCAN_HZ = 10.0 / sensors.SCAN_EVERY

CAMERA_MASK = 0xFFFFFFFD
"""Cameras do not see what is there for rendered lidars alone (flag 2)."""
_CAMERA_HZ, _IMU_HZ = 10, 10
_GRIP = "<surface><friction><ode><mu>1.2</mu><mu2>1.2</mu2></ode></friction></surface>"
_SLIDES = "<surface><friction><ode><mu>0</mu><mu2>0</mu2></ode></friction></surface>"


def robot_sdf(robot: RobotModel, name: str, target: str = "gazebo11", camera: bool = False) -> str:
    """One robot's SDF file.

    Args:
        robot: its model.
        name: of the model in the world.
        target: `gazebo11` or `gz`.
        camera: with a camera, for servers that render; always on in `gz`, whose lidars are
            rendered too.
    """
    inner = "".join(_model(robot, name, target, camera or target == "gz"))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sdf version="{TARGETS[target]}">\n'
        f"<model name={quoteattr(name)}>\n{inner}</model>\n</sdf>\n"
    )


def _model(robot: RobotModel, name: str, target: str, camera: bool) -> Iterator[str]:
    # Robots that stand still have to be told of too.
    yield "<allow_auto_disable>false</allow_auto_disable>\n"
    yield '<link name="base_link">\n' + together(robot.body).sdf() + "\n"
    for piece in robot.look.pieces:
        yield from _piece(piece)
    for label, sign in (("front", 1), ("rear", -1)):
        where = f"<pose>{sign * robot.caster_at_m:g} 0 {CLEARANCE_M / 2:g} 0 0 0</pose>"
        ball = f"<geometry><sphere><radius>{CLEARANCE_M / 2:g}</radius></sphere></geometry>"
        yield f'<collision name="{label}_caster">{where}{ball}{_SLIDES}</collision>\n'
    if target == "gz":
        yield from _sensors_gz(robot, name)
    else:
        yield from _sensors_gazebo11(robot)
    if camera:
        yield _camera(robot, name, target)
    yield (
        f'<battery name="battery"><voltage>{robot.look.battery_v:g}</voltage></battery>\n</link>\n'
    )
    for side, sign in (("left", 1), ("right", -1)):
        yield _wheel(robot, side, sign)
    yield _drive(robot, name, target)


def _piece(piece: Piece) -> Iterator[str]:
    pose = " ".join(f"{each:g}" for each in piece.solid.at)
    shape = f"<pose>{pose} 0 0 0</pose><geometry>{piece.solid.shape.sdf()}</geometry>"
    if piece.touched:
        yield f'<collision name="{piece.name}">{shape}{_SLIDES}</collision>\n'
    rgba = " ".join(f"{each:g}" for each in (*piece.colour, 1))
    paint = f"<material><ambient>{rgba}</ambient><diffuse>{rgba}</diffuse></material>"
    yield f'<visual name="{piece.name}_visual">{shape}{paint}</visual>\n'


def _wheel(robot: RobotModel, side: str, sign: int) -> str:
    solid = Placed(Cylinder(WHEEL_RADIUS_M, WHEEL_WIDE_M), robot.wheel_kg, (0.0, 0.0, 0.0))
    shape = f"<geometry>{solid.shape.sdf()}</geometry>"
    # A ball meets the ground in one point, a lying cylinder on one of its edges: robots would veer.
    ball = f"<geometry>{Sphere(WHEEL_RADIUS_M).sdf()}</geometry>"
    pose = f"0 {sign * robot.half_track_m:g} {WHEEL_RADIUS_M:g} {-math.pi / 2:.9f} 0 0"
    return (
        f'<link name="{side}_wheel"><pose>{pose}</pose>{together([solid]).sdf()}\n'
        f'<collision name="{side}_wheel">{ball}{_GRIP}</collision>\n'
        f'<visual name="tyre">{shape}<material><ambient>0.1 0.1 0.1 1</ambient>'
        "<diffuse>0.1 0.1 0.1 1</diffuse></material></visual></link>\n"
        f'<joint name="{side}_wheel_joint" type="revolute"><parent>base_link</parent>'
        f"<child>{side}_wheel</child><axis><xyz>0 0 1</xyz><limit><effort>60</effort>"
        "<lower>-1e16</lower><upper>1e16</upper></limit></axis></joint>\n"
    )


def _lidar(robot: RobotModel) -> str:
    """Of one turn, as the embedded simulator's.

    It stands for two scanners at the corners of the body, whose scans are joined about its middle:
    what it sees begins at the edge of the footprint.
    """
    last = raycast.FIRST_RAD + (raycast.RAYS - 1) * raycast.STEP_RAD
    return (
        f"<scan><horizontal><samples>{raycast.RAYS}</samples><resolution>1</resolution>"
        f"<min_angle>{raycast.FIRST_RAD:.9f}</min_angle><max_angle>{last:.9f}</max_angle>"
        f"</horizontal></scan><range><min>{robot.kind.footprint_radius_m + 0.01:g}</min>"
        f"<max>{sensors.RANGE_MAX_M:g}</max><resolution>0.001</resolution></range>"
        f"<noise><type>gaussian</type><mean>0</mean><stddev>{USUAL.range_m:g}</stddev></noise>"
    )


def _sensors_gazebo11(robot: RobotModel) -> Iterator[str]:
    yield (
        f'<sensor name="lidar" type="ray"><pose>0 0 {LIDAR_HIGH_M:g} 0 0 0</pose>'
        f"<always_on>0</always_on><update_rate>{SCAN_HZ:g}</update_rate>"
        f"<ray>{_lidar(robot)}</ray></sensor>\n"
    )
    yield (
        f'<sensor name="imu" type="imu"><always_on>0</always_on>'
        f"<update_rate>{_IMU_HZ}</update_rate></sensor>\n"
    )
    yield (
        '<sensor name="bumper" type="contact"><always_on>0</always_on><update_rate>20</update_rate>'
        "<contact><collision>chassis</collision></contact></sensor>\n"
    )


def _sensors_gz(robot: RobotModel, name: str) -> Iterator[str]:
    yield (
        f'<sensor name="lidar" type="gpu_lidar"><pose>0 0 {LIDAR_HIGH_M:g} 0 0 0</pose>'
        f"<topic>/{name}/scan</topic><always_on>1</always_on>"
        f"<update_rate>{SCAN_HZ:g}</update_rate><lidar>{_lidar(robot)}</lidar></sensor>\n"
    )
    yield (
        f'<sensor name="imu" type="imu"><topic>/{name}/imu</topic><always_on>1</always_on>'
        f"<update_rate>{_IMU_HZ}</update_rate></sensor>\n"
    )
    yield (
        '<sensor name="bumper" type="contact"><always_on>1</always_on><update_rate>20</update_rate>'
        f"<contact><collision>chassis</collision><topic>/{name}/bumper</topic></contact>"
        "</sensor>\n"
    )


def _camera(robot: RobotModel, name: str, target: str) -> str:
    pose = " ".join(f"{each:g}" for each in robot.look.camera_at)
    mask = f"<visibility_mask>{CAMERA_MASK}</visibility_mask>" if target == "gz" else ""
    topic = f"<topic>/{name}/camera/image</topic>" if target == "gz" else ""
    return (
        f'<sensor name="camera" type="camera"><pose>{pose} 0 0.15 0</pose>{topic}'
        f"<always_on>0</always_on><update_rate>{_CAMERA_HZ}</update_rate><camera>"
        "<horizontal_fov>1.22</horizontal_fov><image><width>640</width><height>480</height>"
        f"<format>R8G8B8</format></image><clip><near>0.05</near><far>60</far></clip>{mask}"
        "</camera></sensor>\n"
    )


def _drive(robot: RobotModel, name: str, target: str) -> str:
    joints = "<left_joint>left_wheel_joint</left_joint><right_joint>right_wheel_joint</right_joint>"
    if target == "gazebo11":
        return (
            '<plugin name="drive" filename="libDiffDrivePlugin.so">'
            f"{joints}<torque>60</torque></plugin>\n"
        )
    kind = robot.kind
    return (
        '<plugin filename="gz-sim-diff-drive-system" name="gz::sim::systems::DiffDrive">'
        f"{joints}<wheel_separation>{2 * robot.half_track_m:g}</wheel_separation>"
        f"<wheel_radius>{WHEEL_RADIUS_M:g}</wheel_radius>"
        f"<max_linear_acceleration>{kind.max_acceleration_mps2:g}</max_linear_acceleration>"
        f"<min_linear_acceleration>-{kind.max_acceleration_mps2:g}</min_linear_acceleration>"
        f"<odom_publish_frequency>10</odom_publish_frequency><topic>/{name}/cmd_vel</topic>"
        f"<odom_topic>/{name}/odom</odom_topic><frame_id>{name}/odom</frame_id>"
        f"<child_frame_id>{name}/base_link</child_frame_id></plugin>\n"
        '<plugin filename="gz-sim-pose-publisher-system" name="gz::sim::systems::PosePublisher">'
        "<publish_link_pose>false</publish_link_pose><publish_nested_model_pose>true"
        "</publish_nested_model_pose><use_pose_vector_msg>true</use_pose_vector_msg>"
        "<update_frequency>10</update_frequency></plugin>\n"
        '<plugin filename="gz-sim-joint-state-publisher-system" '
        'name="gz::sim::systems::JointStatePublisher"/>\n'
    )
