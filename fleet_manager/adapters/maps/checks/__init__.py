"""Says whether robots can work on a campus: everything beyond the form of its files."""
