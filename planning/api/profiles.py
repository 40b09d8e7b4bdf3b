"""Profiles of plan files (数据库结构与映射方案): listed, read by edition, downloaded, stored."""

import json

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import profiles
from planning.models import MappingProfile
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.pagination import PageQuery, keyset


class ProfileShape(serializers.ModelSerializer):
    content = serializers.DictField(help_text="See docs/imports.md.")

    class Meta:
        model = MappingProfile
        fields = ["name", "edition", "division_code", "title", "content", "source", "created_at"]


class ProfileBody(StrictSerializer):
    name = serializers.SlugField(max_length=60)
    title = serializers.CharField(max_length=100)
    content = serializers.DictField(help_text="See docs/imports.md.")
    division_code = serializers.CharField(
        max_length=12, required=False, allow_blank=True, help_text="Whose rules it holds; empty: the whole country."
    )
    source = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ProfileQuery(StrictSerializer):
    edition = serializers.IntegerField(min_value=1, max_value=32767, required=False, help_text="Default: the newest.")


@extend_schema(
    methods=["GET"],
    operation_id="profiles",
    tags=["uploads"],
    parameters=[PageQuery],
    responses={200: results("Profile", ProfileShape), **errors(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="profile_new",
    tags=["uploads"],
    request=ProfileBody,
    responses={201: ProfileShape, **errors(400, 403)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def profile_list(request: Request) -> Response:
    """The newest edition of each profile by name (GET); store a new profile or the next edition of one (POST)."""
    if request.method == "POST":
        user = require_user(request)
        stored = profiles.save(**read_body(request, ProfileBody), by=user)
        return Response(ProfileShape(stored).data, status=201)
    page, follow = keyset(request, MappingProfile.objects.newest(), ["name"], read_query(request, PageQuery))
    return Response({"results": ProfileShape(page, many=True).data, "next": follow})


def edition_asked(request: Request, name: str) -> MappingProfile:
    """The edition in the address, else the newest; 404 if there is none."""
    asked = read_query(request, ProfileQuery).get("edition")
    editions: QuerySet[MappingProfile] = MappingProfile.objects.filter(name=name)
    return get_object_or_404(editions.newest() if asked is None else editions.filter(edition=asked))


@extend_schema(
    operation_id="profile",
    tags=["uploads"],
    parameters=[ProfileQuery],
    responses={200: ProfileShape, **errors(400, 404)},
)
@api_view(["GET"])
def profile(request: Request, name: str) -> Response:
    """One edition of a profile."""
    return Response(ProfileShape(edition_asked(request, name)).data)


@extend_schema(
    operation_id="profile_file",
    tags=["uploads"],
    parameters=[ProfileQuery],
    responses={(200, "application/json"): OpenApiTypes.OBJECT, **errors(400, 404)},
)
@api_view(["GET"])
def profile_file(request: Request, name: str) -> HttpResponse:
    """The content of one edition as a JSON file, to be changed and stored again."""
    found = edition_asked(request, name)
    text = json.dumps(found.content, ensure_ascii=False, indent=1)
    file_name = f"{found.name}-{found.edition}.json"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return HttpResponse(text, content_type="application/json", headers=headers)
