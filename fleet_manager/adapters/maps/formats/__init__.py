"""Other programs' map formats, one module each: reads them into campus maps, writes them out."""

from fleet_manager.adapters.maps.formats.base import (
    Exporter,
    ExportOptions,
    Files,
    Format,
    Imported,
    Importer,
    ImportOptions,
    Note,
    Notes,
)
from fleet_manager.adapters.maps.formats.registry import FORMATS, detect, reader, writer

__all__ = [
    "ExportOptions",
    "Exporter",
    "FORMATS",
    "Files",
    "Format",
    "ImportOptions",
    "Imported",
    "Importer",
    "Note",
    "Notes",
    "detect",
    "reader",
    "writer",
]
