-- Removes kept results made before a moment that no version's newest run was made of.
WITH newest AS (
    SELECT DISTINCT ON (version_id) sources FROM indicators_run ORDER BY version_id, computed_at DESC
), used AS (
    SELECT DISTINCT k.value AS key FROM newest, jsonb_each_text(coalesce(newest.sources -> 'results', '{}')) AS k
), removed AS (
    DELETE FROM indicators_storedresult s
    WHERE s.made_at < %(before)s AND NOT EXISTS (SELECT 1 FROM used u WHERE u.key = s.key)
    RETURNING 1
)
SELECT count(*) FROM removed
