"""Planning: who does what, where, and on which way."""
