"""Comments that wait for a look, the words that hold them; a return that lists no point is refused by the database too."""

import datetime
import json
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

NATIONAL = Path(__file__).resolve().parent.parent / "data" / "workflow" / "national.json"
SAMPLE = "样例词，仅供演示，非正式词表"
SQL = """
CREATE FUNCTION planning_return_itemised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM planning_returnitem i WHERE i.version_id = NEW.version_id) AND EXISTS (
        SELECT 1 FROM planning_workflowrule r, jsonb_array_elements(r.procedure -> 'transitions') t
        WHERE r.id = NEW.rule_id AND t ->> 'name' = NEW.name AND t -> 'gates' ? 'return_has_items'
    ) THEN
        RAISE EXCEPTION 'the return of version % lists no point', NEW.version_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER return_itemised BEFORE INSERT ON planning_step FOR EACH ROW EXECUTE FUNCTION planning_return_itemised();

-- that a comment was held, and that it was let out, is said once
CREATE FUNCTION planning_comment_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.held_at, OLD.held_why) IS DISTINCT FROM (NEW.held_at, NEW.held_why)
        OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at) THEN
        RAISE EXCEPTION 'comment %: that it was held and let out never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER comment_held BEFORE UPDATE ON planning_comment FOR EACH ROW EXECUTE FUNCTION planning_comment_held();
CREATE TRIGGER watched_word_kept BEFORE DELETE ON planning_watchedword FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""
REVERSE = """
DROP TRIGGER watched_word_kept ON planning_watchedword;
DROP TRIGGER comment_held ON planning_comment;
DROP FUNCTION planning_comment_held();
DROP TRIGGER return_itemised ON planning_step;
DROP FUNCTION planning_return_itemised();
"""


def load(apps, schema_editor):
    """The country's procedure as it is now, as an edition of its own where steps were made by the one before."""
    rules = apps.get_model("planning", "WorkflowRule").objects
    made = set(apps.get_model("planning", "Step").objects.exclude(rule=None).values_list("rule", flat=True))
    content = json.loads(NATIONAL.read_text("utf-8"))
    for rule in rules.filter(division_code="", procedure__name="national").order_by("-valid_from")[:1]:
        if rule.procedure == content:
            continue
        rule.procedure = content
        if rule.pk in made:
            rule.pk, rule.valid_from = None, max(datetime.date.today(), rule.valid_from + datetime.timedelta(days=1))
        rule.save()
    word = {"division_code": "", "source": SAMPLE, "listed_on": datetime.date(2026, 11, 27)}
    words = apps.get_model("planning", "WatchedWord").objects
    words.bulk_create(words.model(word=text, **word) for text in ("样例违禁词", "sample-banned-word"))


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0019_drawings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("comment", "held_at", models.DateTimeField(null=True, verbose_name="held")),
        migrations.AddField(
            "comment", "held_why",
            models.CharField(
                blank=True, db_default="", max_length=10, verbose_name="why held",
                choices=[
                    ("words", "It has words of the list"), ("identity", "Its author’s identity is not verified yet"),
                    ("all", "Every comment is looked at first here"),
                ],
            ),
        ),
        migrations.AddField(
            "comment", "held_words", models.CharField(blank=True, db_default="", max_length=300, verbose_name="listed words")
        ),
        migrations.AddField("comment", "look_by", models.DateField(null=True, verbose_name="to be looked at by")),
        migrations.AddField("comment", "released_at", models.DateTimeField(null=True, verbose_name="let out")),
        migrations.AddField(
            "comment", "released_by",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            "comment",
            models.CheckConstraint(condition=Q(held_at=None) | ~Q(held_why=""), name="comment_held_with_reason"),
        ),
        migrations.AddConstraint(
            "comment",
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_at__gte=F("held_at")), name="comment_released_after_held"
            ),
        ),
        migrations.CreateModel(
            name="WatchedWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40, verbose_name="word")),
                (
                    "division_code",
                    models.CharField(
                        blank=True, help_text="Empty means the whole country.", max_length=12, verbose_name="division"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("listed_on", models.DateField(verbose_name="listed on")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="taken off the list")),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "listed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["division_code", "word"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("ended_at", None)), fields=("division_code", "word"), name="watched_word_once"
                    )
                ],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(SQL, REVERSE),
    ]  # fmt: skip
