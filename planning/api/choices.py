"""What a file leaves open for a person, and the one address by which a person decides it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from planning import choices, imports, proposals
from planning.api.shapes import absolute
from planning.api.uploads import Accepted, visible_uploads
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.pagination import MAX_NUMBER


class AgainBody(StrictSerializer):
    """Every name may be left out; what is left out stays as it was."""

    profile = serializers.CharField(required=False, max_length=80)
    crs = serializers.CharField(
        required=False, max_length=100, allow_blank=True, help_text="Such as EPSG:4548; empty: as the file says."
    )
    swap_axes = serializers.BooleanField(required=False, help_text="The file has latitude or northing first.")
    encoding = serializers.CharField(
        required=False, max_length=20, allow_blank=True, help_text="UTF-8, GB18030 or Big5; empty: as the file says."
    )
    decisions = serializers.DictField(
        required=False,
        child=serializers.DictField(child=serializers.CharField(max_length=10, allow_blank=True)),
        help_text="Layer → row (from 1) → land-use class; added to earlier ones, an empty class takes one back.",
    )
    repairs = serializers.ListField(
        required=False, max_length=3, child=serializers.ChoiceField(choices.REPAIRS),
        help_text="Repairs consented to; an empty list takes consent back.",
    )  # fmt: skip
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_NUMBER,
        help_text="Number of the version that overtook the file and that you have looked at: store it all the same.",
    )  # fmt: skip


class ProposalShape(serializers.Serializer):
    crs = serializers.CharField()
    swap_axes = serializers.BooleanField()
    label = serializers.SerializerMethodField()
    share_in_village = serializers.FloatField(help_text="Share of the file's box within the village's box, 0 to 1.")
    share_in_county = serializers.FloatField()
    distance_km = serializers.FloatField(help_text="From the file's box to the village; 0 where they meet.")
    bbox = serializers.ListField(child=serializers.FloatField(), help_text="West, south, east, north in EPSG:4490.")

    def get_label(self, found: dict[str, Any]) -> str:
        return proposals.label(found["crs"], swap_axes=found["swap_axes"])


class Proposals(serializers.Serializer):
    proposals = ProposalShape(many=True, help_text="Systems that put the file into the county, best first.")
    nearest = ProposalShape(allow_null=True, help_text="Where else it may be, if none does.")
    raw_bounds = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="The box of the file in its own numbers."
    )


class SampleShape(serializers.Serializer):
    layer = serializers.CharField(allow_blank=True)
    encoding = serializers.CharField(allow_blank=True, help_text="As it was read; empty if it could not be.")
    samples = serializers.DictField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))


class ChangeShape(serializers.Serializer):
    row = serializers.IntegerField()
    area_before_m2 = serializers.FloatField()
    area_after_m2 = serializers.FloatField()
    moved_max_m = serializers.FloatField()


class RepairShape(serializers.Serializer):
    kind = serializers.CharField(help_text=f"One of {', '.join(choices.REPAIRS)}.")
    features = serializers.IntegerField(help_text="How many it changes.")
    area_change_m2 = serializers.FloatField()
    largest_change_m2 = serializers.FloatField()
    rows = ChangeShape(many=True, help_text="The first 200.")


class WorkItem(serializers.Serializer):
    layer = serializers.CharField()
    row = serializers.IntegerField()
    value = serializers.CharField()
    proposed = serializers.CharField(allow_null=True, allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField())
    decided = serializers.CharField(allow_null=True, allow_blank=True)


class Questions(serializers.Serializer):
    samples = SampleShape(many=True, help_text="The same texts of the file as each encoding reads them.")
    offers = RepairShape(many=True, help_text="Repairs that may be consented to.")
    repaired = RepairShape(many=True, help_text="Repairs that were made with consent.")
    worklist = WorkItem(many=True, help_text="Zones whose code needs a person.")


@extend_schema(operation_id="upload_proposals", tags=["uploads"], responses={200: Proposals, **errors(404)})
@api_view(["GET"])
def upload_proposals(request: Request, id: str) -> Response:
    """Coordinate systems the file may be in, when it does not say or lies elsewhere. None is taken without a person."""
    found = get_object_or_404(visible_uploads(request), pk=id).result
    stated = {"nearest": None, "raw_bounds": None, "proposals": []} | found
    return Response(Proposals(stated).data)


@extend_schema(operation_id="upload_questions", tags=["uploads"], responses={200: Questions, **errors(404)})
@api_view(["GET"])
def upload_questions(request: Request, id: str) -> Response:
    """What else the file leaves open: its encoding, repairs on offer, codes that need a person."""
    found = get_object_or_404(visible_uploads(request), pk=id).result
    return Response(Questions({name: found.get(name, []) for name in Questions().fields}).data)


@extend_schema(
    operation_id="upload_again",
    tags=["uploads"],
    request=AgainBody,
    responses={202: Accepted, **errors(400, 403, 404, 409, 415)},
)
@api_view(["POST"])
def upload_again(request: Request, id: str) -> Response:
    """Have a file judged once more with other choices; of an accepted one a new upload of the same file is made."""
    found = get_object_or_404(visible_uploads(request), pk=id)
    user = require_user(request)
    made = imports.again(found, by=user, **read_body(request, AgainBody))
    answer = {"id": made.pk, "job": made.job_id, "url": absolute(request, "api-upload", id=made.pk)}
    return Response(answer, status=202)
