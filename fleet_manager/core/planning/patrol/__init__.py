"""Patrols: tours through sites, and what no patrol can do better than."""
