"""The application: one writer that decides commands, stores events and publishes after commit."""
