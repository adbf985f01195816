"""Adapters join the application to the world; each folder alone imports its technology."""
