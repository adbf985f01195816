"""The steps, each of which changes the tables from one version to the next."""
