"""Rendered campus scenes with labels: what simulated cameras see, what detectors learn from.

Plain data in (`scene.Scene`, `scene.Camera`), a picture with the numbers of things out
(`renderer.Renderer`), and boxes of these (`labels`). It imports neither ROS nor the fleet manager:
whoever knows the map and the simulation fills a `Scene`. `worlds` makes scenes by itself, from
generators that differ in textures, layout and light.
"""
