"""The HTTP API and the live feed (docs/api.md): the only importer of FastAPI."""

from fleet_manager.adapters.http.application import create_app

__all__ = ["create_app"]
