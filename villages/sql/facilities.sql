-- A page of public facilities of a village as GeoJSON features; they have no number of their own, so one is counted.
WITH counted AS (
    SELECT row_number() OVER (ORDER BY kind, name, id) AS number, kind, name, source, geom
    FROM villages_facility
    WHERE village_id = %(village)s
), page AS (
    SELECT * FROM counted WHERE number > %(after)s ORDER BY number LIMIT %(limit)s + 1
), shown AS (
    SELECT * FROM page ORDER BY number LIMIT %(limit)s
)
SELECT
    coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'id', number,
        'geometry', ST_AsGeoJSON(geom, 9, 0)::json,
        'properties', json_build_object('number', number, 'kind', kind, 'name', name, 'source', source)
    ) ORDER BY number), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(number) END
FROM shown
