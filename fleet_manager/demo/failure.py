"""What keeps a campus from starting or going on, told in one line with what to do."""

from __future__ import annotations

from fleet_manager.core.errors import CampusFleetError


class DemoFailed(CampusFleetError):
    """The campus cannot start or cannot go on; the remedy is for the person at the keyboard."""
