"""People who log in, machines with tokens, and the trail of what they asked for."""
