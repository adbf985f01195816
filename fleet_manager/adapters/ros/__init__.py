"""The robots over ROS 2; the only importer of rclpy in this package."""
