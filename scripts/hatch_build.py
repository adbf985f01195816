"""Builds the dashboard into the wheel, so that an installed package serves it without Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `npm ci` and `npm run build` for a wheel; an editable install needs neither."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        folder = Path(self.root, "fleet_manager", "dashboard")
        built = folder / "dist"
        if not (built / "index.html").exists():
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError(
                    f"the dashboard is not built ({built}) and npm is missing; "
                    "run scripts/setup first, or install Node"
                )
            subprocess.run([npm, "ci"], cwd=folder, check=True)
            subprocess.run([npm, "run", "build"], cwd=folder, check=True)
        build_data["force_include"][str(built)] = "fleet_manager/dashboard/dist"
