"""Features are content of a version like its zones: written while its digest is empty, and then never again."""

from django.db import migrations

SQL = """
CREATE TRIGGER plan_feature_insert AFTER INSERT ON planning_planfeature REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION planning_version_content();
CREATE TRIGGER plan_feature_frozen BEFORE UPDATE OR DELETE ON planning_planfeature
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""
REVERSE = """
DROP TRIGGER plan_feature_frozen ON planning_planfeature;
DROP TRIGGER plan_feature_insert ON planning_planfeature;
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0005_plans_of_any_file")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
