-- Store a stretch of the staged divisions: what is new is added, what differs is changed, the rest is not touched.
-- They stand in the order of their codes, so a division above is there before those below, and is looked for at once.
SET CONSTRAINTS ALL IMMEDIATE;
WITH stored AS (
    INSERT INTO villages_division AS d (code, name, level, parent_id)
    SELECT code, name, level, parent_id FROM divisions_staged
    WHERE position >= %(first)s AND position < %(stop)s
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent_id = excluded.parent_id
    WHERE (d.name, d.level, d.parent_id) IS DISTINCT FROM (excluded.name, excluded.level, excluded.parent_id)
    RETURNING 1
)
SELECT count(*) FROM stored
