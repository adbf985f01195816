"""Hand-written Open-RMF buildings for tests."""

from __future__ import annotations

HOUSE = """\
name: house
coordinate_system: reference_image
reference_level_name: L1
levels:
  L1:
    elevation: 0.0
    measurements:
      - [0, 1, {distance: [3, 10.0]}]
    fiducials:
      - [0, 0, north_west]
      - [200, 0, north_east]
      - [200, 200, south_east]
    vertices:
      - [0, 100, 0, dock, {is_charger: [4, true], spawn_robot_name: [1, tidy],
                           spawn_robot_type: [1, Open-RMF/Cleaner]}]
      - [100, 100, 0, hall, {mutex: [1, hall]}]
      - [160, 100, 0, "", {lift_cabin: [1, lift_a]}]
      - [50, 90, 0, ""]
      - [50, 110, 0, ""]
      - [100, 180, 0, nook, {is_parking_spot: [4, true]}]
    doors:
      - [3, 4, {name: [1, gate], type: [1, sliding]}]
    lanes:
      - [0, 1, {bidirectional: [4, true], graph_idx: [2, 0]}]
      - [1, 2, {bidirectional: [4, true], graph_idx: [2, 0], mutex: [1, hall],
                speed_limit: [3, 0.4]}]
      - [1, 5, {bidirectional: [4, true], graph_idx: [2, 0]}]
  L2:
    elevation: 4.0
    fiducials:
      - [50, 50, north_west]
      - [50, 150, north_east]
      - [-50, 150, south_east]
    vertices:
      - [0, 130, 0, "", {lift_cabin: [1, lift_a]}]
      - [0, 80, 0, roof]
    lanes:
      - [0, 1, {bidirectional: [4, false], graph_idx: [2, 0]}]
      - [1, 0, {bidirectional: [4, false], graph_idx: [2, 0]}]
lifts:
  lift_a:
    reference_floor_name: L1
    lowest_floor: L1
    highest_floor: L2
    x: 160
    y: 100
    yaw: 0.0
    width: 2.0
    depth: 1.5
    level_doors:
      L1: [door]
      L2: [door]
"""
"""Two levels, a lift between them. A pixel of L1 is 0.1 m; L2's picture is drawn at 0.2 m a
pixel and turned by a quarter, which its three fiducials say."""
