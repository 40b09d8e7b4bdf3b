-- A place for the rows of a table of divisions until they are compared with what is stored; gone with the transaction.
DROP TABLE IF EXISTS divisions_staged;
CREATE TEMPORARY TABLE divisions_staged (
    position integer PRIMARY KEY,
    code varchar(12) NOT NULL,
    name varchar(100) NOT NULL,
    level smallint NOT NULL,
    parent_id varchar(12),
    row_number integer NOT NULL
) ON COMMIT DROP;
SELECT 1
