"""Stands in for ROS `launch` where it is not installed: records what a launch file describes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


@dataclass
class DeclareLaunchArgument:
    name: str
    default_value: Any = None
    description: str = ""


@dataclass
class LaunchConfiguration:
    name: str

    def perform(self, context: dict[str, str]) -> str:
        return context[self.name]


@dataclass
class OpaqueFunction:
    function: Callable[[Any], list[Any]]


@dataclass
class ExecuteProcess:
    cmd: list[Any]
    name: str = ""
    additional_env: dict[str, str] = field(default_factory=dict)
    output: str = ""
    on_exit: Any = None
    respawn: bool = False
    respawn_delay: float = 0.0


@dataclass
class Shutdown:
    reason: str = ""


@dataclass
class EmitEvent:
    event: Any


@dataclass
class LaunchDescription:
    entities: list[Any]


@contextmanager
def stand_in() -> Iterator[None]:
    """`import launch` finds these classes inside."""
    modules = {name: ModuleType(name) for name in NAMES}
    for name, classes in NAMES.items():
        for each in classes:
            setattr(modules[name], each.__name__, each)
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


NAMES: dict[str, tuple[type, ...]] = {
    "launch": (LaunchDescription,),
    "launch.actions": (DeclareLaunchArgument, EmitEvent, ExecuteProcess, OpaqueFunction),
    "launch.events": (Shutdown,),
    "launch.substitutions": (LaunchConfiguration,),
}
