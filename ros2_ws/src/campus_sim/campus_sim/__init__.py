"""The embedded simulator: drives, sensors, batteries, dirt and people of a campus."""
