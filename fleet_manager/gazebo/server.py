"""Starts gzserver for a world file, on a port of its own, without a display."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from fleet_manager.gazebo.install import in_root
from fleet_manager.gazebo.place import GazeboMissing, Place

MASTER_PORT = 11345
_WORLDS_KEPT_S = 86400.0


def new_world_file(place: Place) -> Path:
    """Where to write a world so that the server sees it; the folder is new.

    Raises:
        GazeboMissing: a server cannot be started here.
    """
    reason = place.why_not()
    if reason is not None:
        raise GazeboMissing(reason, "see docs/gazebo.md")
    for left_over in (place.root / "tmp").glob("campus-world-*"):
        if time.time() - left_over.stat().st_mtime > _WORLDS_KEPT_S:
            shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="campus-world-", dir=place.root / "tmp"))
    return folder / "world.sdf"


def server_command(place: Place, world: Path, port: int = MASTER_PORT) -> list[str]:
    """The command that runs gzserver with a world until it is told to end.

    The world begins paused: whoever drives it says how far it goes.

    Args:
        world: from `new_world_file`.
        port: of the master.
    """
    inside = f"/{world.parent.relative_to(place.root)}"
    # Gazebo's own setup.sh points at a database of models on the Internet; nobody waits for that.
    script = (
        ". /usr/share/gazebo/setup.sh; export HOME=" + inside + " GAZEBO_IP=127.0.0.1 "
        f"GAZEBO_MASTER_URI=http://127.0.0.1:{port} GAZEBO_MODEL_DATABASE_URI=; "
        f"exec gzserver --verbose --lockstep -u {inside}/world.sdf"
    )
    return in_root(place, ["/bin/sh", "-c", script])


def serve(place: Place, world: Path, port: int) -> None:
    """Become gzserver: this process is replaced.

    Args:
        world: from `new_world_file`.
    """
    command = server_command(place, world, port)
    os.execvp(command[0], command)
