"""What the API takes of somebody who draws: one shape of body for each kind of step."""

from typing import Any

import shapely
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from planning.models import Project
from portal.api_shapes import Degrees, Geometry, StrictSerializer
from portal.pagination import MAX_NUMBER

MAX_CORNERS = 2_000
MAX_NAMED = 500
"""zones or corners one step may name"""
KINDS_OF_PLACE = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


class Shape(Geometry):
    """GeoJSON of certain types, as a shapely geometry: finite, within the limits of degrees, of bounded size."""

    default_error_messages = {
        "shape": _("This is no geometry in longitude and latitude."),
        "kind": _("Another type of geometry is wanted here: {kinds}."),
        "large": _("The shape has more than {limit} corners. Draw a simpler one."),
    }

    def __init__(self, *kinds: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds = kinds

    def to_internal_value(self, data: Any) -> shapely.Geometry:
        if not isinstance(data, dict) or set(data) != {"type", "coordinates"}:
            self.fail("shape")
        if data["type"] not in self.kinds:
            self.fail("kind", kinds=", ".join(self.kinds))
        if places(data["coordinates"]) > MAX_CORNERS:
            self.fail("large", limit=MAX_CORNERS)
        try:
            made = getattr(shapely, data["type"])(*_arguments(data["type"], data["coordinates"]))
        except (ValueError, TypeError, IndexError, AttributeError, shapely.errors.ShapelyError):
            self.fail("shape")
        if made.is_empty or not self.sound(made):
            self.fail("shape")
        return made

    def sound(self, made: shapely.Geometry) -> bool:
        """Within the degrees there are; what is drawn may cross itself, and is told so by the step."""
        coordinates = shapely.get_coordinates(made)
        return bool((abs(coordinates[:, 0]) <= 180).all() and (abs(coordinates[:, 1]) <= 90).all()) and (
            self.kinds == ("Polygon",) or made.is_valid
        )


def _arguments(kind: str, coordinates: Any) -> tuple[Any, ...]:
    if kind == "Polygon":
        return coordinates[0], coordinates[1:]
    if kind == "MultiPolygon":
        return ([(rings[0], rings[1:]) for rings in coordinates],)
    return (coordinates,)


def places(coordinates: Any, depth: int = 0) -> int:
    """How many places a list of coordinates holds; what is none counts as too many."""
    if not isinstance(coordinates, list) or not coordinates or depth > 3:
        return MAX_CORNERS + 1
    if isinstance(coordinates[0], list):
        return sum(places(part, depth + 1) for part in coordinates[: MAX_CORNERS + 1])
    good = [n for n in coordinates if isinstance(n, int | float) and not isinstance(n, bool) and abs(n) <= 180]
    return 1 if len(good) == len(coordinates) == 2 else MAX_CORNERS + 1


PLACE = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
    "description": "Longitude, latitude.",
}


@extend_schema_field(PLACE)
class Place(serializers.ListField):
    """Longitude and latitude."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Degrees(min_value=-180, max_value=180), min_length=2, max_length=2, **kwargs)

    def to_internal_value(self, data: Any) -> list[float]:
        place = super().to_internal_value(data)
        if len(place) == 2 and abs(place[1]) > 90:
            raise serializers.ValidationError(_("A latitude lies between -90 and 90 degrees."))
        return place


def number(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, **kwargs)


def numbers(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=number(), min_length=1, max_length=MAX_NAMED, **kwargs)


class StepBody(StrictSerializer):
    """What every step says."""

    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, help_text="The last revision you have.")
    key = serializers.CharField(
        max_length=40, help_text="Yours, new for each step: the same key again is answered, but happens once."
    )
    kind = serializers.CharField(max_length=20)


class PlaceStep(StepBody):
    """A new zone cut out of whatever lies beneath."""

    geometry = Shape("Polygon", help_text="Polygon, longitude and latitude in EPSG:4490.")
    code = serializers.CharField(max_length=6, help_text="Land-use class, 2023 edition.")
    label = serializers.CharField(required=False, max_length=50, allow_blank=True, default="")


class SplitStep(StepBody):
    """Cut a zone along a line."""

    zone = number()
    line = Shape("LineString", help_text="LineString from border to border of the zone.")


class MergeStep(StepBody):
    """Several zones become one."""

    zones = numbers()
    into = number(help_text="The zone whose number, class and label stay.")


class MoveStep(StepBody):
    """Corners moved in all zones that share them."""

    moves = serializers.ListField(
        child=serializers.ListField(child=Place(), min_length=2, max_length=2), min_length=1, max_length=MAX_NAMED,
        help_text="Pairs of places: from, to.",
    )  # fmt: skip


class InsertStep(StepBody):
    """A new corner on an edge."""

    edge = serializers.ListField(child=Place(), min_length=2, max_length=2, help_text="The two corners of the edge.")
    to = Place(help_text="Where the new corner is to be.")


class RemoveStep(StepBody):
    """Corners taken out of all zones that have them."""

    nodes = serializers.ListField(child=Place(), min_length=1, max_length=MAX_NAMED)


class SetStep(StepBody):
    """Class, label or remark of zones."""

    zones = numbers()
    code = serializers.CharField(required=False, max_length=6)
    label = serializers.CharField(required=False, max_length=50, allow_blank=True)
    remark = serializers.CharField(required=False, max_length=255, allow_blank=True)


class DeleteStep(StepBody):
    """A zone is taken out, its land goes to a neighbour."""

    zone = number()
    to = number(
        required=False, allow_null=True, help_text="The neighbour; without it the one with the longest common border."
    )


class FillStep(StepBody):
    """Land without a zone becomes new zones."""

    code = serializers.CharField(max_length=6)


class ProjectStep(StepBody):
    """A project written; without a number a new one."""

    number = number(required=False, allow_null=True)
    name = serializers.CharField(required=False, max_length=200)
    project_kind = serializers.CharField(required=False, max_length=50, allow_blank=True, help_text="Kind of project.")
    budget_wan = serializers.DecimalField(
        required=False, allow_null=True, max_digits=12, decimal_places=2, min_value=0, help_text="10,000 yuan (万元)."
    )
    funding_source = serializers.CharField(required=False, max_length=100, allow_blank=True)
    starts_in = serializers.IntegerField(required=False, allow_null=True, min_value=1900, max_value=2200)
    ends_in = serializers.IntegerField(required=False, allow_null=True, min_value=1900, max_value=2200)
    state = serializers.ChoiceField(Project.State.choices, required=False)
    remark = serializers.CharField(required=False, max_length=255, allow_blank=True)
    geometry = Shape(*KINDS_OF_PLACE, required=False, allow_null=True)


class ProjectRemoveStep(StepBody):
    """A project taken out."""

    number = number()


class UndoStep(StepBody):
    """The last step taken back."""

    of_others = serializers.BooleanField(required=False, default=False, help_text="Also if another person made it.")


class RedoStep(UndoStep):
    """The step taken back last done again."""


STEPS: dict[str, type[StepBody]] = {
    "place": PlaceStep,
    "split": SplitStep,
    "merge": MergeStep,
    "move": MoveStep,
    "insert": InsertStep,
    "remove": RemoveStep,
    "set": SetStep,
    "delete": DeleteStep,
    "fill": FillStep,
    "project": ProjectStep,
    "project_remove": ProjectRemoveStep,
    "undo": UndoStep,
    "redo": RedoStep,
}

AnyStep = PolymorphicProxySerializer("DrawingStepBody", STEPS, resource_type_field_name="kind")


def step_body(data: Any) -> dict[str, Any]:
    """The validated body of a step, judged by its kind."""
    kind = data.get("kind") if isinstance(data, dict) else None
    shape = STEPS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        raise serializers.ValidationError(
            {"kind": [_("Say what kind of step it is: %(kinds)s.") % {"kinds": ", ".join(STEPS)}]}
        )
    body = shape(data=data)
    body.is_valid(raise_exception=True)
    return body.validated_data
