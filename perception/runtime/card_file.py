"""Reads a YAML file into typed values; a refusal names the file and the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import yaml

from perception.errors import CardError

LARGEST_BYTES = 1_000_000
"""A card of a model with a thousand classes has about 30 kB."""
Values = TypeVar("Values")
Step = str | int

_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True)
class Lines:
    """Where the values of a file stand in it."""

    path: Path
    root: yaml.Node | None

    def error(self, steps: Sequence[Step], problem: str, remedy: str) -> CardError:
        """An error at the line of a value; `steps` are the keys and indices that lead to it."""
        return CardError(self.path, self._line(steps), problem, remedy)

    def _line(self, steps: Sequence[Step]) -> int:
        node: Any = self.root
        line = 1 if node is None else int(node.start_mark.line) + 1
        for step in steps:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(step)]
                if not found:
                    return line
                key, node = found[0]
                line = int(key.start_mark.line) + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    return line
                node = node.value[step]
                line = int(node.start_mark.line) + 1
            else:
                return line
        return line


@dataclass(frozen=True)
class CardFile(Generic[Values]):
    """The values of a file, with their lines."""

    values: Values
    lines: Lines


def read_card_file(path: Path, values: type[Values], form: str) -> CardFile[Values]:
    """The content of a YAML file as the given msgspec type.

    Args:
        form: where the file's form is described, for the remedy.

    Raises:
        CardError: the file is missing, too large, not YAML, names a key twice, or does not have
            the form.
    """
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise CardError(path, line, str(problem), "correct the YAML there") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise CardError(path, 1, str(error), "correct the YAML there") from error
    for key in _repeated_keys(root):
        line = key.start_mark.line + 1
        raise CardError(path, line, f"{key.value} is there twice", "keep one of the two")
    lines = Lines(path, root)
    try:
        return CardFile(msgspec.convert(content, values, strict=True), lines)
    except msgspec.ValidationError as error:
        problem, _, where = str(error).partition(" - at ")
        steps = _steps(where.strip("`"))
        place = f" ({'.'.join(map(str, steps))})" if steps else ""
        raise lines.error(steps, f"{problem}{place}", f"see {form} for the form") from error
    except (OverflowError, RecursionError) as error:
        raise CardError(path, 1, str(error), f"see {form} for the form") from error


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise CardError(path, 1, "there is no such file", "give the path of the card itself")
        if path.stat().st_size > LARGEST_BYTES:
            raise CardError(path, 1, "it is too large for a card", "check that it is the card")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise CardError(path, 1, problem, "check its permissions") from error
    except UnicodeDecodeError as error:
        raise CardError(path, 1, "it is not UTF-8 text", "save it as UTF-8") from error


def _steps(where: str) -> list[Step]:
    """Keys and indices of a path such as `$.input.size[1]`; it ends at an unnamed `[...]`."""
    steps: list[Step] = []
    for key, index in _PATH_STEP.findall(where.removeprefix("$")):
        if index == "...":
            break
        steps.append(int(index) if index else key)
    return steps


def _repeated_keys(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Keys that a mapping names more than once; YAML itself keeps the last silently.

    An alias may lead back to a node above it, so each node is looked at once.
    """
    waiting, seen = [node], set[int]()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, yaml.MappingNode):
            names: set[str] = set()
            for key, value in each.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in names:
                        yield key
                    names.add(key.value)
                waiting.append(value)
        elif isinstance(each, yaml.SequenceNode):
            waiting.extend(each.value)
