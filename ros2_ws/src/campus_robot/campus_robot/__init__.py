"""Robot side of the campus fleet: carries out orders of the fleet manager on one robot."""
