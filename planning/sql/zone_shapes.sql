-- Shapes (EPSG:3857) of zones of a version, by their numbers.
SELECT ST_AsBinary(geom_web)
FROM planning_zone
WHERE version_id = %(version)s AND number = ANY(%(numbers)s)
ORDER BY number
