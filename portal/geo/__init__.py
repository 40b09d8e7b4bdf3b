"""Geospatial plumbing without domain words: coordinate systems, reading of uploads, quality checks. Free of Django models."""
