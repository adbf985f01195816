"""Frames to detections; imports neither the fleet manager nor ROS."""
