"""Takes out of a virtual environment what an image does not run: all but some packages and theirs.

Used while the image is built: `prune.py KEEP...`, names of distributions. What they require stays,
as their own metadata says; everything else goes, pip last.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

EXTRAS = {"ros-rclpy": {"fastrtps"}, "sqlalchemy": {"asyncio"}}
_DEAD_WEIGHT = ("tests", "test", "__pycache__")


def normal(name: str) -> str:
    """A distribution's name as all tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(distribution: Distribution) -> set[str]:
    """Names that a distribution requires on this machine, with the extras that are used."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        from pip._vendor.packaging.requirements import Requirement
    name = normal(distribution.metadata["Name"])
    found = set()
    for text in distribution.requires or ():
        each = Requirement(text)
        extras = EXTRAS.get(name, set()) | {""}
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras):
            found.add(normal(each.name))
    return found


def kept(wanted: set[str]) -> set[str]:
    """The wanted distributions and all that they require, as far as they are installed."""
    installed = {normal(each.metadata["Name"]): each for each in distributions()}
    missing = wanted - installed.keys()
    if missing:
        sys.exit(f"prune: not installed: {', '.join(sorted(missing))}")
    found: set[str] = set()
    waiting = set(wanted)
    while waiting:
        name = waiting.pop()
        if name in found or name not in installed:
            continue
        found.add(name)
        waiting |= required(installed[name])
    return found


def main() -> None:
    """Uninstalls, then deletes tests and bytecode."""
    keep = kept({normal(name) for name in sys.argv[1:]})
    every = {normal(each.metadata["Name"]) for each in distributions()}
    gone = sorted(every - keep - {"pip"})
    command = [sys.executable, "-m", "pip", "uninstall", "-q", "-y", "--root-user-action=ignore"]
    if gone:
        subprocess.run([*command, *gone], check=True)
    if "pip" not in keep:
        subprocess.run([*command, "pip"], check=True)
    (site,) = Path(sys.prefix).glob("lib/python3*/site-packages")
    for path in sorted(site.rglob("*")):
        if path.is_dir() and path.name in _DEAD_WEIGHT and "numba" not in path.parts:
            shutil.rmtree(path, ignore_errors=True)
    print(f"prune: {len(keep)} distributions kept, {len(gone)} gone")


if __name__ == "__main__":
    main()
