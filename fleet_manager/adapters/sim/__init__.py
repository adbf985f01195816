"""The core in virtual time: the same decisions, with robots that are worked out event by event."""
