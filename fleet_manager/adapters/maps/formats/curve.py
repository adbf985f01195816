"""NURBS curves of other programs as polylines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import BSpline

from fleet_manager.core.geometry import Xy

_POINTS_A_SPAN = 8


def curve_points(
    controls: Sequence[tuple[float, float, float]], knots: Sequence[float], degree: int
) -> list[Xy] | None:
    """Points of a NURBS curve (Piegl and Tiller, The NURBS Book, eq. 4.1).

    Args:
        controls: x, y in metres and the weight of each control point.
        knots: not falling; as many as control points + degree + 1.

    Returns:
        From the first to the last point of the curve, of degree 1 its control points; None if
        these are not the numbers of a curve.
    """
    points = np.asarray(controls, dtype=float).reshape(-1, 3)
    vector = np.asarray(knots, dtype=float)
    whole = 1 <= degree < len(points) and len(vector) == len(points) + degree + 1
    if not whole or not np.isfinite(points).all() or not np.isfinite(vector).all():
        return None
    if (np.diff(vector) < 0).any() or (points[:, 2] <= 0).any():
        return None
    if degree == 1:
        return [(float(x), float(y)) for x, y, _ in points]
    first, last = vector[degree], vector[-degree - 1]
    if first >= last:
        return None
    at = np.linspace(first, last, _POINTS_A_SPAN * (len(points) - degree) + 1)
    weighted = np.column_stack([points[:, :2] * points[:, 2:], points[:, 2]])
    sampled = BSpline(vector, weighted, degree)(at)
    if (sampled[:, 2] <= 0).any():
        return None
    return [(float(x / w), float(y / w)) for x, y, w in sampled]
