"""The pure core: what the fleet knows and decides, without clock, files, network or ROS."""
