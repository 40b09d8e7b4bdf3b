-- What covers most of each zone in the base year. Only the zones of one page are asked, so the overlay stays small.
SELECT coalesce(json_agg(json_build_object('zone', largest.number, 'code', largest.code)), '[]')
FROM (
    SELECT DISTINCT ON (cut.number) cut.number, cut.code
    FROM (
        SELECT z.number, p.code, sum(ST_Area(ST_Intersection(z.geom, p.geom))) AS covered
        FROM planning_zone z
        JOIN villages_parcel p ON p.village_id = %(village)s AND ST_Intersects(p.geom, z.geom)
        WHERE z.version_id = %(version)s AND z.number = ANY(%(numbers)s)
        GROUP BY z.number, p.code
    ) cut
    ORDER BY cut.number, cut.covered DESC, cut.code
) largest
