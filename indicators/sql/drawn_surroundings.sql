-- What lies around a drawn polygon: one row a thing, only of the layers asked for, only what its box meets. The box is
-- written out each time, so that the planner sees its size and takes the index of the geometries.
-- A shape of many vertices is cut at a box far outside the polygon, where no edge that reaches the polygon is touched;
-- the caller clips it closer. Each layer ends one row after what is allowed, by which the caller knows that it was cut.
SELECT 'drawn' AS layer, 0 AS number, '' AS code,
    ST_Area(ST_SetSRID(ST_GeomFromWKB(%(polygon)s), 4490)::geography) AS area_m2, NULL::bytea AS wkb, NULL::json AS facts,
    '' AS name, '' AS level, '' AS settlement, NULL::integer AS slope_class, NULL::integer AS quality,
    NULL::double precision AS width_m, NULL::boolean AS hardened
UNION ALL
SELECT 'facts', 0, '', 0, NULL, coalesce(json_object_agg(latest.code, latest.value), '{}'), '', '', '', NULL, NULL, NULL, NULL
FROM (
    SELECT DISTINCT ON (f.code) f.code, f.value FROM villages_fact f WHERE f.village_id = %(village)s ORDER BY f.code, f.year DESC
) latest
UNION ALL (
    SELECT 'base', p.number, p.code, p.area_m2, ST_AsBinary(p.geom), NULL, '', '', p.settlement, p.slope_class, p.quality, NULL, NULL
    FROM villages_parcel p
    WHERE p.village_id = %(village)s AND p.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)
    LIMIT %(limit)s + 1
)
UNION ALL (
    SELECT 'lines', l.number, l.kind, l.area_m2,
        ST_AsBinary(CASE WHEN ST_NPoints(l.geom) <= %(vertices)s THEN l.geom ELSE ST_ClipByBox2D(l.geom, ST_MakeEnvelope(
            %(west)s - %(far)s, %(south)s - %(far)s, %(east)s + %(far)s, %(north)s + %(far)s, 4490)) END),
        NULL, l.name, l.level, '', NULL, NULL, NULL, NULL
    FROM villages_controlline l
    WHERE l.village_id = %(village)s AND l.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)
      AND coalesce(l.valid_from <= %(today)s, true) AND coalesce(l.valid_to >= %(today)s, true)
    LIMIT %(limit)s + 1
)
UNION ALL (
    SELECT 'outline', 0, '', v.area_m2,
        ST_AsBinary(CASE WHEN ST_NPoints(v.geom) <= %(vertices)s THEN v.geom ELSE ST_ClipByBox2D(v.geom, ST_MakeEnvelope(
            %(west)s - %(far)s, %(south)s - %(far)s, %(east)s + %(far)s, %(north)s + %(far)s, 4490)) END),
        NULL, '', '', '', NULL, NULL, NULL, NULL
    FROM villages_village v
    WHERE v.division_id = %(village)s AND v.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)
)
UNION ALL (
    SELECT 'zones', z.number, z.code, z.area_m2, ST_AsBinary(z.geom), NULL, z.label, '', '', NULL, NULL, NULL, NULL
    FROM planning_zone z
    WHERE z.version_id = %(version)s AND z.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)
    LIMIT %(limit)s + 1
)
UNION ALL (
    SELECT 'roads', r.id, r.kind, 0, ST_AsBinary(r.geom), NULL, r.name, '', '', NULL, NULL, r.width_m, r.hardened
    FROM villages_road r
    WHERE 'roads' = ANY(%(layers)s) AND r.division_id = ANY(%(divisions)s) AND r.geom && ST_MakeEnvelope(
        %(west)s - %(reach)s, %(south)s - %(reach)s, %(east)s + %(reach)s, %(north)s + %(reach)s, 4490)
    LIMIT %(limit)s + 1
)
UNION ALL (
    SELECT 'corridors', c.id, c.kind, 0, ST_AsBinary(c.geom), NULL, c.name, '', '', NULL, NULL, NULL, NULL
    FROM villages_corridor c
    WHERE 'corridors' = ANY(%(layers)s) AND c.division_id = ANY(%(divisions)s) AND c.geom && ST_MakeEnvelope(
        %(west)s - %(reach)s, %(south)s - %(reach)s, %(east)s + %(reach)s, %(north)s + %(reach)s, 4490)
    LIMIT %(limit)s + 1
)
UNION ALL (
    SELECT 'facilities', f.id, f.kind, 0, ST_AsBinary(f.geom), NULL, f.name, '', '', NULL, NULL, NULL, NULL
    FROM villages_facility f
    WHERE 'facilities' = ANY(%(layers)s) AND f.geom && ST_MakeEnvelope(
        %(west)s - %(reach)s, %(south)s - %(reach)s, %(east)s + %(reach)s, %(north)s + %(reach)s, 4490)
    LIMIT %(limit)s + 1
)
UNION ALL
-- Kinds the village has at all, without ground: a check must not say that there is none because none is near.
SELECT 'lines', 0, held.kind, 0, ST_AsBinary('MULTIPOLYGON EMPTY'::geometry), NULL, '', '', '', NULL, NULL, NULL, NULL
FROM unnest(%(kinds)s) AS held(kind) -- asked kind by kind: a county has thousands of lines of a kind
WHERE EXISTS (
    SELECT FROM villages_controlline l
    WHERE l.village_id = %(village)s AND l.kind = held.kind
      AND coalesce(l.valid_from <= %(today)s, true) AND coalesce(l.valid_to >= %(today)s, true)
)
UNION ALL
SELECT 'base', 0, '', 0, ST_AsBinary('MULTIPOLYGON EMPTY'::geometry), NULL, '', '', '', NULL, NULL, NULL, NULL
WHERE EXISTS (SELECT FROM villages_parcel p WHERE p.village_id = %(village)s)
UNION ALL
SELECT 'roads', 0, held.kind, 0, ST_AsBinary('MULTILINESTRING EMPTY'::geometry), NULL, '', '', '', NULL, NULL, held.width_m, NULL
FROM (
    SELECT r.kind, max(r.width_m) AS width_m FROM villages_road r
    WHERE 'roads' = ANY(%(layers)s) AND r.division_id = ANY(%(divisions)s) GROUP BY r.kind
) held
UNION ALL
SELECT 'corridors', 0, held.kind, 0, ST_AsBinary('MULTILINESTRING EMPTY'::geometry), NULL, '', '', '', NULL, NULL, NULL, NULL
FROM (
    SELECT DISTINCT c.kind FROM villages_corridor c
    WHERE 'corridors' = ANY(%(layers)s) AND c.division_id = ANY(%(divisions)s)
) held
