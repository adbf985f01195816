"""Reads a YAML file into typed values; a refusal names the file, the line and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from fleet_manager.core.errors import MapFileError

Values = TypeVar("Values")

_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def read_yaml(path: Path, values: type[Values], form: str) -> Values:
    """The content of a YAML file as the given msgspec type.

    Args:
        form: where the file's form is described, for the remedy.

    Raises:
        MapFileError: the file is missing, is not YAML or does not have the form.
    """
    text = read_text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is not YAML"
        line = "" if mark is None else f":{mark.line + 1}"
        raise MapFileError(f"{path}{line}: {problem}", "correct the YAML there") from error
    try:
        return msgspec.convert(content, values, strict=True)
    except msgspec.ValidationError as error:
        problem, _, where = str(error).partition(" - at ")
        steps = path_steps(where.strip("`"))
        place = f" ({'.'.join(map(str, steps))})" if steps else ""
        raise MapFileError(
            f"{path}:{line_of(root, steps)}: {problem}{place}", f"see {form} for the form"
        ) from error


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        MapFileError: it is missing, is a folder, cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MapFileError(
            f"{path} does not exist", "give the folder of a campus with --map or CAMPUS_MAP_DIR"
        ) from error
    except OSError as error:
        raise MapFileError(
            f"{path} cannot be read: {error.strerror}", "check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise MapFileError(f"{path} is not UTF-8 text", "save it as UTF-8") from error


def path_steps(where: str) -> list[str | int]:
    """Keys and indices of a path such as `$.robots[3].kind`; it ends at an unnamed `[...]`."""
    steps: list[str | int] = []
    for key, index in _PATH_STEP.findall(where.removeprefix("$")):
        if index == "...":
            break
        steps.append(int(index) if index else key)
    return steps


def line_of(root: yaml.Node | None, steps: list[str | int]) -> int:
    """Line (from 1) of the node at a path, or of the last node that the path reaches."""
    node: Any = root
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                return line
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
