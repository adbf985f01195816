"""Starts the robot host: `python -m campus_robot`."""

import sys

from campus_robot.host import main

sys.exit(main())
