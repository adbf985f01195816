"""How fast the embedded simulator runs: alone, and with the robots of a campus in two processes.

`python -m benchmarks.sim_speed [--json] [--quick]`, with the ROS workspace sourced. No manager
runs; in the last case each robot drives a route of its own, given by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import networkx as nx

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig, RobotSpec
from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.locks import domain_lock
from fleet_manager.processes import Run, process_environment, processes
from fleet_manager.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 12
ALONE_TARGET, TOGETHER_TARGET = 30.0, 5.0
ROUTE_M = 150.0
ENDS_WITHIN_S = 10.0
DISCOVERY_WITHIN_S = 30.0
START_APART_S = 8.0

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases and print what they reached; 1 when a process failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="less simulated time")
    options = parser.parse_args(arguments)
    simulated_s = 60.0 if options.quick else 300.0
    with free_domain() as domain_id, tempfile.TemporaryDirectory() as folder:
        run = the_run(domain_id, Path(folder))
        cases = [
            ("simulator alone, 12 robots, 12 people", False, None, ALONE_TARGET),
            ("with 12 robots that stand", True, None, TOGETHER_TARGET),
            ("with 12 robots that drive", True, Drivers(run), TOGETHER_TARGET),
        ]
        rows = []
        for name, with_robots, drivers, target in cases:
            found = reach(run, simulated_s, with_robots, drivers)
            rows.append(row(name, found["speed_reached"], target))
            if drivers is not None:
                rows[-1]["driven_m"] = round(
                    sum(each["distance_m"] for each in found["robots"].values())
                )
    result = {
        "benchmark": "sim_speed",
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result))
        return 0
    for each in rows:
        driven = f", {each['driven_m']} m driven" if "driven_m" in each else ""
        verdict = "met" if each["met"] else "missed"
        print(
            f"{each['case']}: {each['ours']:.1f} x real time{driven} "
            f"(target {each['target']:g}: {verdict})"
        )
    return 0


def row(case: str, ours: float, target: float) -> Json:
    """One row of the result; there is no peer that does the same."""
    return {
        "case": case,
        "metric": "simulated seconds per second",
        "unit": "s/s",
        "better": "higher",
        "ours": round(ours, 2),
        "peers": {},
        "ratio": None,
        "target": target,
        "met": ours >= target,
    }


def the_run(domain_id: int, data_dir: Path) -> Run:
    """The campus of the repository in domains of its own, as fast as it goes."""
    settings = Settings(
        map_dir=ROOT / "maps/xixi",
        fleet_file=ROOT / "maps/xixi/fleet.yaml",
        data_dir=data_dir,
        speed=float("inf"),
        sim_time=True,
        fleet_domain_id=domain_id,
        plant_domain_id=domain_id + 1,
    )
    robots = tuple(load_fleet(settings.fleet_file).robots)
    return Run(settings, robots, seed=1, people=PEOPLE)


@contextlib.contextmanager
def free_domain() -> Iterator[int]:
    """A ROS domain that no campus on this machine uses."""
    for domain_id in range(60, 100, 2):
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(domain_lock(domain_id))
            except DemoFailed:
                continue
            yield domain_id
            return
    raise SystemExit("sim_speed: no ROS domain is free; stop a campus")


def reach(run: Run, simulated_s: float, with_robots: bool, drivers: Drivers | None) -> Json:
    """The simulator's summary after so many simulated seconds."""
    summary = run.settings.data_dir / "summary.json"
    with contextlib.ExitStack() as stack:
        robots = [each for each in processes(run) if each.name.startswith("robots")]
        environment = os.environ | process_environment(run)
        if with_robots:
            for process in robots:
                stack.enter_context(running(process.argv, environment))
        (simulator,) = (each for each in processes(run) if each.name == "simulator")
        argv = (*simulator.argv, "--duration", str(simulated_s), "--summary", str(summary))
        if not with_robots:
            argv = (*argv, "--wait-for-robots", "0")
        if drivers is not None:
            stack.enter_context(drivers)
        simulating = stack.enter_context(running(argv, environment))
        if simulating.wait() != 0:
            raise SystemExit(f"sim_speed: the simulator ended with {simulating.returncode}")
    found: Json = json.loads(summary.read_text())
    return found


@contextlib.contextmanager
def running(argv: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended at the latest with the block."""
    process = subprocess.Popen(
        argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Drivers:
    """Gives each robot an order to drive away from its dock, by hand; a context manager.

    The orders stay on their topics (transient local), so that robots find them when they come.
    """

    def __init__(self, run: Run) -> None:
        self._domain_id = run.settings.fleet_domain_id
        self._campus = load_campus(run.settings.map_dir)
        self._fleet = load_fleet(run.settings.fleet_file)
        self._close: Callable[[], None] = lambda: None

    def __enter__(self) -> Drivers:
        from rclpy.context import Context
        from rclpy.node import Node
        from rclpy.qos import DurabilityPolicy, QoSProfile

        from campus_msgs.msg import Order

        os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
        context = Context()
        context.init(domain_id=self._domain_id)
        node = Node("drivers", context=context, enable_rosout=False)
        qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)

        def close() -> None:
            node.destroy_node()
            context.try_shutdown()

        self._close = close
        publishers = []
        for robot in self._fleet.robots.values():
            publisher = node.create_publisher(Order, f"/{robot.name}/order", qos)
            publisher.publish(order_for(robot, self._campus, self._fleet))
            publishers.append(publisher)
        deadline = time.monotonic() + DISCOVERY_WITHIN_S
        while not all(each.get_subscription_count() for each in publishers):
            if time.monotonic() > deadline:
                close()
                raise SystemExit("sim_speed: the robots are not there")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


def order_for(robot: RobotSpec, campus: Campus, fleet: FleetConfig) -> Any:
    """An order along the shortest route to a waypoint some way off, another for each robot.

    They set out one after the other: without a manager nobody says who passes first.
    """
    from geometry_msgs.msg import Point

    from campus_msgs.msg import Action, ActionParameter, Order, OrderEdge, OrderNode

    graph = campus.graph_for(robot.kind)
    lengths = nx.single_source_dijkstra_path_length(graph, robot.home, weight="length_m")
    number = list(fleet.robots).index(robot.name)
    far = sorted(
        (abs(length_m - ROUTE_M - 20 * number), name)
        for name, length_m in lengths.items()
        if campus.may_end_base(name) and not campus.is_bay(name)
    )
    route = nx.shortest_path(graph, robot.home, far[0][1], weight="length_m")
    places = [campus.waypoint(name) for name in route]
    lanes = [campus.lane_between(a, b) for a, b in itertools.pairwise(route)]
    wait = Action(
        action_id="wait",
        action_type="go_to_point",
        task_id="drive",
        blocking_type="HARD",
        parameters=[ActionParameter(key="dwell_s", value_json=str(START_APART_S * number))],
    )
    return Order(
        robot=robot.name,
        manager_epoch=1,
        order_id=f"drive-{robot.name}",
        map_id=campus.id,
        map_version=campus.version,
        nodes=[
            OrderNode(
                node_id=place.id,
                sequence_id=2 * index,
                released=True,
                x_m=place.x_m,
                y_m=place.y_m,
                allowed_deviation_xy_m=0.5,
                level=place.level,
                actions=[wait] if index == 0 else [],
            )
            for index, place in enumerate(places)
        ],
        edges=[
            OrderEdge(
                edge_id=lane.id,
                sequence_id=2 * index + 1,
                released=True,
                start_node_id=lane.start,
                end_node_id=lane.end,
                max_speed_mps=lane.speed_limit_mps,
                width_m=lane.width_m,
                path=[Point(x=x, y=y) for x, y in lane.points[1:-1]],
            )
            for index, lane in enumerate(lanes)
        ],
    )


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
