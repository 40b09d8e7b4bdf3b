"""Photos of comments by the API: send one, say what it shows, take it out again; the comment names them by id."""

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import photos
from planning.api.versions import visible
from planning.models import Photo
from planning.views.photos import seen_photo
from portal.api_parsers import JSONBody, UploadForm
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.api_throttles import PhotoThrottle
from portal.bodies import takes_files


class PhotoBody(StrictSerializer):
    file = serializers.FileField(
        max_length=255, allow_empty_file=True, help_text="JPEG, PNG or WebP, at most 15 MB and 50 million pixels."
    )
    words = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=photos.WORDS_CHARS, help_text="What it shows."
    )


class WordsBody(StrictSerializer):
    words = serializers.CharField(allow_blank=True, max_length=photos.WORDS_CHARS, help_text="What it shows.")


class PhotoShape(serializers.ModelSerializer):
    """A photo that waits for its comment; only its sender sees it."""

    url = serializers.SerializerMethodField()
    small = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = ["id", "url", "small", "width", "height", "size", "words", "at"]

    def get_url(self, row: Photo) -> str:
        return self.context["request"].build_absolute_uri(reverse("photo", args=[row.pk]))

    def get_small(self, row: Photo) -> str:
        return self.context["request"].build_absolute_uri(reverse("photo-small", args=[row.pk]))


@extend_schema(
    methods=["GET"], operation_id="version_photos", tags=["participation"],
    responses={200: PhotoShape(many=True), **errors(403, 404)},
)  # fmt: skip
@extend_schema(
    methods=["POST"], operation_id="version_photo_new", tags=["participation"],
    request={"multipart/form-data": PhotoBody}, responses={201: PhotoShape, **errors(400, 403, 404, 409, 413, 429)},
)  # fmt: skip
@takes_files
@api_view(["GET", "POST"])
@parser_classes([UploadForm])
@throttle_classes([PhotoThrottle])
def version_photos(request: Request, id: str) -> Response:
    """Photos you sent for a comment that you have not sent yet (GET); send one (POST), then name it in `photos` of the comment.

    It is made anew from its pixels: position, device, time and whatever else the file holds are not kept. A photo without a
    comment goes after a day."""
    version, user = visible(request, id), require_user(request)
    context = {"request": request}
    if request.method == "POST":
        row = photos.keep_photo(version, by=user, **read_body(request, PhotoBody))
        return Response(PhotoShape(row, context=context).data, status=201)
    return Response(PhotoShape(photos.waiting_of(version, user), many=True, context=context).data)


@extend_schema(
    methods=["PATCH"], operation_id="photo_describe", tags=["participation"], request=WordsBody,
    responses={200: PhotoShape, **errors(400, 404, 409)},
)  # fmt: skip
@extend_schema(
    methods=["DELETE"], operation_id="photo_discard", tags=["participation"], responses={204: None, **errors(404, 409)}
)
@api_view(["PATCH", "DELETE"])
@parser_classes([JSONBody])
def photo(request: Request, id: str) -> Response:
    """Say what a photo shows (PATCH) or take it out again (DELETE), until its comment is sent."""
    row = seen_photo(request.user, id)
    if not request.user.is_authenticated or row.by_id != request.user.pk:
        raise Http404
    if request.method == "DELETE":
        photos.discard(row, by=request.user)
        return Response(status=204)
    row = photos.describe(row, by=request.user, **read_body(request, WordsBody))
    return Response(PhotoShape(row, context={"request": request}).data)
