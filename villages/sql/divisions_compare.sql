-- How many staged divisions are new, changed, unchanged; how many stored ones of the scope are not staged; some examples
-- of what changes; and, to take it back, the new codes and what the changed ones are now.
WITH met AS (
    SELECT s.code, s.name, s.parent_id, s.row_number, d.code IS NULL AS is_new, d.name AS old_name, d.parent_id AS old_parent,
        d.level AS old_level, (s.name, s.level, s.parent_id) IS DISTINCT FROM (d.name, d.level, d.parent_id) AS differs
    FROM divisions_staged s LEFT JOIN villages_division d USING (code)
)
SELECT
    count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new AND differs),
    count(*) FILTER (WHERE NOT is_new AND NOT differs),
    (SELECT count(*) FROM villages_division d
        WHERE d.code LIKE %(scope)s AND NOT EXISTS (SELECT 1 FROM divisions_staged s WHERE s.code = d.code)),
    (SELECT coalesce(json_agg(json_build_array(row_number, code, old_name, name, old_parent, parent_id) ORDER BY row_number), '[]')
        FROM (SELECT * FROM met WHERE NOT is_new AND differs ORDER BY row_number LIMIT %(examples)s) AS first_changed)::text,
    coalesce(json_agg(code) FILTER (WHERE is_new), '[]')::text,
    coalesce(json_agg(json_build_array(code, old_name, old_level, old_parent)) FILTER (WHERE NOT is_new AND differs), '[]')::text
FROM met
