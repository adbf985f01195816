"""What a person can ask of a demo, and the run of processes that follows from it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import perception
from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.locks import free_port
from fleet_manager.gazebo.place import usual_place
from fleet_manager.processes import ROBOTS_PER_PROCESS, Run
from fleet_manager.settings import Settings


@dataclass(frozen=True)
class DemoOptions:
    """Options of `fleet demo`.

    Attributes:
        headless: run for `duration_s`, print a summary and end.
        speed: simulated seconds per second, at most.
        duration_s: simulated seconds; None: until Ctrl-C.
        robots: how many, or names with commas; empty: all of the fleet file.
        seed: of the simulator.
        people: who walk about.
        tasks: begin with a few tasks.
        as_json: print the summary as JSON, progress on standard error.
        robots_per_process: how many robots share an interpreter, at most.
        fail_passages: doors, lifts and crossings that do not react, as `campus_sim` takes them:
            ID, ID:FROM_S or ID:FROM_S:UNTIL_S, simulated seconds of the run.
        cameras: how many robots' cameras are on, and watched through; guards first.
        model: card of the model that watches; None: the one in perception/models.
        happenings: what there is to be seen, as `campus_sim` takes it.
        gazebo: simulate in Gazebo 11 instead of the embedded simulator.
    """

    headless: bool = False
    speed: float = 1.0
    duration_s: float | None = None
    robots: str = ""
    seed: int = 1
    people: int = 12
    tasks: bool = True
    as_json: bool = False
    robots_per_process: int = ROBOTS_PER_PROCESS
    fail_passages: tuple[str, ...] = ()
    cameras: int = 0
    model: Path | None = None
    happenings: Path | None = None
    gazebo: bool = False


def plan_run(options: DemoOptions, settings: Settings, data_dir: Path | None) -> Run:
    """The run of processes for a demo; its data folder exists afterwards.

    Args:
        options: what was asked for.
        settings: from the environment and the command line.
        data_dir: where database and logs go; None: a new temporary folder when headless, else the
            one of the settings.

    Raises:
        DemoFailed: the fleet file, the port or Gazebo cannot be used.
    """
    gazebo_port = _gazebo_port() if options.gazebo else None
    fleet_file = settings.fleet_file.absolute()
    fleet = read_fleet(fleet_file)
    names = choose_robots(fleet["robots"], options.robots)
    port = free_port(settings.host, settings.port)
    if data_dir is None and options.headless:
        data_dir = Path(tempfile.mkdtemp(prefix="campus-fleet-"))
    data_dir = (data_dir or settings.data_dir).absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    if len(names) < len(fleet["robots"]):
        fleet["robots"] = [each for each in fleet["robots"] if each["name"] in names]
        fleet_file = data_dir / "fleet.yaml"
        fleet_file.write_text(yaml.safe_dump(fleet, sort_keys=False, allow_unicode=True))
    changed = settings.with_changes(
        map_dir=settings.map_dir.absolute(),
        fleet_file=fleet_file,
        schedule_file=settings.schedule_file.absolute(),
        data_dir=data_dir,
        port=port,
        sim_time=True,
        speed=options.speed,
    )
    return Run(
        changed,
        names,
        simulated=True,
        seed=options.seed,
        people=options.people,
        robots_per_process=options.robots_per_process,
        fail_passages=options.fail_passages,
        gazebo_port=gazebo_port,
        cameras=choose_cameras(fleet, names, options.cameras),
        model=choose_model(options) if options.cameras else None,
        happenings=options.happenings.absolute() if options.happenings else None,
    )


def choose_cameras(fleet: dict[str, Any], names: Sequence[str], count: int) -> tuple[str, ...]:
    """Names of the robots whose cameras are on: those that respond before the others."""
    kinds = {each["name"]: fleet.get("kinds", {}).get(each["kind"], {}) for each in fleet["robots"]}
    guards = [name for name in names if "respond" in kinds[name].get("skills", ())]
    return tuple(dict.fromkeys((*guards, *names)))[:count]


def choose_model(options: DemoOptions) -> Path:
    """The card of the model that watches.

    Raises:
        DemoFailed: there is none, or Gazebo simulates, whose cameras are not watched through.
    """
    if options.gazebo:
        raise DemoFailed("cameras are watched through in the embedded simulator", "--cameras 0")
    shipped = Path(perception.__file__).parent / "models"
    found = [options.model] if options.model else sorted(shipped.glob("*.yaml"))
    # Without the instructions for it, eight bits are no faster than floats: the float one is first.
    found.sort(key=lambda path: "int8" in path.stem)
    if not found or not found[0].exists():
        where = found[0] if found else shipped
        raise DemoFailed(f"no model at {where}", "give the card of one with --model")
    return found[0].absolute()


def _gazebo_port() -> int:
    reason = usual_place().why_not()
    if reason is not None:
        raise DemoFailed(reason, "or leave out --sim gazebo")
    return free_port("127.0.0.1", 0)


def read_fleet(path: Path) -> dict[str, Any]:
    """The fleet file as it is written.

    Raises:
        DemoFailed: it cannot be read or has no robots.
    """
    try:
        fleet = yaml.safe_load(path.read_text(encoding="utf-8"))
        names = [each["name"] for each in fleet["robots"]]
    except FileNotFoundError as error:
        raise DemoFailed(
            f"there is no fleet file {path}", "give a folder that has one with --map DIR"
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        detail = " ".join(str(error).split())
        raise DemoFailed(
            f"the fleet file {path} cannot be read: {detail}",
            "correct it; `fleet check` names the place, docs/map-format.md shows the form",
        ) from error
    if not names:
        raise DemoFailed(f"the fleet file {path} has no robots", "add one under `robots:`")
    found: dict[str, Any] = fleet
    return found


def choose_robots(robots: list[dict[str, Any]], wanted: str) -> tuple[str, ...]:
    """Names of the robots that take part: all, the named ones, or some of every kind.

    Raises:
        DemoFailed: a name or number that the fleet does not have.
    """
    names = [robot["name"] for robot in robots]
    if not wanted:
        return tuple(names)
    if wanted.isdigit():
        if not 1 <= int(wanted) <= len(names):
            raise DemoFailed(
                f"--robots {wanted}: the fleet has {len(names)} robots",
                f"give a number from 1 to {len(names)}",
            )
        kinds = dict.fromkeys(robot["kind"] for robot in robots)
        columns = [[each["name"] for each in robots if each["kind"] == kind] for kind in kinds]
        turns = itertools.chain.from_iterable(itertools.zip_longest(*columns))
        return tuple(itertools.islice((name for name in turns if name), int(wanted)))
    chosen = tuple(dict.fromkeys(name.strip() for name in wanted.split(",") if name.strip()))
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise DemoFailed(
            f"--robots: the fleet has no {', '.join(unknown)}", f"choose from {', '.join(names)}"
        )
    return chosen
