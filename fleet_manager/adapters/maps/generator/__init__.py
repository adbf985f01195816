"""Builds the map of a campus from its hand-written plan."""
