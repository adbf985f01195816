"""Watches through the cameras of robots, and through fixed ones: frames in, detections out."""
