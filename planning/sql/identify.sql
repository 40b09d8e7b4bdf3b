-- What a place is now, what it will be, which conflicts, lines and projects concern it. One place, so every part is short.
SELECT
    (SELECT json_build_object('code', p.code, 'name_zh', c.name_zh, 'name_en', c.name_en, 'area_m2', p.area_m2)
     FROM villages_parcel p
     LEFT JOIN planning_landuseclass c ON c.code = p.code AND c.code_version = '2023'
     WHERE p.village_id = %(village)s AND ST_Intersects(p.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490))
     ORDER BY p.number LIMIT 1) AS now,
    (SELECT json_build_object('zone', z.number, 'code', z.code, 'name_zh', c.name_zh, 'name_en', c.name_en, 'area_m2', z.area_m2)
     FROM planning_zone z
     LEFT JOIN planning_landuseclass c ON c.code = z.code AND c.code_version = '2023'
     WHERE z.version_id = %(version)s AND ST_Intersects(z.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490))
     ORDER BY z.number LIMIT 1) AS planned,
    (SELECT coalesce(json_agg(json_build_object('code', f.code, 'category', f.category, 'severity', f.severity,
                                                'area_m2', f.area_m2, 'detail', f.detail) ORDER BY f.number), '[]')
     FROM planning_finding f
     WHERE f.version_id = %(version)s
       AND ST_Intersects(f.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490))) AS conflicts,
    (SELECT coalesce(json_agg(json_build_object('kind', l.kind, 'name', l.name) ORDER BY l.number), '[]')
     FROM villages_controlline l
     WHERE l.village_id = %(village)s
       AND coalesce(l.valid_from <= %(today)s, true) AND coalesce(l.valid_to >= %(today)s, true)
       AND ST_Intersects(l.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490))) AS lines,
    (SELECT coalesce(json_agg(near.project ORDER BY near.distance_m), '[]')
     FROM (
         -- metres on the ellipsoid; a village has few projects, so the box in degrees only keeps the far ones out
         SELECT ST_Distance(p.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography) AS distance_m,
                json_build_object(
                    'number', p.number, 'name', p.name, 'kind', p.kind, 'state', p.state, 'budget_wan', p.budget_wan,
                    'starts_in', p.starts_in, 'ends_in', p.ends_in,
                    'distance_m', round(ST_Distance(
                        p.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography)::numeric)
                ) AS project
         FROM planning_project p
         WHERE p.version_id = %(version)s
           AND ST_DWithin(p.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography, %(near_m)s)
         ORDER BY 1 LIMIT 10
     ) near) AS projects
