"""`fleet check`: what is wrong with an installation or configuration, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from fleet_manager.processes import ProgramMissing, program
from fleet_manager.settings import Settings

Status = Literal["right", "note", "wrong"]

_BUILD_REMEDY = "run `make run`, which builds it, or `. scripts/env` in this shell if it is built"
_ROS_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        subject: what was looked at.
        status: right, wrong, or a note: nothing is broken, but it is good to know.
        detail: what was found.
        remedy: what to do; "" when all is right.
    """

    subject: str
    status: Status
    detail: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object that `fleet check --json` prints for this finding."""
        return asdict(self)


def check_all(settings: Settings) -> list[Finding]:
    """Look at everything the campus needs; nothing is changed."""
    return [finding for look in CHECKS for finding in look(settings)]


def show(findings: list[Finding]) -> None:
    """Print the findings as a table."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "found"):
        table.add_column(column, overflow="fold")
    marks = {"right": "[green]✓[/green]", "note": "[yellow]•[/yellow]", "wrong": "[red]✗[/red]"}
    for finding in findings:
        remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
        table.add_row(marks[finding.status], finding.subject, finding.detail + remedy)
    Console(highlight=False).print(table)


def check_map(settings: Settings) -> Iterator[Finding]:
    """Map, fleet and schedule files."""
    from fleet_manager.adapters.maps import load_campus, load_fleet, load_programmes, load_schedules

    try:
        campus = load_campus(settings.map_dir)
    except Exception as error:
        yield _wrong("map", error)
        return
    counts = f"{len(campus.waypoints)} waypoints, {len(campus.zones)} zones"
    yield Finding("map", "right", f"{campus.id}, version {campus.version}: {counts}")
    try:
        fleet = load_fleet(settings.fleet_file, campus)
    except Exception as error:
        yield _wrong("fleet", error)
    else:
        yield Finding("fleet", "right", f"{len(fleet.robots)} robots of {len(fleet.kinds)} kinds")
    if not settings.schedule_file.exists():
        yield Finding("schedules", "note", f"{settings.schedule_file} does not exist", "")
        return
    try:
        schedules = load_schedules(settings.schedule_file, campus)
        programmes = load_programmes(settings.schedule_file, campus)
    except Exception as error:
        yield _wrong("schedules", error)
    else:
        counts = f"{len(schedules)} schedules, {len(programmes)} programmes"
        yield Finding("schedules", "right", counts)


def check_data_dir(settings: Settings) -> Iterator[Finding]:
    """Whether the data folder can be written."""
    folder = settings.data_dir.absolute()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        yield Finding("data folder", "right", str(folder))
    else:
        remedy = "give another with --data-dir or CAMPUS_DATA_DIR, or its owner the right to write"
        yield Finding("data folder", "wrong", f"{existing} cannot be written", remedy)


def check_database(settings: Settings) -> Iterator[Finding]:
    """Whether the database answers; a SQLite file that does not exist yet is made at first use."""
    from sqlalchemy import text
    from sqlalchemy.engine import make_url
    from sqlalchemy.ext.asyncio import create_async_engine

    async def ask() -> None:
        engine = create_async_engine(settings.database_url)
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        finally:
            await engine.dispose()

    try:
        url = make_url(settings.database_url)
        shown = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            yield Finding("database", "right", f"{shown} will be made at the first start")
            return
        asyncio.run(ask())
    except Exception as error:
        remedy = "correct CAMPUS_DATABASE_URL, or start the database server"
        yield Finding("database", "wrong", " ".join(str(error).split()), remedy)
    else:
        yield Finding("database", "right", shown)


def check_ros(settings: Settings) -> Iterator[Finding]:
    """Whether ROS 2, the messages and the robots' programs are there and a node can be made."""
    code = (
        "import json, rclpy, campus_msgs.msg\n"
        "from rclpy.context import Context\n"
        "from rclpy.utilities import get_rmw_implementation_identifier\n"
        f"context = Context(); rclpy.init(context=context, domain_id={settings.fleet_domain_id})\n"
        "node = rclpy.create_node('fleet_check', context=context)\n"
        "print(json.dumps({'rmw': get_rmw_implementation_identifier()}))\n"
        "node.destroy_node(); context.shutdown()\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=_ROS_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield Finding("ROS 2", "wrong", f"no node in {_ROS_TIMEOUT_S:.0f} s", "see ROS's logs")
        return
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        yield Finding("ROS 2", "wrong", lines[-1], _BUILD_REMEDY)
    else:
        rmw = json.loads(done.stdout.splitlines()[-1])["rmw"]
        domains = f"domains {settings.fleet_domain_id} (fleet), {settings.plant_domain_id} (plant)"
        yield Finding("ROS 2", "right", f"{rmw}, {domains}")
    for name in ("campus_robot", "campus_sim"):
        try:
            yield Finding(name, "right", program(name)[0])
        except ProgramMissing as error:
            yield Finding(name, "wrong", str(error), error.remedy)


def check_port(settings: Settings) -> Iterator[Finding]:
    """Whether the HTTP port is free."""
    address = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            remedy = "if that is not this campus running already, set CAMPUS_PORT to another"
            yield Finding("HTTP port", "note", f"{address}: {error.strerror}", remedy)
        else:
            yield Finding("HTTP port", "right", f"{address} is free")


def check_dashboard(_settings: Settings) -> Iterator[Finding]:
    """Whether the dashboard is built."""
    page = Path(__file__).parent / "dashboard" / "dist" / "index.html"
    if page.exists():
        yield Finding("dashboard", "right", "built")
    else:
        yield Finding("dashboard", "wrong", f"{page} is missing", _BUILD_REMEDY)


def _wrong(subject: str, error: Exception) -> Finding:
    remedy = getattr(error, "remedy", "") or "docs/map-format.md shows the form"
    return Finding(subject, "wrong", " ".join(str(error).split()), remedy)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    check_map,
    check_data_dir,
    check_database,
    check_ros,
    check_port,
    check_dashboard,
)
