"""GeoDjango's PostGIS, but emptying the database puts back the rows it began with, and touches only tables that differ.

TRUNCATE makes new files for each of a hundred tables and their indexes, and Django would read the rows of migrations in
again: seconds for every test that commits. What is done instead stands in restore.sql.
"""

from django.contrib.gis.db.backends.postgis import base
from django.contrib.gis.db.backends.postgis.operations import PostGISOperations
from django.db.backends.postgresql.creation import DatabaseCreation


class Operations(PostGISOperations):
    def sql_flush(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        return ["SELECT at_first.restore()"] if tables else []


class Creation(DatabaseCreation):
    def serialize_db_to_string(self):
        """Nothing needs to be read in again."""
        return "[]"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations
    creation_class = Creation
