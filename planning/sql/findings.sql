-- A page of findings of a version as GeoJSON features, ordered by number; `checks` gives name, law and action by code.
-- With `keys` only those findings. Checks in `hidden` name persons. `staff` of the division also read of exceptions that wait.
WITH page AS (
    SELECT f.*, z.number AS zone, v.plan_id
    FROM planning_finding f
    JOIN planning_planversion v ON v.id = f.version_id
    LEFT JOIN planning_zone z ON z.id = f.zone_id
    WHERE f.version_id = %(version)s AND f.number > %(after)s
      AND f.code <> ALL(%(hidden)s::text[])
      AND (%(keys)s::text[] IS NULL OR f.key = ANY(%(keys)s::text[]))
    ORDER BY f.number
    LIMIT %(limit)s + 1
), shown AS (
    SELECT * FROM page ORDER BY number LIMIT %(limit)s
), asked AS (
    SELECT s.number, json_build_object(
        'id', CASE WHEN %(staff)s THEN w.id END,
        'state', w.state,
        'state_text', %(states)s::json ->> w.state,
        'reason', w.reason,
        'document_number', w.document_number
    ) AS waiver
    FROM shown s
    JOIN planning_waiver w ON w.id = coalesce(s.waiver_id, CASE WHEN %(staff)s THEN (
        SELECT p.id FROM planning_waiver p WHERE p.plan_id = s.plan_id AND p.key = s.key AND p.state = 'proposed' LIMIT 1
    ) END)
)
SELECT
    coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'id', s.number,
        'geometry', ST_AsGeoJSON(s.geom, 9, 0)::json,
        'properties', json_build_object(
            'number', s.number,
            'key', s.key,
            'code', s.code,
            'name', coalesce(%(checks)s::json -> s.code ->> 'name', s.code),
            'severity', s.severity,
            'category', s.category,
            'category_text', %(categories)s::json ->> s.category,
            'found_as', CASE WHEN s.found_as = '' THEN s.category ELSE s.found_as END,
            'zone', s.zone,
            'subject', s.subject,
            'detail', s.detail,
            'area_m2', s.area_m2,
            'law', coalesce(%(checks)s::json -> s.code ->> 'law', ''),
            'action', coalesce(%(checks)s::json -> s.code ->> 'action', ''),
            'carried', s.carried,
            'first_version', s.first_version,
            'waiver', a.waiver
        )
    ) ORDER BY s.number), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(s.number) END
FROM shown s
LEFT JOIN asked a ON a.number = s.number
