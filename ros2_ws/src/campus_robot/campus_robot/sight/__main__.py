"""`python -m campus_robot.sight`: the same as the console script `campus_perception`."""

import sys

from campus_robot.sight.host import main

sys.exit(main())
