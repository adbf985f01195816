"""What keeps robots out of each other's way."""
