"""Gazebo as the plant of the campus: robot models, and the bridge between it and ROS."""
