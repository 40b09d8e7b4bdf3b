-- A layer of a tile from shapes that come along (WKB, EPSG:3857) with their attributes; empty if nothing lies in it.
SELECT coalesce(ST_AsMVT(q, %(layer)s, %(extent)s, 'geom'), '')
FROM (
    SELECT
        ST_AsMVTGeom(
            ST_GeomFromWKB(t.shape, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(extent)s, %(buffer)s, true
        ) AS geom,
        t.number,
        t.code,
        t.colour
    FROM unnest(%(shapes)s::bytea[], %(numbers)s::int[], %(codes)s::text[], %(colours)s::text[])
        AS t (shape, number, code, colour)
) AS q
