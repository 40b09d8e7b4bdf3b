-- Number, class, colour and middle (EPSG:3857) of each zone of a version.
SELECT
    z.number, z.code, c.colour,
    (ST_XMin(z.geom_web) + ST_XMax(z.geom_web)) / 2,
    (ST_YMin(z.geom_web) + ST_YMax(z.geom_web)) / 2
FROM planning_zone AS z
LEFT JOIN planning_landuseclass AS c ON c.code = z.code AND c.code_version = '2023'
WHERE z.version_id = %(version)s
ORDER BY z.number
