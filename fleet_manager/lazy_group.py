"""Sub-commands that are imported only when they are used, so that `fleet --help` is quick."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command


class LazyGroup(TyperGroup):
    """A command group that stands for the typer app of a module until it is used.

    Args:
        name: of the group.
        module: that has the typer app as `app`.
        help: one line.
    """

    def __init__(self, *, name: str, module: str, help: str) -> None:
        super().__init__(name=name, help=help)
        self._module = module

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        app: typer.Typer = importlib.import_module(self._module).app
        command = get_command(app)
        command.name = self.name
        return command.make_context(*args, **kwargs)


class RootGroup(TyperGroup):
    """The root of the `fleet` command with its lazy groups."""

    lazy: tuple[LazyGroup, ...] = (
        LazyGroup(name="task", module="fleet_manager.cli_task", help="Ask for tasks, follow them."),
        LazyGroup(
            name="programme",
            module="fleet_manager.cli_programme",
            help="Patrols that keep a promise.",
        ),
        LazyGroup(name="robot", module="fleet_manager.cli_robot", help="See and command robots."),
        LazyGroup(
            name="traffic", module="fleet_manager.cli_traffic", help="See who waits for whom."
        ),
        LazyGroup(name="user", module="fleet_manager.cli_user", help="Accounts and tokens."),
        LazyGroup(name="map", module="fleet_manager.cli_map", help="Check and describe maps."),
        LazyGroup(name="plan", module="fleet_manager.cli_plan", help="Work out plans."),
        LazyGroup(
            name="gazebo", module="fleet_manager.cli_gazebo", help="Gazebo 11 in its own folder."
        ),
        LazyGroup(name="sim", module="fleet_manager.cli_sim", help="Simulate days in minutes."),
    )

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for group in self.lazy:
            self.add_command(group)
