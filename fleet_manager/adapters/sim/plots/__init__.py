"""Pictures of a simulation: where visits are rare, how long people wait, what robots do all day."""
