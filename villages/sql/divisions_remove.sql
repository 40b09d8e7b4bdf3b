-- Take away divisions that an import added. The database refuses at once if something hangs on one of them.
SET CONSTRAINTS ALL IMMEDIATE;
WITH gone AS (
    DELETE FROM villages_division WHERE code IN (SELECT json_array_elements_text(%(codes)s::json)) RETURNING 1
)
SELECT count(*) FROM gone
