-- Digests of what comes near a village and may belong to somebody else: roads, corridors, facilities. Looked up each time,
-- because no revision counts its changes. The box is a little wider than that of indicators.frames.surroundings.
WITH here AS (
    SELECT division_id AS code, ST_Expand(ST_Envelope(geom), %(room)s) AS box,
           ARRAY[division_id, left(division_id, 9) || '000', left(division_id, 6) || '000000'] AS divisions
    FROM villages_village
    WHERE division_id = ANY(%(codes)s)
), near_roads AS (
    SELECT h.code, r.id FROM here h JOIN villages_road r ON r.geom && h.box AND r.division_id = ANY(h.divisions)
), near_corridors AS (
    SELECT h.code, c.id FROM here h JOIN villages_corridor c ON c.geom && h.box AND c.division_id = ANY(h.divisions)
), near_facilities AS (
    SELECT h.code, f.id FROM here h JOIN villages_facility f ON f.geom && h.box
    UNION
    SELECT h.code, f.id FROM here h JOIN villages_facility f ON f.village_id = h.code
), roads AS (
    SELECT id, sha256(convert_to(ROW(kind, name, width_m, hardened)::text, 'UTF8') || ST_AsBinary(geom)) AS hash
    FROM villages_road WHERE id IN (SELECT id FROM near_roads)
), corridors AS (
    SELECT id, sha256(convert_to(ROW(kind, name)::text, 'UTF8') || ST_AsBinary(geom)) AS hash
    FROM villages_corridor WHERE id IN (SELECT id FROM near_corridors)
), facilities AS (
    SELECT id, sha256(convert_to(ROW(kind, name)::text, 'UTF8') || ST_AsBinary(geom)) AS hash
    FROM villages_facility WHERE id IN (SELECT id FROM near_facilities)
), hashes AS (
    SELECT code, 'roads' AS layer, hash FROM near_roads JOIN roads USING (id)
    UNION ALL
    SELECT code, 'corridors', hash FROM near_corridors JOIN corridors USING (id)
    UNION ALL
    SELECT code, 'facilities', hash FROM near_facilities JOIN facilities USING (id)
), layers AS (
    SELECT code, layer, encode(sha256(string_agg(hash, ''::bytea ORDER BY hash)), 'hex') AS digest
    FROM hashes
    GROUP BY code, layer
), villages AS (
    SELECT code, json_object_agg(layer, digest) AS digests FROM layers GROUP BY code
)
SELECT coalesce(json_object_agg(code, digests), '{}')::text FROM villages
