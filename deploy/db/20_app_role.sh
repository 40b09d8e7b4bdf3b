#!/bin/sh
# Runs once, when the database volume is empty: the application gets a role that is no superuser,
# and the superuser loses its password, so that nobody can sign in with it over the network.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE portal LOGIN PASSWORD :'password';
ALTER DATABASE portal OWNER TO portal;
ALTER ROLE postgres PASSWORD NULL;
SQL
