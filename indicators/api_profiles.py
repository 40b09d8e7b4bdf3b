"""Profiles of judgement (评价方案): listed, read by edition, stored; and what they come to in a village."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from indicators import profiles
from indicators.catalogue import INDICATORS
from indicators.models import JudgementProfile
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.pagination import PageQuery, keyset
from villages.models import Terrain, Village, VillageType

PLACE = "Significant digits of a division code; empty: the whole country."
CONTENT = "See docs/indicators.md."


class JudgementProfileShape(serializers.ModelSerializer):
    content = serializers.DictField(help_text=CONTENT)

    class Meta:
        model = JudgementProfile
        fields = [
            "name", "edition", "division_code", "village_type", "terrain", "title", "content", "source", "sample",
            "valid_from", "valid_to", "created_at",
        ]  # fmt: skip


class JudgementProfileBody(StrictSerializer):
    name = serializers.SlugField(max_length=60)
    title = serializers.CharField(max_length=100)
    content = serializers.DictField(help_text=CONTENT)
    source = serializers.CharField(max_length=300, help_text="The document it rests on.")
    sample = serializers.BooleanField(required=False, help_text="Not checked against an official text.")
    division_code = serializers.CharField(
        max_length=12, required=False, allow_blank=True, help_text="Whose rules it holds; empty: the own division."
    )
    village_type = serializers.ChoiceField(VillageType.choices, required=False, allow_blank=True)
    terrain = serializers.ChoiceField(Terrain.choices, required=False, allow_blank=True)
    valid_from = serializers.DateField(required=False, help_text="Default: today.")
    valid_to = serializers.DateField(required=False, allow_null=True)


class EditionQuery(StrictSerializer):
    edition = serializers.IntegerField(min_value=1, max_value=32767, required=False, help_text="Default: the newest.")


class HoldsShape(serializers.Serializer):
    profiles = serializers.ListField(child=serializers.CharField(), help_text="name@edition, the general first.")
    digest = serializers.CharField()
    indicators = serializers.DictField(help_text="By code: applies, binding, at_least, at_most, near, source, sample.")
    content = serializers.DictField(help_text="The sections of all profiles merged. " + CONTENT)
    origins = serializers.DictField(help_text="By entry: the profile it came from, source, sample.")


@extend_schema(
    methods=["GET"],
    operation_id="judgement_profiles",
    tags=["indicators"],
    parameters=[PageQuery],
    responses={200: results("JudgementProfile", JudgementProfileShape), **errors(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="judgement_profile_new",
    tags=["indicators"],
    request=JudgementProfileBody,
    responses={201: JudgementProfileShape, **errors(400, 403)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def profile_list(request: Request) -> Response:
    """The newest edition of each profile by name (GET); store a new profile or the next edition of one (POST)."""
    if request.method == "POST":
        user = require_user(request)
        stored = profiles.save(**read_body(request, JudgementProfileBody), by=user)
        return Response(JudgementProfileShape(stored).data, status=201)
    page, follow = keyset(request, JudgementProfile.objects.newest(), ["name"], read_query(request, PageQuery))
    return Response({"results": JudgementProfileShape(page, many=True).data, "next": follow})


@extend_schema(
    operation_id="judgement_profile",
    tags=["indicators"],
    parameters=[EditionQuery],
    responses={200: JudgementProfileShape, **errors(400, 404)},
)
@api_view(["GET"])
def profile(request: Request, name: str) -> Response:
    """One edition of a profile."""
    asked = read_query(request, EditionQuery).get("edition")
    editions = JudgementProfile.objects.filter(name=name)
    found = get_object_or_404(editions.newest() if asked is None else editions.filter(edition=asked))
    return Response(JudgementProfileShape(found).data)


@extend_schema(operation_id="village_judgement", tags=["indicators"], responses={200: HoldsShape, **errors(404)})
@api_view(["GET"])
def judgement(request: Request, code: str) -> Response:
    """What applies and binds in a village today, with limits and rules, and where each comes from."""
    found = profiles.merged(get_object_or_404(Village, pk=code))
    answer: dict[str, Any] = {
        "profiles": found.profiles,
        "digest": found.digest,
        "indicators": {code: profiles.rule_of(found, code) for code in INDICATORS},
        "content": found.content,
        "origins": found.origins,
    }
    return Response(HoldsShape(answer).data)


urlpatterns = [
    path("judgement-profiles/", profile_list, name="api-judgement-profiles"),
    path("judgement-profiles/<slug:name>/", profile, name="api-judgement-profile"),
    path("villages/<code:code>/judgement/", judgement, name="api-village-judgement"),
]
