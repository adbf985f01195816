"""The fleet as plain documents for readers: pure functions of the state."""
