-- Medians of every indicator over the villages of a township and of its county, as JSON by code.
-- Of each village the version that holds: the one in force (a state of `decided`), else the newest that was opened to the public and
-- has not ended (a state of `ended`); its newest run.
WITH holding AS (
    SELECT DISTINCT ON (p.village_id) p.village_id, r.id AS run_id
    FROM planning_plan p
    JOIN planning_planversion v ON v.plan_id = p.id
    JOIN indicators_run r ON r.version_id = v.id
    WHERE p.village_id BETWEEN %(county)s || '000000' AND %(county)s || '999999'
        AND v.published_at IS NOT NULL AND v.state <> ALL(%(ended)s)
    ORDER BY p.village_id, (v.state = ANY(%(decided)s)) DESC, v.number DESC, r.computed_at DESC
), sums AS (
    SELECT
        i.code,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY i.value) AS county,
        count(*) AS in_county,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY i.value)
            FILTER (WHERE starts_with(h.village_id, %(township)s)) AS township,
        count(*) FILTER (WHERE starts_with(h.village_id, %(township)s)) AS in_township
    FROM holding h
    JOIN indicators_indicatorvalue i ON i.run_id = h.run_id
    WHERE i.value IS NOT NULL
    GROUP BY i.code
)
SELECT coalesce(json_object_agg(code, json_build_object(
    'county', county, 'in_county', in_county, 'township', township, 'in_township', in_township
)), '{}')::text
FROM sums
