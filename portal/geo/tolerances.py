"""Levels, tolerances and limits of the quality rules, as section 3.5 of the domain reference has them; data, so that a
county can set its own on top."""

from typing import Any

from portal.geo.issues import ERROR, WARNING

DEFAULT_RULES: dict[str, dict[str, Any]] = {
    # A level may be "error", "warning" or "off".
    "levels": {
        "G1": ERROR,
        "G2": WARNING,  # domain: error; but the reader keeps the plane outline and says so, so nothing is lost
        "S3": ERROR,
        "S4": ERROR,
        "G3": WARNING,
        "G4": WARNING,
        "G5": ERROR,
        "G6": ERROR,
        "G7": ERROR,
        "G8": WARNING,
        "G9": WARNING,
        "G10": ERROR,
        "A1": ERROR,
        "F3": ERROR,
    },
    "tolerances": {
        "width_m": 0.01,
        "area_m2": 0.01,
        "snap_m": 0.001,
        "vertex_m": 0.0001,
        "sharp_angle_degrees": 1.0,
        # G8: smaller than this, or both thinner than 4πA/P² and narrower than the mean width 2A/P. A village road is
        # long and thin as well, but metres wide.
        "sliver_area_m2": 50.0,
        "sliver_thinness": 0.02,
        "sliver_width_m": 1.0,
        # A1 (domain 3.5): difference > max(metres, share of the ellipsoidal area)
        "area_error_m2": 1.0,
        "area_error_share": 0.001,
        "area_warning_m2": 0.5,
        "area_warning_share": 0.0001,
    },
    "limits": {"issues_per_rule": 500, "vertices": 15_000_000, "vertices_of_one": 200_000, "vertices_of_issue": 2_000},
}


def merged(rules: dict[str, dict[str, Any]] | None) -> dict[str, dict[str, Any]]:
    """The default rules with a county's own on top."""
    return {part: {**default, **(rules or {}).get(part, {})} for part, default in DEFAULT_RULES.items()}
