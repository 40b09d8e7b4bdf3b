"""Measures of plans: pure functions on frames, without Django (numpy, pandas, geopandas, shapely, pyproj)."""

ENGINE = "3"
"""Version of the formulas. It is part of the digest of a run: raise it whenever a result may change."""
