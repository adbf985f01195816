"""How fast the embedded simulator runs: alone, with robots in two processes, with the manager.

`python -m benchmarks.sim_speed [--json] [--quick]`, with the ROS workspace sourced. Xixi is the
site of 2 km², Canalside the small campus of the tests. Where robots drive without a manager each
has a route of its own, given by hand; with the manager they do the tasks that a demo begins with.
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

import httpx
import networkx as nx

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig, RobotSpec
from fleet_manager.demo.access import open_demo
from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.locks import domain_lock, free_port
from fleet_manager.demo.starting_tasks import starting_requests
from fleet_manager.processes import Run, process_environment, processes
from fleet_manager.settings import Settings
from fleet_manager.supervisor import Supervisor

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 12
ALONE_TARGET, TOGETHER_TARGET = 30.0, 5.0
ROUTE_M = 150.0
ENDS_WITHIN_S = 10.0
DISCOVERY_WITHIN_S = 30.0
READY_WITHIN_S = 90.0
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
        # A folder each: robots remember what they have driven.
        xixi, worked, canalside = (
            the_run(campus, domain_id, Path(folder, name))
            for campus, name in (("xixi", "xixi"), ("xixi", "work"), ("canalside", "canalside"))
        )
        cases = [
            ("Xixi: simulator alone, 12 robots, 12 people", xixi, False, None, ALONE_TARGET),
            ("Xixi: with 12 robots that stand", xixi, True, None, TOGETHER_TARGET),
            ("Xixi: with 12 robots that drive", xixi, True, Drivers(xixi), TOGETHER_TARGET),
            (
                "Canalside: with 12 robots that drive",
                canalside,
                True,
                Drivers(canalside),
                TOGETHER_TARGET,
            ),
        ]
        rows = []
        for name, run, with_robots, drivers, target in cases:
            found = reach(run, simulated_s, with_robots, drivers)
            rows.append(row(name, found["speed_reached"], target))
            if drivers is not None:
                distances_m = (each["distance_m"] for each in found["robots"].values())
                rows[-1]["driven_m"] = round(sum(distances_m))
        speed, driven_m = reach_with_manager(worked, simulated_s)
        case = "Xixi: with manager and 12 robots at work"
        rows.append({**row(case, speed, TOGETHER_TARGET), "driven_m": driven_m})
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


def the_run(campus: str, domain_id: int, data_dir: Path) -> Run:
    """A campus of the repository in domains of its own, as fast as it goes."""
    data_dir.mkdir()
    settings = Settings(
        map_dir=ROOT / "maps" / campus,
        fleet_file=ROOT / "maps" / campus / "fleet.yaml",
        schedule_file=data_dir / "no-schedules.yaml",
        data_dir=data_dir,
        port=free_port("127.0.0.1", 0),
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


def reach_with_manager(run: Run, simulated_s: float) -> tuple[float, int]:
    """Speed of the whole stack while robots do the tasks of a demo, and the metres they drove."""
    address = f"http://{run.settings.host}:{run.settings.port}"
    bearer = {"Authorization": f"Bearer {open_demo(run.settings).session}"}
    with (
        httpx.Client(base_url=address, timeout=30.0, trust_env=False, headers=bearer) as http,
        Supervisor(run.settings.data_dir / "logs") as supervisor,
    ):
        for process in processes(run):
            supervisor.start(process)
        deadline = time.monotonic() + READY_WITHIN_S
        while not _all_there(http, len(run.robots)):
            if supervisor.wait(0.2) or time.monotonic() > deadline:
                raise SystemExit(f"sim_speed: the stack is not there; see {supervisor.log_dir}")
        for request in starting_requests(_get(http, "/map"), _get(http, "/robots")):
            http.post("/tasks/dispatch_task", json=request).raise_for_status()
        began_s, began_wall_s = _get(http, "/system")["now_s"], time.monotonic()
        while (gone_s := _get(http, "/system")["now_s"] - began_s) < simulated_s:
            if supervisor.wait(1.0):
                raise SystemExit(f"sim_speed: a process ended; see {supervisor.log_dir}")
        wall_s = time.monotonic() - began_wall_s
        driven_m = sum(each["distance_m"] for each in _get(http, "/robots"))
    return gone_s / wall_s, round(driven_m)


def _all_there(http: httpx.Client, robots: int) -> bool:
    """Whether the manager answers and has heard so many robots."""
    absent = ("uninitialized", "offline")
    with contextlib.suppress(httpx.TransportError):
        if http.get("/readyz").is_success:
            return sum(each["status"] not in absent for each in _get(http, "/robots")) == robots
    return False


def _get(http: httpx.Client, path: str) -> Any:
    answer = http.get(path)
    answer.raise_for_status()
    return answer.json()


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

    level = campus.waypoint(robot.home).level
    outside = [
        each.id for each in campus.waypoints.values() if not each.passage and each.level == level
    ]
    graph = campus.graph_for(robot.kind).subgraph(outside)  # nobody opens doors without a manager
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
