"""What the API answers about drawings."""

from rest_framework import serializers

from planning.models import Drawing, Project
from portal.api_shapes import Geometry


class SaidShape(serializers.Serializer):
    revision = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.CharField(help_text="What was done, in your language.")
    by = serializers.CharField()
    at = serializers.DateTimeField()
    mine = serializers.BooleanField()
    zones = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the zones it changed.")


class DrawnZoneShape(serializers.Serializer):
    number = serializers.IntegerField()
    code = serializers.CharField(allow_blank=True, help_text="Land-use class; empty: none was chosen yet.")
    name = serializers.CharField(allow_blank=True)
    colour = serializers.CharField(allow_blank=True)
    label = serializers.CharField(allow_blank=True)
    remark = serializers.CharField(allow_blank=True)
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area (椭球面积).")
    geometry = Geometry()


class DrawnProjectShape(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(allow_blank=True)
    budget_wan = serializers.FloatField(allow_null=True, help_text="10,000 yuan (万元).")
    funding_source = serializers.CharField(allow_blank=True)
    starts_in = serializers.IntegerField(allow_null=True)
    ends_in = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(Project.State.choices)
    remark = serializers.CharField(allow_blank=True)
    geometry = Geometry(allow_null=True)


class ClassTotalShape(serializers.Serializer):
    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    colour = serializers.CharField(allow_blank=True)
    area_m2 = serializers.FloatField()
    count = serializers.IntegerField()


class TotalsShape(serializers.Serializer):
    zones = serializers.IntegerField()
    area_m2 = serializers.FloatField(help_text="Of all zones together.")
    village_m2 = serializers.FloatField()
    unfilled_m2 = serializers.FloatField(help_text="Land of the village without a zone.")
    overlap_m2 = serializers.FloatField(help_text="Land under two zones.")
    outside_m2 = serializers.FloatField(help_text="Land of zones beyond the village.")
    no_code = serializers.IntegerField(help_text="Zones without a class.")
    by_code = ClassTotalShape(many=True)


class DrawnVillageRef(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class DrawnVillageShape(DrawnVillageRef):
    bounds = serializers.ListField(child=serializers.FloatField(), help_text="West, south, east, north in EPSG:4490.")
    outline = Geometry()


class DrawnFromShape(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.IntegerField()


class NewerVersionShape(DrawnFromShape):
    by = serializers.CharField()
    at = serializers.DateTimeField()


class DrawingRowShape(serializers.Serializer):
    id = serializers.CharField()
    village = DrawnVillageRef()
    title = serializers.CharField(allow_blank=True)
    start = serializers.ChoiceField(Drawing.Start.choices)
    based_on = DrawnFromShape(allow_null=True)
    state = serializers.ChoiceField(Drawing.State.choices)
    revision = serializers.IntegerField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    changed_by = serializers.CharField()
    changed_at = serializers.DateTimeField()
    upload = serializers.CharField(allow_null=True, help_text="Id of the upload it was handed in as.")


class DrawingShape(DrawingRowShape):
    village = DrawnVillageShape()
    newer = NewerVersionShape(allow_null=True, help_text="A version that was stored since the drawing was begun.")
    undo = SaidShape(allow_null=True, help_text="The step that would be taken back.")
    redo = SaidShape(allow_null=True, help_text="The step that would be done again.")
    totals = TotalsShape()
    zones = DrawnZoneShape(many=True)
    projects = DrawnProjectShape(many=True)


class NewsShape(serializers.Serializer):
    revision = serializers.IntegerField()
    zones = serializers.DictField(
        child=DrawnZoneShape(allow_null=True), help_text="By number, as they are now; null: no longer there."
    )
    projects = serializers.DictField(child=DrawnProjectShape(allow_null=True))
    undo = SaidShape(allow_null=True)
    redo = SaidShape(allow_null=True)
    totals = TotalsShape()


class DrawingChangesShape(NewsShape):
    steps = SaidShape(many=True, help_text="What was done since.")


class StepAnswerShape(NewsShape):
    said = SaidShape(help_text="What you did.")
    others = SaidShape(many=True, help_text="What others did since the revision you had; `zones` holds it too.")


class HandedInShape(serializers.Serializer):
    upload = serializers.CharField()
    url = serializers.URLField(help_text="The page that says what becomes of it.")
