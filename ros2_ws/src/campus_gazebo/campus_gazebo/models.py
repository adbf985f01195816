"""The program `campus_gazebo_models`: writes the robots of a fleet file as Gazebo models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from campus_gazebo.robot_sdf import TARGETS, robot_sdf
from campus_gazebo.robots import model_of
from campus_sim.configuration import FLEET_FILE, load_campus, load_fleet
from fleet_manager.core.config import KindSpec
from fleet_manager.core.errors import CampusFleetError


def model_files(kind: KindSpec) -> dict[str, str]:
    """A kind's folder for Gazebo's model path: texts by file name."""
    model = model_of(kind)
    listed = "".join(
        f'  <sdf version="{version}">model.{target}.sdf</sdf>\n'
        for target, version in TARGETS.items()
    )
    files = {
        f"model.{target}.sdf": robot_sdf(model, kind.name, target, camera=True)
        for target in TARGETS
    }
    files["model.config"] = (
        f'<?xml version="1.0"?>\n<model>\n  <name>{escape(kind.name)}</name>\n'
        f"  <version>1.0</version>\n{listed}"
        "  <author><name>Campus Fleet maintainers</name></author>\n"
        f"  <description>Campus robot, {model.mass_kg:.1f} kg, "
        f"{2 * kind.footprint_radius_m:.2f} m across.</description>\n</model>\n"
    )
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a folder for each kind of robot; 0, or 2 for a wrong map or fleet file."""
    parser = argparse.ArgumentParser(prog="campus_gazebo_models", description=__doc__)
    parser.add_argument("--map-dir", type=Path, required=True, help="folder with campus.geojson")
    parser.add_argument("--fleet-file", type=Path, help="default: fleet.yaml in the map folder")
    parser.add_argument("--to", type=Path, required=True, help="folder for the models")
    options = parser.parse_args(arguments)
    try:
        campus = load_campus(options.map_dir)
        fleet = load_fleet(options.fleet_file or options.map_dir / FLEET_FILE, campus)
        for kind in fleet.kinds.values():
            for name, text in model_files(kind).items():
                file = options.to / kind.name / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            print(f"{options.to / kind.name}: {model_of(kind).mass_kg:.1f} kg")
    except CampusFleetError as error:
        print(f"campus_gazebo_models: {error}; {error.remedy}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
