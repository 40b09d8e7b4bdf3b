-- What lies near a place, beyond what identify.sql tells of it: the nearest facility of each kind in the village, and how many
-- comments the reader may see on its zone or within `near_m` metres. `base`: whether the reader may see where facilities
-- stand; `looks`: whether the reader looks at held comments. Hidden comments are counted nowhere here.
WITH place AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS geom
)
SELECT
    (SELECT coalesce(json_agg(json_build_object('kind', kind, 'name', name, 'distance_m', distance_m) ORDER BY distance_m), '[]')
     FROM (
         SELECT DISTINCT ON (f.kind) f.kind, f.name,
                round(ST_Distance(f.geom::geography, place.geom::geography)::numeric) AS distance_m
         FROM place
         JOIN villages_facility f ON %(base)s AND f.village_id = %(village)s
         ORDER BY f.kind, ST_Distance(f.geom::geography, place.geom::geography), f.name
     ) nearest) AS facilities,
    (SELECT count(*)
     FROM place
     JOIN planning_comment c ON c.version_id = %(version)s
     LEFT JOIN planning_zone z ON z.id = c.zone_id
     WHERE c.hidden_at IS NULL
       AND (%(looks)s OR c.author_id = %(user)s OR c.held_at IS NULL OR c.released_at IS NOT NULL)
       AND (z.number = %(zone)s OR ST_DWithin(c.geom::geography, place.geom::geography, %(near_m)s))) AS comments
