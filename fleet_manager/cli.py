"""The `fleet` command: one program for staff, their scripts and the people who run the campus."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from fleet_manager import __version__
from fleet_manager.lazy_group import RootGroup

if TYPE_CHECKING:
    from fleet_manager.settings import Settings

app = typer.Typer(
    cls=RootGroup,
    help="Security, cleaning and safety robots of a campus under one planner.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

MapDir = Annotated[Path | None, typer.Option("--map", help="Folder of the campus map.")]
DataDir = Annotated[Path | None, typer.Option(help="Folder of database, logs and lock.")]
Db = Annotated[
    str | None,
    typer.Option("--db", help="Database: sqlite+aiosqlite:///FILE or postgresql+asyncpg://…"),
]
Host = Annotated[str | None, typer.Option(help="Address of the HTTP API.")]
Port = Annotated[int | None, typer.Option(help="TCP port of the HTTP API; 0: any free one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def serve(
    map_dir: MapDir = None,
    data_dir: DataDir = None,
    db: Db = None,
    standby: Annotated[
        bool | None, typer.Option("--standby", help="Wait for the end of a manager that leads.")
    ] = None,
    host: Host = None,
    port: Port = None,
    map_from_file: Annotated[
        bool | None,
        typer.Option("--map-from-file", help="Publish the map file over a map published later."),
    ] = None,
    log_json: Annotated[bool | None, typer.Option("--json", help="Log lines as JSON.")] = None,
) -> None:
    """Run the fleet manager until it is told to end."""
    settings = read_settings(
        map_dir=map_dir,
        data_dir=data_dir,
        database_url=db,
        standby=standby,
        host=host,
        port=port,
        map_from_file=map_from_file,
        log_json=log_json,
    )
    gc.disable()  # until it waits for the database: nearly all that is made until then stays
    from fleet_manager.serve import serve as serve_until_told

    serve_until_told(settings)


@app.command()
def gateway(
    db: Db = None,
    host: Host = None,
    port: Port = None,
    log_json: Annotated[bool | None, typer.Option("--json", help="Log lines as JSON.")] = None,
) -> None:
    """Serve all campuses of one PostgreSQL at one address, whoever leads each."""
    settings = read_settings(database_url=db, host=host, port=port, log_json=log_json)
    from fleet_manager.cli_gateway import gateway_command

    address = (settings.host, settings.port)
    gateway_command(settings.database_url, *address, log_json=settings.log_json)


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option(help="Run for --duration, print a summary, end.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100.0, help="Simulated seconds per second, at most.")
    ] = 1.0,
    duration: Annotated[
        float | None,
        typer.Option(min=1.0, help="Simulated seconds; headless 600, else until Ctrl-C."),
    ] = None,
    robots: Annotated[str, typer.Option(help="How many, or names with commas.")] = "",
    seed: Annotated[int, typer.Option(help="Of everything random in the simulator.")] = 1,
    people: Annotated[int, typer.Option(min=0, help="Who walk about.")] = 12,
    tasks: Annotated[bool, typer.Option(help="Begin with a few tasks.")] = True,
    fail_passage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID[:FROM_S[:UNTIL_S]]",
            help="A door, lift or crossing that does not react, in simulated seconds; repeatable.",
        ),
    ] = None,
    cameras: Annotated[
        int, typer.Option(min=0, help="Robots whose cameras are on and watched through.")
    ] = 0,
    model: Annotated[
        Path | None, typer.Option(help="Card of the model that watches (docs/perception.md).")
    ] = None,
    happenings: Annotated[
        Path | None, typer.Option(help="YAML of what there is to be seen in the simulator.")
    ] = None,
    sim: Annotated[
        str, typer.Option(help="embedded, or gazebo (Gazebo 11; `fleet gazebo install`).")
    ] = "embedded",
    map_dir: MapDir = None,
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    as_json: AsJson = False,
) -> None:
    """Run a whole campus on this machine, with simulated robots."""
    if sim not in ("embedded", "gazebo"):
        fail(f"--sim {sim}: there is no such simulator", "give embedded or gazebo")
    from fleet_manager.demo import DemoOptions, run_demo

    if headless and duration is None:
        duration = 600.0
    options = DemoOptions(
        headless=headless,
        speed=speed,
        duration_s=duration,
        robots=robots,
        seed=seed,
        people=people,
        tasks=tasks,
        as_json=as_json,
        fail_passages=tuple(fail_passage or ()),
        gazebo=sim == "gazebo",
        cameras=cameras,
        model=model,
        happenings=happenings,
    )
    raise typer.Exit(
        run_demo(options, read_settings(map_dir=map_dir, host=host, port=port), data_dir)
    )


@app.command()
def check(
    map_dir: MapDir = None, data_dir: DataDir = None, port: Port = None, as_json: AsJson = False
) -> None:
    """Say what is wrong with configuration, map, database, ROS or ports, and how to mend it."""
    from fleet_manager.check import check_all, show

    findings = check_all(read_settings(map_dir=map_dir, data_dir=data_dir, port=port))
    if as_json:
        print(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=2))
    else:
        show(findings)
    raise typer.Exit(1 if any(finding.status == "wrong" for finding in findings) else 0)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the backup is written.")],
    data_dir: DataDir = None,
    overwrite: Annotated[bool, typer.Option(help="Replace a file that exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a backup of the database, also while a manager runs."""
    from fleet_manager.cli_database import backup_command

    url = read_settings(data_dir=data_dir).database_url
    backup_command(url, file, overwrite=overwrite, as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database, which is kept under another name."""
    from fleet_manager.cli_database import restore_command

    restore_command(read_settings(data_dir=data_dir).database_url, file, as_json=as_json)


@app.command()
def migrate(
    dry_run: Annotated[bool, typer.Option(help="Only say what there is to do.")] = False,
    data_dir: DataDir = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the tables of this version; a manager's start does so too."""
    from fleet_manager.cli_database import migrate_command

    url = read_settings(data_dir=data_dir, database_url=db).database_url
    migrate_command(url, dry_run=dry_run, as_json=as_json)


@app.command()
def login(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of your account.")],
    url: Annotated[str | None, typer.Option(help="Address of the manager.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Log the `fleet` command in at a manager."""
    from fleet_manager.api_client import default_url, post, print_json
    from fleet_manager.credentials import keep_secret

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True)
    address = url or default_url()
    answer = post(address, "/session", {"name": name, "password": password, "bearer": True})
    keep_secret(address, answer["secret"])
    me = answer["me"]
    if as_json:
        print_json({"name": me["name"], "role": me["role"], "site": answer["site"]})
    else:
        print(f"logged in as {me['name']}, {me['role']}, at {answer['site']}")


@app.command()
def logout(
    url: Annotated[str | None, typer.Option(help="Address of the manager.")] = None,
    as_json: AsJson = False,
) -> None:
    """End the session of the `fleet` command."""
    from fleet_manager.api_client import default_url, delete, print_json
    from fleet_manager.credentials import forget_secret

    address = url or default_url()
    answer = delete(address, "/session")
    forget_secret(address)
    if as_json:
        print_json(answer)
    else:
        print("logged out")


@app.command()
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    print(json.dumps({"version": __version__}) if as_json else __version__)


def read_settings(**given: Any) -> Settings:
    """Settings from the environment, with what the command line gave; None: not given.

    An unusable value ends the program with one line.
    """
    from pydantic import ValidationError

    from fleet_manager.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}"
            for each in error.errors()
        )
        fail(f"unusable settings: {problems}", "correct the option or its CAMPUS_* variable")


def fail(problem: str, remedy: str) -> NoReturn:
    """End the program with one line and exit code 2."""
    print(f"fleet: {problem}" + (f"; {remedy}" if remedy else ""), file=sys.stderr)
    raise SystemExit(2)


def main() -> None:
    """Entry point of the `fleet` command: known errors become one line and a remedy."""
    from fleet_manager.core.errors import CampusFleetError

    try:
        app(prog_name="fleet")
    except CampusFleetError as error:
        fail(str(error), error.remedy)
