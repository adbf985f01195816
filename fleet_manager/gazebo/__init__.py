"""A Gazebo 11 server of one's own: set up in a cache folder, started for a world."""
