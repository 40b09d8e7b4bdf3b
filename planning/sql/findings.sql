-- A page of findings of a version as GeoJSON features, ordered by number; `checks` gives names and laws by code.
WITH page AS (
    SELECT f.number, f.code, f.severity, f.category, z.number AS zone, f.area_m2, f.geom
    FROM planning_finding f
    LEFT JOIN planning_zone z ON z.id = f.zone_id
    WHERE f.version_id = %(version)s AND f.number > %(after)s
    ORDER BY f.number
    LIMIT %(limit)s + 1
), shown AS (
    SELECT * FROM page ORDER BY number LIMIT %(limit)s
)
SELECT
    coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'id', number,
        'geometry', ST_AsGeoJSON(geom, 9, 0)::json,
        'properties', json_build_object(
            'number', number,
            'code', code,
            'name', coalesce(%(checks)s::json -> code ->> 'name', code),
            'severity', severity,
            'category', category,
            'category_text', %(categories)s::json ->> category,
            'zone', zone,
            'area_m2', area_m2,
            'law', coalesce(%(checks)s::json -> code ->> 'law', '')
        )
    ) ORDER BY number), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(number) END
FROM shown
