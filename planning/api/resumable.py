"""Plan files in pieces: tus 1.0.0 (https://tus.io/protocols/resumable-upload), so that any tus client can go on after a break.

What the protocol asks of every answer is done in one place (`Tus`); the pieces themselves are kept by portal/resumable.py.
"""

from typing import Any

from django.conf import settings
from django.core.files import File
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.exceptions import MethodNotAllowed, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from planning import imports, issue_texts, profiles, recognition
from planning.api.shapes import absolute
from portal import resumable
from portal.api_parsers import tus_checksum, tus_length, tus_metadata
from portal.api_shapes import StrictSerializer, errors, read_query, require_user
from portal.errors import PortalError
from portal.geo import crs
from portal.models import PartialUpload, Upload
from portal.pagination import MAX_NUMBER
from villages.models import Village

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
FACTS = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,checksum,termination",
    "Tus-Checksum-Algorithm": ",".join(resumable.ALGORITHMS),
}


class Metadata(serializers.Serializer):
    """Upload-Metadata by name; what other clients add of their own (type, relativePath, …) is left alone."""

    filename = serializers.CharField(max_length=255, error_messages={"required": _("Choose a file.")})
    village = serializers.RegexField(r"^\d{12}$", error_messages=dict.fromkeys(
        ("required", "blank", "invalid"), _("Choose a village.")))  # fmt: skip
    profile = serializers.SlugField(required=False, default="", max_length=60, allow_blank=True)
    crs = serializers.CharField(required=False, default="", max_length=60, allow_blank=True)
    encoding = serializers.CharField(required=False, default="", max_length=20, allow_blank=True)
    note = serializers.CharField(required=False, default="", max_length=300, allow_blank=True)
    sha256 = serializers.RegexField(r"^([0-9a-f]{64})?$", required=False, default="", allow_blank=True)
    check_only = serializers.BooleanField(required=False, default=False)
    based_on = serializers.IntegerField(required=False, min_value=0, max_value=MAX_NUMBER)
    again = serializers.BooleanField(required=False, default=False)

    def validate_crs(self, text: str) -> str:
        try:
            if text:
                crs.resolve(text)
        except crs.UnknownCRS as error:
            words = issue_texts.text("C1", {"reason": error.reason, **error.params})
            raise serializers.ValidationError(words) from error
        return text

    def validate_profile(self, name: str) -> str:
        try:
            profiles.by_name(name)
        except PortalError as error:
            raise serializers.ValidationError(str(error.message)) from error
        return name


class PartShape(serializers.ModelSerializer):
    village = serializers.CharField(source="division_code")
    expires = serializers.DateTimeField(source="expires_at", help_text="Forgotten then, unless another piece comes.")
    upload = serializers.CharField(
        source="upload_id", allow_null=True, help_text="What it became; null: not whole yet."
    )
    known = serializers.BooleanField(
        help_text="True: that is an earlier upload of the same file; nothing new was made."
    )
    message = serializers.SerializerMethodField(help_text="What became of the earlier upload, if `known`.")
    page = serializers.SerializerMethodField(help_text="Address of the page with the verdict.")

    class Meta:
        model = PartialUpload
        fields = ["id", "name", "village", "size", "offset", "expires", "upload", "known", "message", "page"]

    def get_message(self, part: PartialUpload) -> str:
        return recognition.sentence(part.upload) if part.known and part.upload else ""

    def get_page(self, part: PartialUpload) -> str | None:
        return reverse("upload", args=[part.upload_id]) if part.upload_id else None


class KnownQuery(StrictSerializer):
    village = serializers.RegexField(r"^\d{12}$")
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="Digest of the file you are about to send.")
    profile = serializers.SlugField(required=False, max_length=60, allow_blank=True)
    crs = serializers.CharField(required=False, max_length=60, allow_blank=True)
    encoding = serializers.CharField(required=False, max_length=20, allow_blank=True)
    check_only = serializers.BooleanField(required=False, default=False)


class KnownShape(serializers.Serializer):
    known = serializers.BooleanField()
    upload = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(Upload.State.choices, allow_null=True)
    message = serializers.CharField(allow_blank=True, help_text="What became of the earlier upload, in words.")
    page = serializers.CharField(allow_null=True)


def tus_errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """Error answers of the protocol beside the usual ones."""
    meanings = {
        412: "The header Tus-Resumable is missing or names another version.",
        423: "Another request is sending this file.",
        460: "The checksum does not fit; the piece was thrown away.",
        507: "The disk or your share of it is full.",
    }
    usual = errors(*(s for s in statuses if s not in meanings))
    return usual | {s: OpenApiResponse(description=meanings[s]) for s in statuses if s in meanings}


def header(name: str, words: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, required=required, description=words)


SPEAKS = header("Tus-Resumable", f"Always {VERSION}.")


class WrongVersion(PortalError):
    status = 412
    code = "tus_version"


class Tus(APIView):
    """What holds for every request and answer of the protocol."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in ("GET", "OPTIONS") and request.headers.get("Tus-Resumable") != VERSION:
            raise WrongVersion(_("Send the header Tus-Resumable: 1.0.0."))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        if response.status_code == 412:
            response["Tus-Version"] = VERSION
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers={**FACTS, "Tus-Max-Size": settings.UPLOAD_MAX_BYTES})

    def post(self, request: Request, **kwargs: Any) -> Response:
        """For clients behind a wall that lets only GET and POST through."""
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        if method not in ("HEAD", "PATCH", "DELETE"):
            raise MethodNotAllowed("POST")
        return getattr(self, method.lower())(request, **kwargs)


class ResumableUploads(Tus):
    @extend_schema(
        operation_id="resumable_new",
        tags=["uploads"],
        request=None,
        parameters=[
            SPEAKS,
            header("Upload-Length", "Size of the file in bytes."),
            header("Upload-Metadata", "filename, village; optional profile, crs, encoding, note, sha256, based_on, again (true)."),
        ],
        responses={201: OpenApiResponse(description="Location names the address the pieces go to."),
                   **tus_errors(400, 403, 404, 409, 412, 413, 507)},
    )  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Begin a file that is sent in pieces; refused here, before a byte is sent, if it is too large or known already."""
        user = require_user(request)
        size = tus_length(request, "Upload-Length")
        text = request.headers.get("Upload-Metadata", "")
        shape = Metadata(data=tus_metadata(text))
        shape.is_valid(raise_exception=True)
        said = dict(shape.validated_data)
        village = get_object_or_404(Village, pk=said.pop("village"))
        imports.check_right(user, village)
        name, sha256 = said.pop("filename"), said.pop("sha256")
        if sha256 and not said["again"]:
            recognition.refuse_known(sha256, village=village, by=user, options=said)
        part = resumable.create(
            user, division_code=village.code, name=name, size=size, sha256=sha256, metadata=text,
            options={key: value for key, value in said.items() if value or key == "based_on"},
        )  # fmt: skip
        address = absolute(request, "api-resumable", id=part.pk)
        return Response(
            status=201, headers={"Location": address, "Upload-Expires": http_date(part.expires_at.timestamp())}
        )


class ResumableUpload(Tus):
    def part(self, request: Request, id: str) -> PartialUpload:
        """One's own unfinished file; anybody else's is not there."""
        if not request.user.is_authenticated:
            raise Http404
        return get_object_or_404(PartialUpload.objects.select_related("upload"), pk=id, owner=request.user)

    @extend_schema(operation_id="resumable", tags=["uploads"], responses={200: PartShape, **errors(404)})
    def get(self, request: Request, id: str) -> Response:
        """How much of the file is here (HEAD says it in headers), and the upload it became."""
        return Response(PartShape(self.part(request, id)).data)

    def head(self, request: Request, id: str) -> Response:
        part = self.part(request, id)
        facts = {"Upload-Length": part.size, **progress_of(part)}
        return Response(headers={**facts, "Upload-Metadata": part.metadata} if part.metadata else facts)

    @extend_schema(
        operation_id="resumable_piece",
        tags=["uploads"],
        request={PIECE_TYPE: OpenApiTypes.BINARY},
        parameters=[
            SPEAKS,
            header("Upload-Offset", "Where the piece begins: what HEAD said."),
            header("Upload-Checksum", "sha1 or sha256, a space, the digest of the piece in base64.", required=False),
        ],
        responses={204: OpenApiResponse(description="Upload-Offset says how much is safe; after the last piece Portal-Upload "
                                        "and Portal-Page name the upload it became."),
                   **tus_errors(400, 403, 404, 409, 412, 413, 415, 423, 460, 507)},
    )  # fmt: skip
    def patch(self, request: Request, id: str) -> Response:
        """Send a piece of at most 16 MB; with the last one the file is handed in."""
        part = self.part(request, id)
        if request.content_type != PIECE_TYPE:
            raise UnsupportedMediaType(request.content_type)
        line = request.META.get("gunicorn.socket")
        with resumable.patience(line):
            resumable.append(
                part, at=tus_length(request, "Upload-Offset"), stream=request._request,
                length=int(request.META.get("CONTENT_LENGTH") or 0),
                checksum=tus_checksum(request.headers.get("Upload-Checksum", ""), resumable.ALGORITHMS), finish=hand_in,
            )  # fmt: skip
        return Response(status=204, headers=progress_of(part))

    @extend_schema(
        operation_id="resumable_discard",
        tags=["uploads"],
        parameters=[SPEAKS],
        responses={204: None, **tus_errors(403, 404, 412, 423)},
    )
    def delete(self, request: Request, id: str) -> Response:
        """Give the file up; what it became, if it was whole, stays."""
        resumable.discard(self.part(request, id))
        return Response(status=204)

    @extend_schema(exclude=True)
    def post(self, request: Request, **kwargs: Any) -> Response:
        return super().post(request, **kwargs)


def progress_of(part: PartialUpload) -> dict[str, str]:
    facts = {"Upload-Offset": str(part.offset), "Upload-Expires": http_date(part.expires_at.timestamp())}
    if part.upload_id:
        facts |= {"Portal-Upload": part.upload_id, "Portal-Page": reverse("upload", args=[part.upload_id])}
    return facts


def hand_in(part: PartialUpload, file: File) -> tuple[Upload, bool]:
    """The whole file goes the way of every plan file. One that is known leads to the earlier upload: its bytes are here anyway."""
    options = dict(part.options)
    village = Village.objects.get(pk=part.division_code)
    profile, again = options.pop("profile", ""), options.pop("again", False)
    try:
        return imports.receive(
            file, name=part.name, village=village, by=part.owner, profile=profile, options=options, again=again
        ), False
    except recognition.Known as known:
        return known.upload, True


@extend_schema(
    operation_id="upload_known", tags=["uploads"], parameters=[KnownQuery], responses={200: KnownShape, **errors(400, 403, 404)}
)  # fmt: skip
@api_view(["GET"])
def known(request: Request) -> Response:
    """Was this file handed in before? Asked with its digest, before a byte is sent; tells only of uploads you may see."""
    user, query = require_user(request), read_query(request, KnownQuery)
    village = get_object_or_404(Village, pk=query["village"])
    found = recognition.earlier(query["sha256"], village=village, by=user, options=query)
    if found is None:
        return Response(KnownShape({"known": False, "upload": None, "state": None, "message": "", "page": None}).data)
    page = reverse("upload", args=[found.pk])
    words = recognition.sentence(found)
    return Response(
        KnownShape({"known": True, "upload": found.pk, "state": found.state, "message": words, "page": page}).data
    )
