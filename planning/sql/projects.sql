-- A page of projects of a version as GeoJSON features (some have no place), ordered by number.
WITH page AS (
    SELECT number, name, kind, budget_wan, funding_source, starts_in, ends_in, state, remark, geom
    FROM planning_project
    WHERE version_id = %(version)s AND number > %(after)s
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
            'name', name,
            'kind', kind,
            'budget_wan', budget_wan,
            'funding_source', funding_source,
            'starts_in', starts_in,
            'ends_in', ends_in,
            'state', state,
            'state_text', %(states)s::json ->> state,
            'remark', remark
        )
    ) ORDER BY number), '[]')::text,
    CASE WHEN (SELECT count(*) FROM page) > %(limit)s THEN max(number) END
FROM shown
