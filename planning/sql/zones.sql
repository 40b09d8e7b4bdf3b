-- A page of zones of a version as GeoJSON features, ordered by number.
WITH page AS (
    SELECT number, code, label, area_m2, file_area_m2, remark, geom
    FROM planning_zone
    WHERE version_id = %(version)s AND number > %(after)s
    ORDER BY number
    LIMIT %(limit)s + 1
), shown AS (
    SELECT * FROM page ORDER BY number LIMIT %(limit)s
)
SELECT
    coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'id', s.number,
        'geometry', ST_AsGeoJSON(s.geom, 9, 0)::json,
        'properties', json_build_object(
            'number', s.number,
            'code', s.code,
            'name', CASE WHEN %(english)s THEN c.name_en ELSE c.name_zh END,
            'colour', c.colour,
            'label', s.label,
            'area_m2', s.area_m2,
            'file_area_m2', s.file_area_m2,
            'remark', s.remark
        )
    ) ORDER BY s.number), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(s.number) END
FROM shown s
LEFT JOIN planning_landuseclass c ON c.code = s.code AND c.code_version = '2023'
