"""The area of a zone is written with it, ten times as fast as the database computes it; the database compares."""

from django.db import migrations

import portal.geo.functions

SQL = """
ALTER TABLE planning_zone ALTER COLUMN area_m2 DROP EXPRESSION;
ALTER TABLE planning_zone ALTER COLUMN area_m2 SET NOT NULL;
-- all zones of a village's plan; of a county's about a thousand, evenly spread
CREATE FUNCTION planning_zone_areas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nth integer := (SELECT 1 + count(*) / 1000 FROM added);
    wrong text := (
        SELECT format('zone %s of version %s: %s m2 is not its area', number, version_id, area_m2)
        FROM added WHERE number % nth = 0 AND abs(area_m2 - ST_Area(geom::geography)) > 0.01 + 1e-8 * area_m2 LIMIT 1
    );
BEGIN
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '%', wrong USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER zone_areas AFTER INSERT ON planning_zone REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION planning_zone_areas();
"""
REVERSE = """
DROP TRIGGER zone_areas ON planning_zone;
DROP FUNCTION planning_zone_areas();
ALTER TABLE planning_zone DROP COLUMN area_m2;
ALTER TABLE planning_zone ADD COLUMN area_m2 double precision GENERATED ALWAYS AS (ST_Area(geom::geography)) STORED NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0006_features_frozen")]
    operations = [
        migrations.RunSQL(
            SQL,
            REVERSE,
            state_operations=[
                migrations.AlterField("zone", "area_m2", portal.geo.functions.WrittenArea()),
            ],
        )
    ]
