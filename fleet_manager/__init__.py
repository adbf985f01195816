"""The fleet manager: turns what staff ask for into orders for the robots of a campus."""

__version__ = "0.1.0"
