"""`fleet gazebo`: Gazebo 11 in a cache folder of its own, and campuses as worlds in it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fleet_manager.adapters.maps import load_campus
from fleet_manager.adapters.maps.formats import FORMATS, ExportOptions
from fleet_manager.adapters.maps.formats.base import Furnishing
from fleet_manager.adapters.maps.formats.registry import writer
from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.gazebo.place import Place, usual_place
from fleet_manager.gazebo.server import MASTER_PORT

app = typer.Typer(help="Gazebo 11 in a folder of its own.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("install")
def install_command(
    mirror: Annotated[
        str | None, typer.Option(help="Of Debian; by default the one in apt's sources.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Set Gazebo 11 up in the cache folder: 1.3 GB, a minute or two, as root."""
    from fleet_manager.gazebo.install import install

    place = usual_place()
    with _progress(quiet=as_json) as say:
        done = install(place, say, mirror)
    if as_json:
        _print_json({**_status(place), "changed": done})
    else:
        print(f"Gazebo {_status(place)['gazebo']} {'is now' if done else 'was'} in {place.folder}")


@app.command("status")
def status_command(as_json: AsJson = False) -> None:
    """Say whether Gazebo 11 can be used here; exit code 1 if not."""
    found = _status(usual_place())
    if as_json:
        _print_json(found)
    else:
        print(f"Gazebo {found['gazebo']} in {found['folder']}" if found["usable"] else found["why"])
    raise typer.Exit(0 if found["usable"] else 1)


@app.command("remove")
def remove_command(as_json: AsJson = False) -> None:
    """Delete the cache folder."""
    from fleet_manager.gazebo.install import remove

    place = usual_place()
    done = remove(place)
    if as_json:
        _print_json({"folder": str(place.folder), "changed": done})
    else:
        print(f"{place.folder} {'deleted' if done else 'was not there'}")


@app.command("serve")
def serve_command(
    map_dir: Annotated[Path, typer.Option(help="Folder of the campus map.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the master.")] = MASTER_PORT,
    level: Annotated[str | None, typer.Option(help="Level; by default all.")] = None,
    people: Annotated[int, typer.Option(min=0, help="Who stand beside lanes.")] = 0,
    seed: Annotated[int, typer.Option(help="Of where people are.")] = 1,
) -> None:
    """Run gzserver with a campus until it is told to end; `campus_gazebo` joins it to ROS."""
    from fleet_manager.gazebo.server import new_world_file, serve

    place = usual_place()
    world = new_world_file(place)
    options = ExportOptions(
        level=level, target="gazebo11", furnishing=Furnishing(people, seed=seed)
    )
    files = writer(FORMATS["sdf"])(load_campus(map_dir), options)
    ((_, pieces),) = files.items()
    replace_file(world, pieces)
    serve(place, world, port)


def _status(place: Place) -> dict[str, Any]:
    made: dict[str, Any] = {}
    with contextlib.suppress(OSError, json.JSONDecodeError):
        made = json.loads(place.mark.read_text())
    why = place.why_not()
    return {
        "folder": str(place.folder),
        "installed": place.is_installed,
        "usable": why is None,
        "why": why,
        "gazebo": made.get("gazebo"),
        "mirror": made.get("mirror"),
        "messages": str(place.descriptors),
    }


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Shows the steps: a line that lives on a terminal, a line a step elsewhere."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("Gazebo 11", total=None)

        def say(number: int, count: int, title: str) -> None:
            bar.update(task, description=f"[{number}/{count}] {title}")
            if not quiet and not console.is_terminal:
                console.print(f"[{number}/{count}] {title} …", highlight=False, markup=False)

        yield say


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
