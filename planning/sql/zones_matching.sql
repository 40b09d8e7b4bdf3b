-- Zones of a version by class, size and state, with their boxes, in order. `state`: all, conflict (a finding that is more
-- than a note), or changed (its number is among `changed`).
SELECT z.number, z.code, z.label, z.area_m2, ST_XMin(z.geom), ST_YMin(z.geom), ST_XMax(z.geom), ST_YMax(z.geom)
FROM planning_zone z
WHERE z.version_id = %(version)s
  AND starts_with(z.code, %(code)s)
  AND z.area_m2 >= %(least_m2)s
  AND z.area_m2 <= coalesce(%(most_m2)s::float8, 'infinity')
  AND CASE %(state)s
        WHEN 'conflict' THEN EXISTS (
            SELECT FROM planning_finding f
            WHERE f.version_id = %(version)s AND f.zone_id = z.id AND f.severity <> 'info' AND f.code <> ALL(%(hidden)s::text[]))
        WHEN 'changed' THEN z.number = ANY(%(changed)s::int[])
        ELSE true
      END
ORDER BY z.number
