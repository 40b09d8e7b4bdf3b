-- Digests of what belongs to a version: its zones (plan), projects and other layers. A version never changes, but two may
-- have the same zones: importing projects makes a version, and nothing about its zones need be computed again.
WITH rows AS (
    SELECT 'plan' AS layer, number::text AS place,
           sha256(convert_to(ROW(number, code, area_m2, label, attributes)::text, 'UTF8') || ST_AsBinary(geom)) AS hash
    FROM planning_zone
    WHERE version_id = %(version)s
    UNION ALL
    SELECT 'projects', number::text,
           sha256(convert_to(ROW(number, name, kind)::text, 'UTF8') || coalesce(ST_AsBinary(geom), ''::bytea))
    FROM planning_project
    WHERE version_id = %(version)s
    UNION ALL
    SELECT 'features', layer || ' ' || number,
           sha256(convert_to(ROW(layer, number, attributes)::text, 'UTF8') || coalesce(ST_AsBinary(geom), ''::bytea))
    FROM planning_planfeature
    WHERE version_id = %(version)s
), layers AS (
    SELECT layer, encode(sha256(string_agg(hash, ''::bytea ORDER BY place COLLATE "C")), 'hex') AS digest
    FROM rows
    GROUP BY layer
)
SELECT coalesce(json_object_agg(layer, digest), '{}')::text FROM layers
