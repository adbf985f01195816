"""Reads a YAML file into typed values; a refusal names the file, the line and what to do."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import yaml

from fleet_manager.core.errors import MapFileError

LARGEST_YAML_BYTES = 8_000_000
"""Of plans, fleets and schedules; a plan of the full site has 40 kB."""
Values = TypeVar("Values")
Part = TypeVar("Part")
Step = str | int
"""A key of a mapping or an index of a list."""

_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True)
class YamlFile(Generic[Values]):
    """The values of a YAML file, with where they stand in it.

    Attributes:
        form: where the file's form is described.
        root: of the YAML nodes; None for an empty file.
    """

    path: Path
    form: str
    values: Values
    root: yaml.Node | None

    def error(self, steps: list[Step], problem: str, remedy: str) -> MapFileError:
        """An error at the line of a value.

        Args:
            steps: keys and indices that lead to it, such as `["robots", 3, "kind"]`.
        """
        return MapFileError(f"{self.path}:{_line_of(self.root, steps)}: {problem}", remedy)

    def part(self, steps: list[Step], value: object, values: type[Part]) -> Part:
        """A part of the file that was read without its form, now with it.

        Raises:
            MapFileError: it does not have the form.
        """
        return _converted(value, values, self.path, self.form, self.root, steps)


def read_yaml(path: Path, values: type[Values], form: str) -> YamlFile[Values]:
    """The content of a YAML file as the given msgspec type.

    Args:
        form: where the file's form is described, for the remedy.

    Raises:
        MapFileError: the file is missing, is not YAML, names a key twice, or does not have
            the form.
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
    except (ValueError, RecursionError) as error:
        raise MapFileError(f"{path}: {error}", "correct the YAML there") from error
    for key in _repeated_keys(root):
        line_number = key.start_mark.line + 1
        raise MapFileError(
            f"{path}:{line_number}: {key.value} is there twice", "keep one of the two"
        )
    return YamlFile(path, form, _converted(content, values, path, form, root, []), root)


def read_text(path: Path, largest_bytes: int = LARGEST_YAML_BYTES) -> str:
    """The text of a file.

    Args:
        largest_bytes: a larger file is refused without reading it.

    Raises:
        MapFileError: it is missing, is no file (a folder, a pipe, a device), is too large, cannot
            be read or is not UTF-8.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
            raise MapFileError(f"{path} is {what}, not a file", "give the file itself")
        if status.st_size > largest_bytes:
            size_mb, largest_mb = status.st_size / 1e6, largest_bytes / 1e6
            raise MapFileError(
                f"{path} has {size_mb:.0f} MB, more than the {largest_mb:.0f} MB that are read",
                "check that it is the right file; split what is really so large",
            )
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


def _converted(
    content: object,
    values: type[Part],
    path: Path,
    form: str,
    root: yaml.Node | None,
    above: list[Step],
) -> Part:
    try:
        return msgspec.convert(content, values, strict=True)
    except msgspec.ValidationError as error:
        problem, _, where = str(error).partition(" - at ")
        steps = [*above, *_path_steps(where.strip("`"))]
        place = f" ({'.'.join(map(str, steps))})" if steps else ""
        raise MapFileError(
            f"{path}:{_line_of(root, steps)}: {problem}{place}", f"see {form} for the form"
        ) from error


def _path_steps(where: str) -> list[Step]:
    """Keys and indices of a path such as `$.robots[3].kind`; it ends at an unnamed `[...]`."""
    steps: list[Step] = []
    for key, index in _PATH_STEP.findall(where.removeprefix("$")):
        if index == "...":
            break
        steps.append(int(index) if index else key)
    return steps


def _line_of(root: yaml.Node | None, steps: list[Step]) -> int:
    """Line (from 1) of the node at a path, or of the last node that the path reaches."""
    node: Any = root
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                return int(line)
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return int(line)
    return int(line)


def _repeated_keys(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Keys that a mapping names more than once; YAML itself keeps the last silently."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _repeated_keys(each)
