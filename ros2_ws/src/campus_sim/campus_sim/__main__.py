"""Runs the simulator as `python -m campus_sim`."""

import sys

from campus_sim.main import main

sys.exit(main())
