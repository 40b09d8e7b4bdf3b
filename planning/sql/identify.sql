-- What a place is now, what it will be, which conflicts, lines, projects, facilities and comments concern it. One place, so
-- every part is short. `bbox` is west, south, east, north. `base`: whether the reader may see where parcels and lines run
-- and where facilities stand; `hidden`: checks the reader may not be told of; `looks`: whether the reader looks at held comments.
WITH place AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS geom
), zone AS (
    SELECT z.id, z.number, z.code, z.label, z.area_m2, z.geom
    FROM planning_zone z, place
    WHERE z.version_id = %(version)s AND ST_Intersects(z.geom, place.geom)
    ORDER BY z.number LIMIT 1
)
SELECT
    (SELECT json_build_object(
         'number', CASE WHEN %(base)s THEN p.number END, 'code', p.code, 'name_zh', c.name_zh, 'name_en', c.name_en, 'area_m2', p.area_m2,
         'bbox', CASE WHEN %(base)s THEN json_build_array(ST_XMin(p.geom), ST_YMin(p.geom), ST_XMax(p.geom), ST_YMax(p.geom)) END)
     FROM place
     JOIN villages_parcel p ON p.village_id = %(village)s AND ST_Intersects(p.geom, place.geom)
     LEFT JOIN planning_landuseclass c ON c.code = p.code AND c.code_version = '2023'
     ORDER BY p.number LIMIT 1) AS now,
    (SELECT json_build_object(
         'zone', z.number, 'code', z.code, 'name_zh', c.name_zh, 'name_en', c.name_en, 'area_m2', z.area_m2, 'label', z.label,
         'bbox', json_build_array(ST_XMin(z.geom), ST_YMin(z.geom), ST_XMax(z.geom), ST_YMax(z.geom)))
     FROM zone z
     LEFT JOIN planning_landuseclass c ON c.code = z.code AND c.code_version = '2023') AS planned,
    (SELECT coalesce(json_agg(json_build_object(
         'number', f.number, 'code', f.code, 'category', f.category, 'severity', f.severity, 'area_m2', f.area_m2, 'detail', f.detail,
         'bbox', json_build_array(ST_XMin(f.geom), ST_YMin(f.geom), ST_XMax(f.geom), ST_YMax(f.geom))) ORDER BY f.number), '[]')
     FROM place
     JOIN planning_finding f ON f.version_id = %(version)s AND ST_Intersects(f.geom, place.geom)
     WHERE f.code <> ALL(%(hidden)s::text[])) AS conflicts,
    (SELECT coalesce(json_agg(json_build_object(
         'number', CASE WHEN %(base)s THEN l.number END, 'kind', l.kind, 'name', l.name, 'area_m2', CASE WHEN %(base)s THEN l.area_m2 END,
         'bbox', CASE WHEN %(base)s THEN json_build_array(ST_XMin(l.geom), ST_YMin(l.geom), ST_XMax(l.geom), ST_YMax(l.geom)) END)
         ORDER BY l.number), '[]')
     FROM place
     JOIN villages_controlline l ON l.village_id = %(village)s AND ST_Intersects(l.geom, place.geom)
     WHERE coalesce(l.valid_from <= %(today)s, true) AND coalesce(l.valid_to >= %(today)s, true)) AS lines,
    (SELECT coalesce(json_agg(near.project ORDER BY near.distance_m), '[]')
     FROM (
         -- metres on the ellipsoid; a village has few projects, so the box in degrees only keeps the far ones out
         SELECT ST_Distance(p.geom::geography, place.geom::geography) AS distance_m,
                json_build_object(
                    'number', p.number, 'name', p.name, 'kind', p.kind, 'state', p.state, 'budget_wan', p.budget_wan,
                    'starts_in', p.starts_in, 'ends_in', p.ends_in,
                    'distance_m', round(ST_Distance(p.geom::geography, place.geom::geography)::numeric),
                    'bbox', json_build_array(ST_XMin(p.geom), ST_YMin(p.geom), ST_XMax(p.geom), ST_YMax(p.geom))
                ) AS project
         FROM place
         JOIN planning_project p ON p.version_id = %(version)s AND ST_DWithin(p.geom::geography, place.geom::geography, %(near_m)s)
         ORDER BY 1 LIMIT 10
     ) near) AS projects,
    (SELECT coalesce(json_agg(near.facility ORDER BY near.distance_m), '[]')
     FROM (
         SELECT ST_Distance(f.geom::geography, place.geom::geography) AS distance_m,
                json_build_object(
                    'kind', f.kind, 'name', f.name,
                    'distance_m', round(ST_Distance(f.geom::geography, place.geom::geography)::numeric),
                    'bbox', json_build_array(ST_X(f.geom), ST_Y(f.geom), ST_X(f.geom), ST_Y(f.geom))
                ) AS facility
         FROM place
         JOIN villages_facility f ON %(base)s AND f.village_id = %(village)s
          AND ST_DWithin(f.geom::geography, place.geom::geography, %(near_m)s)
         ORDER BY 1 LIMIT 10
     ) near) AS facilities,
    -- numbered as the page numbers them: all comments of the version, oldest first; the words of hidden ones stay hidden
    (SELECT coalesce(json_agg(json_build_object(
         'number', said.number, 'id', said.id, 'answered', EXISTS (SELECT FROM planning_reply r WHERE r.comment_id = said.id),
         'words', CASE WHEN said.hidden_at IS NULL THEN left(said.text, 60) ELSE '' END) ORDER BY said.number), '[]')
     FROM zone
     JOIN (SELECT c.*, row_number() OVER (ORDER BY c.created_at) AS number FROM planning_comment c WHERE c.version_id = %(version)s) said
       ON (said.zone_id = zone.id OR ST_Intersects(said.geom, zone.geom))
        AND (%(looks)s OR said.author_id = %(user)s OR said.held_at IS NULL OR said.released_at IS NOT NULL OR said.hidden_at IS NOT NULL)) AS comments
