-- A page of villages as GeoJSON features with their outline, ordered by code.
WITH page AS (
    SELECT v.division_id AS code, d.name, t.code AS town_code, t.name AS town, v.short_name, v.type, v.base_year,
           v.area_m2, v.geom, v.source
    FROM villages_village v
    JOIN villages_division d ON d.code = v.division_id
    LEFT JOIN villages_division t ON t.code = d.parent_id
    WHERE v.division_id > %(after)s AND v.division_id LIKE %(under)s AND strpos(d.name || ' ' || d.code, %(q)s) > 0
    ORDER BY v.division_id
    LIMIT %(limit)s + 1
), shown AS (
    SELECT * FROM page ORDER BY code LIMIT %(limit)s
), facts AS (
    -- the latest figure of each kind
    SELECT DISTINCT ON (village_id, code) village_id, code, value
    FROM villages_fact
    WHERE village_id IN (SELECT code FROM shown)
    ORDER BY village_id, code, year DESC
), known AS (
    SELECT village_id, json_object_agg(code, value) AS facts FROM facts GROUP BY village_id
)
SELECT
    coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'id', s.code,
        'geometry', ST_AsGeoJSON(s.geom, 9, 0)::json,
        'properties', json_build_object(
            'code', s.code,
            'name', s.name,
            'short_name', s.short_name,
            'township', s.town,
            'township_code', s.town_code,
            'type', s.type,
            'type_text', %(types)s::json ->> s.type,
            'area_ha', round((s.area_m2 / 10000)::numeric, 4),
            'base_year', s.base_year,
            'population', k.facts -> 'population',
            'resident_population', k.facts -> 'resident_population',
            'households', k.facts -> 'households',
            'source', s.source
        )
    ) ORDER BY s.code), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(s.code) END
FROM shown s
LEFT JOIN known k ON k.village_id = s.code
