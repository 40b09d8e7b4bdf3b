-- Digests of the layers that belong to villages alone: parcels (base), control lines (of all days), households.
-- Only what a measure may look at goes in (compute.frames.LAYERS), so that rows stored again unchanged change nothing.
WITH rows AS (
    SELECT 'base' AS layer, village_id, number::text AS place,
           sha256(convert_to(ROW(number, code, area_m2, slope_class, settlement, quality)::text, 'UTF8') || ST_AsBinary(geom)) AS hash
    FROM villages_parcel
    WHERE village_id = ANY(%(codes)s)
    UNION ALL
    SELECT 'lines', village_id, number::text,
           sha256(convert_to(ROW(number, kind, area_m2, level, name)::text, 'UTF8') || ST_AsBinary(geom))
    FROM villages_controlline
    WHERE village_id = ANY(%(codes)s)
    UNION ALL
    SELECT 'households', village_id, number,
           sha256(convert_to(ROW(number, persons, homesteads, homestead_m2, remark)::text, 'UTF8'))
    FROM villages_household
    WHERE village_id = ANY(%(codes)s)
), layers AS (
    SELECT village_id, layer, encode(sha256(string_agg(hash, ''::bytea ORDER BY place COLLATE "C", hash)), 'hex') AS digest
    FROM rows
    GROUP BY village_id, layer
), villages AS (
    SELECT village_id, json_object_agg(layer, digest) AS digests FROM layers GROUP BY village_id
)
SELECT coalesce(json_object_agg(village_id, digests), '{}')::text FROM villages
