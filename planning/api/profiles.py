"""Mapping profiles (映射方案)."""

from django.shortcuts import get_object_or_404
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
        fields = ["name", "title", "content", "source", "created_at"]


class ProfileBody(StrictSerializer):
    name = serializers.SlugField(max_length=60)
    title = serializers.CharField(max_length=100)
    content = serializers.DictField(help_text="See docs/imports.md.")


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
    """Stored profiles by name (GET); store a new one, which is never overwritten (POST)."""
    if request.method == "POST":
        user = require_user(request)
        stored = profiles.save(**read_body(request, ProfileBody), by=user)
        return Response(ProfileShape(stored).data, status=201)
    page, follow = keyset(request, MappingProfile.objects.all(), ["name"], read_query(request, PageQuery))
    return Response({"results": ProfileShape(page, many=True).data, "next": follow})


@extend_schema(operation_id="profile", tags=["uploads"], responses={200: ProfileShape, **errors(404)})
@api_view(["GET"])
def profile(request: Request, name: str) -> Response:
    """One mapping profile."""
    return Response(ProfileShape(get_object_or_404(MappingProfile, name=name)).data)
