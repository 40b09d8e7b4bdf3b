-- A page of base-year parcels of a village as GeoJSON features, ordered by number.
WITH page AS (
    SELECT number, code, survey_code, area_m2, source, geom
    FROM villages_parcel
    WHERE village_id = %(village)s AND number > %(after)s
    ORDER BY number
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
            'survey_code', survey_code,
            'area_m2', area_m2,
            'source', source
        )
    ) ORDER BY number), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(number) END
FROM shown
