"""What a run has achieved, for people as tables and for programs as one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

FAILED = {"failed", "killed"}


@dataclass(frozen=True)
class RobotSummary:
    """One robot: battery 0-1, distance in metres since the run began."""

    name: str
    kind: str
    status: str
    distance_m: float
    battery: float
    tasks_done: int


@dataclass(frozen=True)
class TaskSummary:
    """One task: duration in seconds since it began, None when it has not."""

    id: str
    category: str
    status: str
    robot: str | None
    duration_s: float | None
    progress: float
    reason: str


@dataclass(frozen=True)
class Summary:
    """A whole run; times in seconds, speeds in simulated seconds per second."""

    simulated_s: float
    wall_s: float
    speed_asked: float
    speed_reached: float
    robots: tuple[RobotSummary, ...]
    tasks: tuple[TaskSummary, ...]
    deaths: tuple[str, ...]
    data_dir: str

    @property
    def failed(self) -> list[TaskSummary]:
        """Tasks that ended without success; not those that are still queued or underway."""
        return [task for task in self.tasks if task.status in FAILED]

    def as_json(self) -> dict[str, Any]:
        """The object that `fleet demo --json` prints."""
        return asdict(self) | {"failed": len(self.failed)}

    def show(self, console: Console) -> None:
        """Print the tables."""
        console.print(_robot_table(self.robots), _task_table(self.tasks))
        console.print(
            f"{self.simulated_s:.0f} simulated seconds in {self.wall_s:.0f} s: speed "
            f"{self.speed_reached:.1f} reached, {self.speed_asked:g} asked"
        )
        for death in self.deaths:
            console.print(f"[red]{death}[/red]")


def summarize(
    *,
    robots: Sequence[Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    began_s: float,
    now_s: float,
    wall_s: float,
    speed_asked: float,
    deaths: Sequence[str],
    data_dir: str,
) -> Summary:
    """Build the summary from what `GET /robots` and `GET /tasks` answer.

    Args:
        robots: the robots.
        tasks: the tasks.
        began_s: when the run began, simulated Unix seconds.
        now_s: the simulated time now, Unix seconds.
        wall_s: how long the run took, seconds.
        speed_asked: the ceiling that was set.
        deaths: what is to be told of processes that ended by themselves.
        data_dir: where database and logs are.
    """
    task_rows = tuple(_task(task, now_s) for task in reversed(tasks))
    done: dict[str | None, int] = {}
    for task in task_rows:
        if task.status == "completed":
            done[task.robot] = done.get(task.robot, 0) + 1
    return Summary(
        simulated_s=now_s - began_s,
        wall_s=wall_s,
        speed_asked=speed_asked,
        speed_reached=(now_s - began_s) / wall_s if wall_s > 0 else 0.0,
        robots=tuple(
            RobotSummary(
                name=robot["name"],
                kind=robot["kind"],
                status=robot["status"],
                distance_m=robot["distance_m"],
                battery=robot["battery"],
                tasks_done=done.get(robot["name"], 0),
            )
            for robot in robots
        ),
        tasks=task_rows,
        deaths=tuple(deaths),
        data_dir=data_dir,
    )


def _task(task: Mapping[str, Any], now_s: float) -> TaskSummary:
    started_ms = task.get("unix_millis_start_time")
    finished_ms = task.get("unix_millis_finish_time")
    ended_s = now_s if finished_ms is None else finished_ms / 1000
    return TaskSummary(
        id=task["booking"]["id"],
        category=task["category"],
        status=task["status"],
        robot=(task.get("assigned_to") or {}).get("name"),
        duration_s=None if started_ms is None else max(0.0, ended_s - started_ms / 1000),
        progress=task["progress"],
        reason=task.get("reason") or "",
    )


def _robot_table(robots: Sequence[RobotSummary]) -> Table:
    table = Table(title="Robots", title_justify="left")
    for column in ("robot", "kind", "status"):
        table.add_column(column)
    for column in ("distance", "battery", "tasks done"):
        table.add_column(column, justify="right")
    for robot in robots:
        row = (robot.name, robot.kind, robot.status, f"{robot.distance_m:.0f} m")
        table.add_row(*row, f"{robot.battery:.0%}", str(robot.tasks_done))
    return table


def _task_table(tasks: Sequence[TaskSummary]) -> Table:
    table = Table(title="Tasks", title_justify="left")
    for column in ("task", "category", "robot", "status"):
        table.add_column(column)
    for column in ("duration", "progress"):
        table.add_column(column, justify="right")
    table.add_column("reason")
    for task in tasks:
        duration = "–" if task.duration_s is None else f"{task.duration_s:.0f} s"
        style = "red" if task.status in FAILED else None
        row = (task.id, task.category, task.robot or "–", task.status, duration)
        table.add_row(*row, f"{task.progress:.0%}", task.reason, style=style)
    return table
