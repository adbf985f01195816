"""The event log, its projections and the outbox in SQL; the only importer of SQLAlchemy."""

from __future__ import annotations

from fleet_manager.adapters.db.store import SqlEventStore, open_store

__all__ = ["SqlEventStore", "open_store"]
