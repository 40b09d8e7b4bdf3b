"""What changed between two versions and why, whether a version is what was frozen, hiding comments, files that were overtaken."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import causes, change_words, comparing, following, frozen, imports, moderation, zone_changes
from planning.api.comment_shapes import CommentShape, FollowedShape
from planning.api.participation import shown
from planning.api.uploads import UploadShape, visible_uploads
from planning.api.versions import visible
from planning.models import Comment, PlanVersion, Zone
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user
from portal.pagination import MAX_NUMBER, PageQuery, next_url, number_after


class CompareQuery(PageQuery):
    def get_fields(self) -> dict[str, serializers.Field]:
        """`with` is no name Python allows for an attribute."""
        words = "Id of another version of the plan; without it the version before."
        return {**super().get_fields(), "with": serializers.CharField(required=False, max_length=12, help_text=words)}


class MovedLandShape(serializers.Serializer):
    before = serializers.CharField(allow_blank=True, help_text="Class before; empty: not in that version.")
    after = serializers.CharField(allow_blank=True, help_text="Class after; empty: not in that version.")
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area, m².")


class ReasonShape(serializers.Serializer):
    kind = serializers.ChoiceField(list(causes.KINDS))
    id = serializers.CharField(source="pk", help_text="Of a point of a return: version id, dash, number.")
    name = serializers.CharField()
    words = serializers.CharField(allow_blank=True, help_text="Its beginning, if you may read it.")
    url = serializers.CharField(allow_blank=True, help_text="Its page, if you may read it.")


class ZoneChangeShape(serializers.Serializer):
    fate = serializers.ChoiceField(zone_changes.FATES)
    title = serializers.CharField()
    old = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the zones before.")
    new = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the zones after.")
    old_m2 = serializers.FloatField()
    new_m2 = serializers.FloatField()
    bbox = serializers.ListField(child=serializers.FloatField(), help_text="West, south, east, north in EPSG:4490.")
    land = MovedLandShape(many=True, help_text="Land of these zones that changes its class.")
    sentences = serializers.ListField(child=serializers.CharField(), help_text="The same in words.")
    causes = ReasonShape(many=True)


class VersionNumberShape(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.IntegerField()


class CompareShape(serializers.Serializer):
    old = VersionNumberShape()
    new = VersionNumberShape()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="How many changes of each fate.")
    matrix = MovedLandShape(
        many=True, help_text="Area by class before and after; rows and columns sum up to the totals."
    )
    tolerance = serializers.DictField(child=serializers.FloatField(), help_text="What is not taken for a change.")
    results = ZoneChangeShape(many=True)
    next = serializers.URLField(allow_null=True)


@extend_schema(
    operation_id="version_compare", tags=["plans"], parameters=[CompareQuery],
    responses={200: CompareShape, **errors(400, 404)},
)  # fmt: skip
@api_view(["GET"])
def compare(request: Request, id: str) -> Response:
    """What changed between a version and another one of its plan, zone by zone; unchanged zones come last."""
    version, query = visible(request, id), read_query(request, CompareQuery)
    old, new = comparing.pair(version, request.user, query.get("with", ""))
    found = comparing.compare(old, new)
    start, size = number_after(query), query["page_size"]
    page = found.changes[start : start + size]
    more = start + size < len(found.changes)
    names, said = change_words.names_in(found), causes.causes_of(old, new, request.user)
    answer = {
        "old": old, "new": new, "counts": comparing.counts(found), "matrix": land_of(found.matrix),
        "tolerance": {"outline_m": zone_changes.OUTLINE_M, "sliver_m2": zone_changes.SLIVER_M2, "part": zone_changes.PART},
        "results": [
            {
                "fate": c.fate, "title": change_words.title(c), "old": c.old, "new": c.new, "bbox": c.box, "land": land_of(c.land),
                "old_m2": sum(found.old_areas[n] for n in c.old), "new_m2": sum(found.new_areas[n] for n in c.new),
                "sentences": change_words.land(c.land, names),
                "causes": [r for side in sides(c) for r in said.get(side, [])],
            }
            for c in page
        ],
        "next": next_url(request, start + size if more else None),
    }  # fmt: skip
    return Response(CompareShape(answer).data)


def land_of(rows: list[tuple[str, str, float]]) -> list[dict[str, Any]]:
    return [{"before": before, "after": after, "area_m2": m2} for before, after, m2 in rows]


def sides(change: zone_changes.Change) -> list[tuple[str, int]]:
    """The zones a cause of this change is said of."""
    return [("new", n) for n in change.new] or [("old", n) for n in change.old]


class CauseBody(StrictSerializer):
    zone = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER)
    of = serializers.CharField(
        required=False, max_length=12, help_text="Id of the older version, if the zone is one that is gone."
    )
    what = serializers.CharField(max_length=40, help_text="comment:<id>, opinion:<id> or item:<version id>-<number>.")


class CauseShape(serializers.Serializer):
    zone = serializers.IntegerField()
    reason = ReasonShape()


def said_in(request: Request, id: str) -> tuple[PlanVersion, Zone, Any]:
    """Version, zone and thing that a body about a cause names."""
    version, user = visible(request, id), require_user(request)
    body = read_body(request, CauseBody)
    owner = visible(request, body["of"]) if body.get("of") else version
    zone = get_object_or_404(owner.zones.select_related("version"), number=body["zone"])
    return version, zone, causes.find(version, body["what"], user)


@extend_schema(
    operation_id="cause_new",
    tags=["plans"],
    request=CauseBody,
    responses={201: CauseShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def cause_new(request: Request, id: str) -> Response:
    """Say which comment, opinion or point of a return led to the change of a zone. For the authors, until the joint review."""
    version, zone, thing = said_in(request, id)
    causes.say_cause(version, zone, thing, by=request.user)
    answer = {"zone": zone.number, "reason": causes.reason_of(thing, request.user)}
    return Response(CauseShape(answer).data, status=201)


@extend_schema(
    operation_id="cause_take_back",
    tags=["plans"],
    request=CauseBody,
    responses={204: None, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def cause_take_back(request: Request, id: str) -> Response:
    """Take back a cause that was said by mistake; both acts stay on record."""
    version, zone, thing = said_in(request, id)
    causes.take_back(version, zone, thing, by=request.user)
    return Response(status=204)


class EarlierComment(serializers.Serializer):
    id = serializers.CharField()
    version = VersionNumberShape()
    zone = serializers.IntegerField(help_text="Number of its zone in that version.")
    follows = FollowedShape()


class EarlierComments(serializers.Serializer):
    results = EarlierComment(many=True)


@extend_schema(
    operation_id="version_earlier_comments", tags=["participation"], responses={200: EarlierComments, **errors(404)}
)
@api_view(["GET"])
def earlier_comments(request: Request, id: str) -> Response:
    """Comments pinned to zones of older versions, and where those zones are in this one."""
    found = [
        {"id": comment.pk, "version": comment.version, "zone": comment.zone.number, "follows": followed.as_json()}
        for comment, followed in following.earlier(visible(request, id), request.user)
    ]
    return Response(EarlierComments({"results": found}).data)


class DigestShape(serializers.Serializer):
    digest = serializers.CharField(help_text="SHA-256 as it was written when the version was closed.")
    recomputed = serializers.CharField(help_text="The same, computed now from the stored rows.")
    equal = serializers.BooleanField()


@extend_schema(operation_id="version_digest", tags=["plans"], responses={200: DigestShape, **errors(404)})
@api_view(["GET"])
def digest(request: Request, id: str) -> Response:
    """Whether a version is still what it was when it was closed: its content digest, stored and computed anew."""
    found = visible(request, id)
    recomputed = frozen.digest_of_rows(found)
    return Response({"digest": found.digest, "recomputed": recomputed, "equal": recomputed == found.digest})


def seen_comment(request: Request, id: str) -> Comment:
    seen = Comment.objects.seen_by(request.user).filter(version__in=PlanVersion.objects.visible_to(request.user))
    return get_object_or_404(seen.for_page().select_related("version__plan"), pk=id)


def fresh(request: Request, comment: Comment) -> Response:
    row = Comment.objects.for_page().select_related("version__plan").get(pk=comment.pk)
    return Response(shown(request, [row], row.version)[0])


@extend_schema(operation_id="comment", tags=["participation"], responses={200: CommentShape, **errors(404)})
@api_view(["GET"])
def comment(request: Request, id: str) -> Response:
    """One comment with its answers. There is no way to delete one."""
    return fresh(request, seen_comment(request, id))


class HideBody(StrictSerializer):
    reason = serializers.CharField(allow_blank=True, help_text="1 to 300 characters; everybody reads it.")


@extend_schema(
    operation_id="comment_hide", tags=["participation"], request=HideBody,
    responses={200: CommentShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def comment_hide(request: Request, id: str) -> Response:
    """Take the words of a comment out of public sight, with a reason; township and county. Its author is told."""
    found = seen_comment(request, id)
    return fresh(request, moderation.hide(found, by=require_user(request), **read_body(request, HideBody)))


@extend_schema(
    operation_id="comment_show",
    tags=["participation"],
    request=None,
    responses={200: CommentShape, **errors(403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def comment_show(request: Request, id: str) -> Response:
    """Show a hidden comment again; township and county."""
    found = seen_comment(request, id)
    return fresh(request, moderation.show_again(found, by=require_user(request)))


@extend_schema(
    operation_id="comment_release",
    tags=["participation"],
    request=None,
    responses={200: CommentShape, **errors(403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def comment_release(request: Request, id: str) -> Response:
    """Let out a comment that waits for a look; township and county, not its author."""
    found = seen_comment(request, id)
    return fresh(request, moderation.release(found, by=require_user(request)))


@extend_schema(
    operation_id="upload_discard", tags=["uploads"], request=None, responses={200: UploadShape, **errors(403, 404, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def upload_discard(request: Request, id: str) -> Response:
    """Decide that a file that another version overtook is not to be stored; the file itself is kept."""
    found = get_object_or_404(visible_uploads(request), pk=id)
    imports.discard(found, by=require_user(request))
    return Response(UploadShape(get_object_or_404(visible_uploads(request), pk=id)).data)
