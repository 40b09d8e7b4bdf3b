-- What lies in a view: classes, lines, findings, projects, facilities and comments, counted and measured inside it.
-- The view is a rectangle of degrees; its sides get points of their own, because between two points a geography runs along
-- the shortest way, not along the parallel that the reader sees. Without a view (nulls) everything is counted.
-- `looks`: whether the reader looks at comments that are held. `version` may be empty (a village without a plan); `base`: whether the reader may see parcels, lines and facilities.
WITH seen AS (
    SELECT ST_MakeEnvelope(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, 4490) AS box
), view AS (
    SELECT box, ST_Segmentize(box, greatest(%(east)s::float8 - %(west)s::float8, %(north)s::float8 - %(south)s::float8) / 64) AS shape
    FROM seen
), zones AS (
    SELECT z.code, CASE WHEN v.box IS NULL OR z.geom @ v.box THEN z.area_m2
                        ELSE ST_Area(ST_Intersection(z.geom, v.shape)::geography) END AS area_m2
    FROM view v
    JOIN planning_zone z ON z.version_id = %(version)s AND (v.box IS NULL OR z.geom && v.box)
), parcels AS (
    SELECT p.code, CASE WHEN v.box IS NULL OR p.geom @ v.box THEN p.area_m2
                        ELSE ST_Area(ST_Intersection(p.geom, v.shape)::geography) END AS area_m2
    FROM view v
    JOIN villages_parcel p ON %(base)s AND p.village_id = %(village)s AND (v.box IS NULL OR p.geom && v.box)
), lines AS (
    SELECT l.kind, CASE WHEN v.box IS NULL OR l.geom @ v.box THEN l.area_m2
                        ELSE ST_Area(ST_Intersection(l.geom, v.shape)::geography) END AS area_m2
    FROM view v
    JOIN villages_controlline l ON %(base)s AND l.village_id = %(village)s AND (v.box IS NULL OR l.geom && v.box)
    WHERE coalesce(l.valid_from <= %(today)s, true) AND coalesce(l.valid_to >= %(today)s, true)
)
SELECT
    (SELECT coalesce(json_agg(json_build_object('code', g.code, 'count', g.n, 'area_m2', g.m2) ORDER BY g.code), '[]')
     FROM (SELECT code, count(*) AS n, sum(area_m2) AS m2 FROM zones WHERE area_m2 > 0 GROUP BY code) g) AS plan,
    (SELECT coalesce(json_agg(json_build_object('code', g.code, 'count', g.n, 'area_m2', g.m2) ORDER BY g.code), '[]')
     FROM (SELECT code, count(*) AS n, sum(area_m2) AS m2 FROM parcels WHERE area_m2 > 0 GROUP BY code) g) AS now,
    (SELECT coalesce(json_agg(json_build_object('kind', g.kind, 'count', g.n, 'area_m2', g.m2) ORDER BY g.kind), '[]')
     FROM (SELECT kind, count(*) AS n, sum(area_m2) AS m2 FROM lines WHERE area_m2 > 0 GROUP BY kind) g) AS lines,
    (SELECT count(*) FROM view v
     JOIN planning_finding f ON f.version_id = %(version)s AND f.code <> ALL(%(hidden)s::text[])
      AND f.geom IS NOT NULL AND (v.box IS NULL OR ST_Intersects(f.geom, v.box))) AS findings,
    (SELECT coalesce(json_agg(json_build_object('kind', g.kind, 'count', g.n) ORDER BY g.kind), '[]')
     FROM (SELECT p.kind, count(*) AS n FROM view v
           JOIN planning_project p ON p.version_id = %(version)s AND p.geom IS NOT NULL
            AND (v.box IS NULL OR ST_Intersects(p.geom, v.box))
           GROUP BY p.kind) g) AS projects,
    (SELECT coalesce(json_agg(json_build_object('kind', g.kind, 'count', g.n) ORDER BY g.kind), '[]')
     FROM (SELECT f.kind, count(*) AS n FROM view v
           JOIN villages_facility f ON %(base)s AND f.village_id = %(village)s AND (v.box IS NULL OR f.geom && v.box)
           GROUP BY f.kind) g) AS facilities,
    (SELECT count(*) FROM view v
     JOIN planning_comment c ON c.version_id = %(version)s
     LEFT JOIN planning_zone z ON z.id = c.zone_id
     WHERE coalesce(c.geom, z.geom) IS NOT NULL
       AND (%(looks)s OR c.author_id = %(user)s OR c.held_at IS NULL OR c.released_at IS NOT NULL OR c.hidden_at IS NOT NULL)
       AND (v.box IS NULL OR coalesce(c.geom, ST_PointOnSurface(z.geom)) && v.box)) AS comments
