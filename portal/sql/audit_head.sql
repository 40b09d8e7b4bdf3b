-- The number of a new entry, and the chain as its writer sees it: number and hash of the last link.
SELECT nextval('portal_auditentry_id_seq'), coalesce(max(last.seq), 0), coalesce(max(last.hash), '')
FROM (SELECT seq, hash FROM portal_auditlink ORDER BY seq DESC LIMIT 1) last
