-- Indicators, structure table and change matrix of all villages of a division, added up: areas and counts, never ratios.
-- Of each village one version counts: the one in force (a state of `decided`) if asked for, else the newest that was judged and
-- has not ended (a state of `ended`); drafts only if asked for. Of that version its newest run.
WITH judged AS (
    SELECT p.village_id, v.id AS version_id, v.number, v.state, r.id AS run_id
    FROM planning_plan p
    JOIN planning_planversion v ON v.plan_id = p.id
    JOIN LATERAL (
        SELECT id FROM indicators_run WHERE version_id = v.id ORDER BY computed_at DESC LIMIT 1
    ) r ON true
    WHERE p.village_id LIKE %(under)s
        AND v.state <> ALL(%(ended)s)
        AND (%(drafts)s OR v.published_at IS NOT NULL)
), chosen AS MATERIALIZED (
    SELECT DISTINCT ON (village_id) village_id, version_id, state, run_id
    FROM judged
    ORDER BY village_id, (%(in_force)s AND state = ANY(%(decided)s)) DESC, number DESC
), weights AS (
    -- figures that are means already are weighted by people, the latest figure of each village
    SELECT DISTINCT ON (f.village_id, w.code) f.village_id, w.code, f.value AS people
    FROM jsonb_each_text(%(weights)s::jsonb) AS w(code, fact)
    JOIN villages_fact f ON f.code = w.fact
    JOIN chosen c ON c.village_id = f.village_id
    ORDER BY f.village_id, w.code, f.year DESC
), valued AS (
    SELECT
        c.village_id, i.code, i.note, i.rule -> 'near' AS near,
        coalesce(i.sources ->> 'numerator_unit', '') AS numerator_unit,
        CASE WHEN k.fact IS NULL THEN coalesce(i.sources ->> 'denominator_unit', '') ELSE 'person' END AS denominator_unit,
        CASE WHEN k.fact IS NOT NULL AND w.people IS NULL THEN NULL ELSE i.value END AS value,
        -- the ratio of a base year whose parts are not on record cannot be added to anything
        CASE WHEN k.fact IS NOT NULL AND w.people IS NULL OR i.denominator IS NOT NULL AND i.base_denominator IS NULL THEN NULL
             ELSE i.base_value END AS base_value,
        i.numerator * coalesce(w.people, 1) AS numerator,
        i.base_numerator * coalesce(w.people, 1) AS base_numerator,
        coalesce(i.denominator, w.people) AS denominator,
        coalesce(i.base_denominator, w.people) AS base_denominator
    FROM chosen c
    JOIN indicators_indicatorvalue i ON i.run_id = c.run_id
    LEFT JOIN (SELECT key AS code, value AS fact FROM jsonb_each_text(%(weights)s::jsonb)) k ON k.code = i.code
    LEFT JOIN weights w ON w.village_id = c.village_id AND w.code = i.code
), with_target AS (
    SELECT v.*, t.value AS target, t.binding
    FROM valued v
    LEFT JOIN indicators_target t ON t.village_id = v.village_id AND t.code = v.code AND t.code = ANY(%(adding)s)
), sums AS (
    SELECT
        code, numerator_unit, denominator_unit,
        count(*) FILTER (WHERE value IS NOT NULL) AS villages,
        sum(value) AS total,
        sum(numerator) FILTER (WHERE value IS NOT NULL) AS numerator,
        sum(denominator) FILTER (WHERE value IS NOT NULL) AS denominator,
        count(*) FILTER (WHERE base_value IS NOT NULL) AS base_villages,
        sum(base_value) AS base_total,
        sum(base_numerator) FILTER (WHERE base_value IS NOT NULL) AS base_numerator,
        sum(base_denominator) FILTER (WHERE base_value IS NOT NULL) AS base_denominator,
        -- a change is told of the villages that have both years
        count(*) FILTER (WHERE value IS NOT NULL AND base_value IS NOT NULL) AS both_villages,
        sum(value) FILTER (WHERE base_value IS NOT NULL) AS both_total,
        sum(base_value) FILTER (WHERE value IS NOT NULL) AS both_base_total,
        sum(numerator) FILTER (WHERE value IS NOT NULL AND base_value IS NOT NULL) AS both_numerator,
        sum(denominator) FILTER (WHERE value IS NOT NULL AND base_value IS NOT NULL) AS both_denominator,
        sum(base_numerator) FILTER (WHERE value IS NOT NULL AND base_value IS NOT NULL) AS both_base_numerator,
        sum(base_denominator) FILTER (WHERE value IS NOT NULL AND base_value IS NOT NULL) AS both_base_denominator,
        -- and targets beside the values they are held against, one by one: villages are judged by rounded figures
        json_agg(json_build_array(value, target, binding, near)) FILTER (WHERE value IS NOT NULL AND target IS NOT NULL) AS held
    FROM with_target
    WHERE value IS NOT NULL OR base_value IS NOT NULL
    GROUP BY code, numerator_unit, denominator_unit
), without AS (
    SELECT code, count(*) AS villages,
           to_json((array_agg(json_build_object('code', village_id, 'name', short_name, 'note', note) ORDER BY village_id))[1:%(names)s]) AS named
    FROM valued JOIN villages_village ON division_id = village_id
    WHERE value IS NULL
    GROUP BY code
), left_out AS (
    SELECT division_id AS code, short_name AS name
    FROM villages_village
    WHERE division_id LIKE %(under)s AND division_id NOT IN (SELECT village_id FROM chosen)
)
SELECT json_build_object(
    'villages', (SELECT count(*) FROM villages_village WHERE division_id LIKE %(under)s),
    'judged', (SELECT count(*) FROM chosen),
    'in_force', (SELECT count(*) FROM chosen WHERE state = ANY(%(decided)s)),
    'area_m2', (SELECT sum(village_area_m2) FROM indicators_run WHERE id IN (SELECT run_id FROM chosen)),
    -- to be asked whether they are out of date, unless they are too many to ask
    'versions', (SELECT CASE WHEN count(*) <= %(most)s THEN coalesce(json_agg(version_id ORDER BY version_id), '[]') END FROM chosen),
    'left_out', (SELECT coalesce(json_agg(l), '[]') FROM (SELECT * FROM left_out ORDER BY code LIMIT %(names)s) l),
    'sums', CASE WHEN %(values)s THEN (SELECT coalesce(json_agg(s ORDER BY s.villages DESC), '[]') FROM sums s) END,
    'without', CASE WHEN %(values)s THEN (SELECT coalesce(json_agg(w), '[]') FROM without w) END,
    'structure', CASE WHEN %(tables)s THEN (
        SELECT coalesce(json_agg(t ORDER BY t.code), '[]')
        FROM (
            SELECT code, sum(base_m2) AS base_m2, sum(plan_m2) AS plan_m2
            FROM indicators_structurerow WHERE run_id IN (SELECT run_id FROM chosen) GROUP BY code
        ) t
    ) END,
    'changes', CASE WHEN %(tables)s THEN (
        SELECT coalesce(json_agg(t ORDER BY t.base_code, t.plan_code), '[]')
        FROM (
            SELECT base_code, plan_code, sum(area_m2) AS area_m2
            FROM indicators_changerow WHERE run_id IN (SELECT run_id FROM chosen) GROUP BY base_code, plan_code
        ) t
    ) END
)::text
