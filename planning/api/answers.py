"""One answer to several comments, their themes, what was said and what came of it, and the table of it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import answering, answers, heard, heard_places, themes
from planning.api.comment_shapes import CommentShape
from planning.api.participation import ReplyBody, shown
from planning.api.versions import visible
from planning.models import Comment, PlanVersion
from planning.views.answers import workable
from planning.views.heard import SHEET, WORD, statement_response
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user
from portal.pagination import PageQuery, next_url, number_after


class AnswersBody(ReplyBody):
    comments = serializers.ListField(
        child=serializers.CharField(max_length=12), min_length=1, max_length=answers.MOST_AT_ONCE,
        help_text="Ids of comments on this version; all are answered, or none.",
    )  # fmt: skip


class WorkQuery(StrictSerializer):
    by = serializers.ChoiceField(list(answering.BY), default="zone", help_text="What puts comments together.")
    show = serializers.ChoiceField(["open", "all"], default="open", help_text="open: those without an answer.")
    theme = serializers.ChoiceField(list(themes.listed()), required=False)


class WorkGroup(serializers.Serializer):
    title = serializers.CharField()
    comments = serializers.ListField(child=serializers.CharField(), help_text="Ids.")


class WorkShape(serializers.Serializer):
    answered = serializers.IntegerField()
    total = serializers.IntegerField(help_text="Comments that ask for an answer.")
    days_left = serializers.IntegerField(
        allow_null=True, help_text="Days until the notice ends; null: none is running."
    )
    groups = WorkGroup(many=True)


class AnswersShape(serializers.Serializer):
    results = CommentShape(many=True)


@extend_schema(
    methods=["GET"], operation_id="version_answers", tags=["participation"], parameters=[WorkQuery],
    responses={200: WorkShape, **errors(400, 403, 404)},
)  # fmt: skip
@extend_schema(
    methods=["POST"], operation_id="version_answers_new", tags=["participation"], request=AnswersBody,
    responses={201: AnswersShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def version_answers(request: Request, id: str) -> Response:
    """Which comments wait for an answer, put together (GET); give several the same answer at once (POST)."""
    found = visible(request, id)
    user = require_user(request)
    version = workable(user, found.pk)
    if request.method == "POST":
        body = read_body(request, AnswersBody)
        rows = answers.answer_many(
            answers.named(version, body["comments"]), by=user, text=body["text"], adoption=body["adoption"]
        )
        fresh = list(version.comments.for_page().filter(pk__in=[row.comment_id for row in rows]).order_by("created_at"))
        return Response({"results": shown(request, fresh, version)}, status=201)
    query = read_query(request, WorkQuery)
    everything = query["show"] == "all"
    comments = answering.to_work_on(version, user, everything=everything, theme=query.get("theme", ""))
    done = answering.progress(version)
    groups = answering.groups(comments, query["by"])
    told = [{"title": group.title, "comments": [comment.pk for comment in group.comments]} for group in groups]
    answer = {"answered": done.answered, "total": done.total, "days_left": done.days_left, "groups": told}
    return Response(WorkShape(answer).data)


class ThemeBody(StrictSerializer):
    theme = serializers.CharField(max_length=20, help_text="A code of the list of themes.")


class ThemeShape(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class ThemesShape(serializers.Serializer):
    edition = serializers.CharField()
    date = serializers.DateField()
    source = serializers.CharField()
    sample = serializers.BooleanField(help_text="Ours, not an official list.")
    results = ThemeShape(many=True)


@extend_schema(operation_id="comment_themes", tags=["participation"], responses={200: ThemesShape})
@api_view(["GET"])
def theme_list(request: Request) -> Response:
    """The themes by which comments are summed up, with edition and source."""
    return Response(ThemesShape({**themes.content(), "results": themes.listed().values()}).data)


@extend_schema(
    operation_id="comment_theme", tags=["participation"], request=ThemeBody,
    responses={200: ThemeShape, **errors(400, 403, 404)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def comment_theme(request: Request, id: str) -> Response:
    """Put the theme of a comment right; for whoever may answer it."""
    seen = Comment.objects.seen_by(request.user).filter(version__in=PlanVersion.objects.visible_to(request.user))
    comment = get_object_or_404(seen.select_related("version__plan"), pk=id)
    comment = themes.set_theme(comment, read_body(request, ThemeBody)["theme"], by=require_user(request))
    return Response(ThemeShape(themes.of(comment)).data)


class FiguresShape(serializers.Serializer):
    comments = serializers.IntegerField(help_text="Those held for a look are not among them.")
    supports = serializers.IntegerField()
    answered = serializers.IntegerField()
    to_answer = serializers.IntegerField(help_text="Comments that ask for an answer, answered or not.")
    states = serializers.DictField(child=serializers.IntegerField(), help_text="Each comment is in one state.")
    hidden = serializers.SerializerMethodField()
    held = serializers.IntegerField(help_text="Being looked at before they are public.")
    days = serializers.FloatField(allow_null=True, help_text="Median days until the answer.")

    def get_hidden(self, figures: heard.Figures) -> list[dict[str, str | int]]:
        return [{"reason": reason, "count": count} for reason, count in figures.hidden]


class ThemeCounts(serializers.Serializer):
    theme = serializers.CharField()
    name = serializers.CharField()
    states = serializers.DictField(child=serializers.IntegerField())


class ReasonShape(serializers.Serializer):
    state = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    office = serializers.CharField()
    at = serializers.DateTimeField()
    comments = serializers.ListField(source="numbers", child=serializers.IntegerField(), help_text="Their numbers.")

    class Meta:
        ref_name = "AnswerReason"


class DoneShape(serializers.Serializer):
    text = serializers.CharField()
    url = serializers.CharField()


class HeardSaidShape(serializers.Serializer):
    id = serializers.CharField(source="pk")
    number = serializers.IntegerField()
    text = serializers.CharField(source="shown", allow_blank=True, help_text="Empty: hidden.")
    state = serializers.ChoiceField(list(answers.STATES))


class EarlierSaid(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.CharField(help_text="The version it was said about.")
    text = serializers.CharField(allow_blank=True, help_text="Empty: hidden.")
    follows = serializers.CharField(help_text="Where its zone is now.")


class PlaceShape(serializers.Serializer):
    kind = serializers.ChoiceField([heard.ZONE, heard.PROJECT, heard.SPOT, heard.WHOLE, heard.GONE])
    number = serializers.IntegerField(allow_null=True, help_text="Of the zone or project.")
    title = serializers.CharField()
    comments = serializers.IntegerField(source="count")
    voices = serializers.IntegerField(help_text="Comments and their supports.")
    waiting = serializers.IntegerField(help_text="Not answered yet.")
    said = HeardSaidShape(
        source="comments", many=True, help_text=f"The {heard_places.MOST_TOLD} with the most supports."
    )
    earlier = serializers.SerializerMethodField(help_text="Comments on earlier versions that belong here now.")
    done = DoneShape(many=True, help_text="Changes of the plan.")
    adopted = ReasonShape(many=True)
    why_not = ReasonShape(many=True)

    def get_earlier(self, block: heard_places.Block) -> EarlierSaid(many=True):
        rows = [
            {"id": comment.pk, "version": comment.version_id, "text": comment.shown, "follows": followed.text}
            for comment, followed in block.earlier
        ]
        return EarlierSaid(rows, many=True).data


class HeardShape(serializers.Serializer):
    figures = FiguresShape()
    themes = ThemeCounts(many=True)
    results = PlaceShape(many=True)
    next = serializers.URLField(allow_null=True)


@extend_schema(
    operation_id="version_heard", tags=["participation"], parameters=[PageQuery],
    responses={200: HeardShape, **errors(400, 404)},
)  # fmt: skip
@api_view(["GET"])
def version_heard(request: Request, id: str) -> Response:
    """What residents said about a version and what came of it: figures, by theme, place by place."""
    version, query = visible(request, id), read_query(request, PageQuery)
    rows = heard.read(version)
    earlier = heard_places.earlier_of(version, request.user)
    wanted = list(heard_places.places(rows, earlier).items())
    start, size = number_after(query), query["page_size"]
    here = dict(wanted[start : start + size])
    counts = heard.by_theme(rows)
    answer = {
        "figures": heard.figures(version, rows),
        "themes": [{"theme": c, "name": themes.listed()[c].name, "states": n} for c, n in counts.items()],
        "results": heard_places.blocks(version, here, earlier, request.user),
        "next": next_url(request, start + size if start + size < len(wanted) else None),
    }
    return Response(HeardShape(answer).data)


@extend_schema(
    operation_id="statement_xlsx", tags=["participation"],
    responses={(200, SHEET): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)  # fmt: skip
@api_view(["GET"])
def statement_xlsx(request: Request, id: str) -> HttpResponse:
    """The table of comments and what became of them (采纳情况表) as a workbook; names are masked for everybody."""
    return statement_response(visible(request, id), "xlsx")


@extend_schema(
    operation_id="statement_docx", tags=["participation"],
    responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)  # fmt: skip
@api_view(["GET"])
def statement_docx(request: Request, id: str) -> HttpResponse:
    """The same table as a Word document, to print and file."""
    return statement_response(visible(request, id), "docx")
