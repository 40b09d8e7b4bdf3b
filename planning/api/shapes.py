"""What the planning part of the API answers."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from planning import freshness
from planning.models import Finding, LandUseClass, Plan, PlanVersion, Project, State, Waiver
from portal.models import User
from portal.rules import STAFF, has_role

LINKS = (
    "zones",
    "findings",
    "projects",
    "structure",
    "indicators",
    "ledgers",
    "comments",
    "history",
    "steps",
    "identify",
    "tiles",
)


def name_for(reader: User | AnonymousUser, person: User | None, division_code: str) -> str:
    """A person's name: in full for staff of the division, masked for everybody else."""
    if person is None:
        return ""
    return str(person) if has_role(reader, STAFF, division_code) else person.masked_name


def absolute(request: HttpRequest, name: str, **kwargs: str) -> str:
    return request.build_absolute_uri(reverse(name, kwargs=kwargs))


class ClassShape(serializers.ModelSerializer):
    name = serializers.CharField()

    class Meta:
        model = LandUseClass
        fields = [
            "code", "code_version", "name", "name_zh", "name_en", "level", "parent_code", "colour", "big_class", "sansheng",
        ]  # fmt: skip


VillageRef = inline_serializer("VillageRef", {"code": serializers.CharField(), "name": serializers.CharField()})
NoticeShape = inline_serializer("Notice", {"opens_on": serializers.DateField(), "closes_on": serializers.DateField()})


class PlanRef(serializers.ModelSerializer):
    village = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = ["id", "name", "target_year", "village"]

    @extend_schema_field(VillageRef)
    def get_village(self, plan: Plan) -> dict[str, str]:
        return {"code": plan.village_id, "name": plan.village.short_name}


class VersionRef(serializers.ModelSerializer):
    state = serializers.ChoiceField(State.choices)
    state_text = serializers.CharField(source="get_state_display")
    stale = serializers.SerializerMethodField(help_text="An input changed since its results were computed.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = PlanVersion
        fields = ["id", "number", "state", "state_text", "stale", "note", "created_at", "published_at", "url"]

    def get_stale(self, version: PlanVersion) -> bool:
        return freshness.is_stale(version)

    @extend_schema_field(serializers.URLField())
    def get_url(self, version: PlanVersion) -> str:
        return absolute(self.context["request"], "api-version", id=version.pk)


class PlanDetail(PlanRef):
    versions = serializers.SerializerMethodField()

    class Meta(PlanRef.Meta):
        fields = [*PlanRef.Meta.fields, "created_at", "versions"]

    @extend_schema_field(VersionRef(many=True))
    def get_versions(self, plan: Plan) -> list[dict]:
        return VersionRef(plan.seen, many=True, context=self.context).data


class VersionDetail(VersionRef):
    plan = PlanRef()
    notice = serializers.SerializerMethodField()
    created_by = serializers.SerializerMethodField()
    zones = serializers.IntegerField(source="zone_count")
    links = serializers.SerializerMethodField()

    class Meta(VersionRef.Meta):
        fields = [
            *VersionRef.Meta.fields, "digest", "checked_at", "created_by", "plan", "notice", "zones", "links",
        ]  # fmt: skip

    @extend_schema_field({**{"allOf": [{"$ref": "#/components/schemas/Notice"}]}, "nullable": True})
    def get_notice(self, version: PlanVersion) -> dict | None:
        notice = getattr(version, "notice", None)
        return notice and {"opens_on": notice.opens_on.isoformat(), "closes_on": notice.closes_on.isoformat()}

    def get_created_by(self, version: PlanVersion) -> str:
        return name_for(self.context["request"].user, version.created_by, version.division_code)

    @extend_schema_field(serializers.DictField(child=serializers.URLField()))
    def get_links(self, version: PlanVersion) -> dict[str, str]:
        request = self.context["request"]
        return {name: absolute(request, f"api-version-{name}", id=version.pk) for name in LINKS}


class ZoneProperties(serializers.Serializer):
    number = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    colour = serializers.CharField(allow_null=True)
    label = serializers.CharField(allow_blank=True, help_text="Its number in the file.")
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area, m².")
    file_area_m2 = serializers.FloatField(allow_null=True, help_text="The area the file says.")
    remark = serializers.CharField(allow_blank=True)


class WaiverRef(serializers.Serializer):
    id = serializers.CharField(allow_null=True, help_text="Null for all but staff of the division.")
    state = serializers.ChoiceField(Waiver.State.choices)
    state_text = serializers.CharField()
    reason = serializers.CharField()
    document_number = serializers.CharField()


class FindingProperties(serializers.Serializer):
    number = serializers.IntegerField(help_text="Its place in this computation; `key` stays the same.")
    key = serializers.CharField(help_text="The name of the conflict in all computations and versions.")
    code = serializers.CharField()
    name = serializers.CharField()
    severity = serializers.ChoiceField(Finding.Severity.choices)
    category = serializers.ChoiceField(Finding.Category.choices)
    category_text = serializers.CharField()
    found_as = serializers.ChoiceField(Finding.Category.choices, help_text="Its category but for an exception.")
    zone = serializers.IntegerField(allow_null=True, help_text="Number of the zone.")
    subject = serializers.CharField(allow_blank=True, help_text="What is in conflict where it is no zone.")
    detail = serializers.DictField(
        help_text="Figures behind it, and `waiver_outgrown`: the exception that does not reach this far, with "
        "`waiver_why` (area, land_use)."
    )
    area_m2 = serializers.FloatField()
    law = serializers.CharField(allow_blank=True)
    action = serializers.CharField(allow_blank=True, help_text="What to do about it.")
    carried = serializers.ChoiceField(
        ["", *Finding.Carried.values], help_text="Against the version before: new or still; empty if there is none."
    )
    first_version = serializers.IntegerField(allow_null=True, help_text="Number of the version it was first seen in.")
    waiver = WaiverRef(allow_null=True, help_text="The exception that covers it; for staff also one that waits.")


class ProjectProperties(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(allow_blank=True)
    budget_wan = serializers.FloatField(allow_null=True, help_text="10,000 yuan.")
    funding_source = serializers.CharField(allow_blank=True)
    starts_in = serializers.IntegerField(allow_null=True)
    ends_in = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(Project.State.choices)
    state_text = serializers.CharField()
    remark = serializers.CharField(allow_blank=True)


class PinShape(serializers.Serializer):
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class StepShape(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    by = serializers.CharField(allow_blank=True, help_text="Empty: the portal itself.")
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class ActShape(serializers.Serializer):
    verb = serializers.CharField()
    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    before = serializers.DictField(required=False, help_text="For staff of the division only.")
    after = serializers.DictField(required=False, help_text="For staff of the division only.")


class History(serializers.Serializer):
    steps = StepShape(many=True)
    acts = ActShape(many=True, help_text="The newest 500 acts on record, newest first.")
    acts_total = serializers.IntegerField()


class PossibleStep(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    needs_note = serializers.BooleanField()
    itemised = serializers.BooleanField(help_text="It is made together with its `points`.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="What still stands in the way.")


class PossibleSteps(serializers.Serializer):
    state = serializers.ChoiceField(State.choices)
    state_text = serializers.CharField()
    allowed = PossibleStep(many=True)


class BoxField(serializers.ListField):
    """West, south, east, north in EPSG:4490."""

    child = serializers.FloatField()


class IdentifyClass(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    area_m2 = serializers.FloatField()
    number = serializers.IntegerField(allow_null=True, required=False, help_text="Of the parcel, if you may see it.")
    bbox = BoxField(allow_null=True, help_text="None where you may not see the shape.")


class IdentifyZone(IdentifyClass):
    zone = serializers.IntegerField()
    label = serializers.CharField(allow_blank=True, help_text="Number in the file.")


class IdentifyConflict(serializers.Serializer):
    number = serializers.IntegerField()
    bbox = BoxField()
    code = serializers.CharField()
    name = serializers.CharField()
    severity = serializers.ChoiceField(Finding.Severity.choices)
    category = serializers.ChoiceField(Finding.Category.choices)
    area_m2 = serializers.FloatField()
    text = serializers.CharField()


class IdentifyLine(serializers.Serializer):
    kind = serializers.CharField()
    kind_text = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    number = serializers.IntegerField(allow_null=True, help_text="If you may see the base data.")
    area_m2 = serializers.FloatField(allow_null=True)
    bbox = BoxField(allow_null=True, help_text="None where you may not see the shape.")


class IdentifyFacility(serializers.Serializer):
    kind = serializers.CharField(help_text="Two-digit facility type.")
    kind_text = serializers.CharField()
    name = serializers.CharField()
    distance_m = serializers.IntegerField()
    bbox = BoxField()


class IdentifyComment(serializers.Serializer):
    number = serializers.IntegerField(help_text="As on the page of the version.")
    id = serializers.CharField()
    answered = serializers.BooleanField()
    words = serializers.CharField(allow_blank=True, help_text="Its beginning; empty if the comment is hidden.")


class IdentifyProject(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(Project.State.choices)
    state_text = serializers.CharField()
    budget_wan = serializers.FloatField(allow_null=True)
    starts_in = serializers.IntegerField(allow_null=True)
    ends_in = serializers.IntegerField(allow_null=True)
    distance_m = serializers.IntegerField()
    bbox = BoxField()


class IdentifyVersion(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    state_text = serializers.CharField()
    checked = serializers.BooleanField()


class Identify(serializers.Serializer):
    place = PinShape()
    village = VillageRef
    version = IdentifyVersion(allow_null=True)
    now = IdentifyClass(allow_null=True)
    planned = IdentifyZone(allow_null=True)
    conflicts = IdentifyConflict(many=True)
    lines = IdentifyLine(many=True)
    projects = IdentifyProject(many=True)
    facilities = IdentifyFacility(many=True, help_text="Up to 500 m away, for whoever may see the base data.")
    comments = IdentifyComment(many=True, help_text="On the zone at the place.")
    sentences = serializers.ListField(child=serializers.CharField(), help_text="The answer in plain words.")
