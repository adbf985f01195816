"""Pictures of incidents, as files that are deleted on time."""

from fleet_manager.adapters.media.folder import PictureFolder

__all__ = ["PictureFolder"]
