"""Joint review: ask departments and experts, declare interests, give opinions, answer them; conditions of an approval."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import reviews
from planning.api.shapes import absolute, name_for
from planning.models import Opinion, OpinionAnswer, PlanVersion, ReviewRequest
from planning.reports import adoption
from planning.views.moves import staff_version
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.errors import NotAllowed
from portal.models import Department, User
from portal.pagination import MAX_NUMBER, PageQuery, keyset


class AskBody(StrictSerializer):
    department = serializers.ChoiceField(Department.choices, required=False, default="", allow_blank=True)
    expert = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=150, help_text="Name of the account; see `reviewers/`."
    )
    due_on = serializers.DateField(help_text="A working day after today, within a year.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=reviews.NOTE_CHARS)


class DeclarationBody(StrictSerializer):
    conflict = serializers.BooleanField()
    text = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=reviews.NOTE_CHARS,
        help_text="Which interest; needed with one.",
    )


class OpinionBody(StrictSerializer):
    stance = serializers.ChoiceField(Opinion.Stance.choices)
    text = serializers.CharField(max_length=reviews.TEXT_CHARS)
    zone = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=MAX_NUMBER)
    clause = serializers.CharField(required=False, default="", allow_blank=True, max_length=reviews.CLAUSE_CHARS)
    score = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=100,
        help_text="Experts only, with an opinion on the whole plan.",
    )  # fmt: skip
    once = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=40,
        help_text="A key of your choice: sent twice, it makes one opinion.",
    )  # fmt: skip


class AnswerBody(StrictSerializer):
    outcome = serializers.ChoiceField(OpinionAnswer.Outcome.choices)
    reason = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=reviews.REASON_CHARS,
        help_text="Needed unless adopted.",
    )


class Nothing(StrictSerializer):
    pass


class RequestQuery(PageQuery):
    done = serializers.BooleanField(required=False, default=None, allow_null=True)


class AnswerShape(serializers.ModelSerializer):
    outcome = serializers.ChoiceField(OpinionAnswer.Outcome.choices)
    outcome_text = serializers.CharField(source="get_outcome_display")
    by = serializers.SerializerMethodField()

    class Meta:
        model = OpinionAnswer
        fields = ["outcome", "outcome_text", "reason", "by", "at"]

    def get_by(self, answer: OpinionAnswer) -> str:
        return name_for(self.context["request"].user, answer.by, answer.opinion.division_code)


class OpinionShape(serializers.ModelSerializer):
    review = serializers.CharField(source="request_id", help_text="Id of the request it answers.")
    version = serializers.CharField(source="version_id")
    who = serializers.SerializerMethodField(help_text="The department or the expert that was asked.")
    stance = serializers.ChoiceField(Opinion.Stance.choices)
    stance_text = serializers.CharField(source="get_stance_display")
    zone = serializers.IntegerField(
        source="zone.number", default=None, allow_null=True, help_text="Number of the zone."
    )
    late = serializers.SerializerMethodField(help_text="It came after the day it was asked for.")
    answer = serializers.SerializerMethodField()

    class Meta:
        model = Opinion
        fields = [
            "id", "review", "version", "who", "stance", "stance_text", "zone", "clause", "text", "score", "at", "late", "answer",
        ]  # fmt: skip

    def get_who(self, opinion: Opinion) -> str:
        return adoption.asked_name(opinion.request, opinion.version, self.context["request"].user)

    def get_late(self, opinion: Opinion) -> bool:
        return reviews.is_late(opinion)

    def get_answer(self, opinion: Opinion) -> AnswerShape(allow_null=True):
        answer = getattr(opinion, "answer", None)
        return AnswerShape(answer, context=self.context).data if answer else None


class RequestShape(serializers.ModelSerializer):
    version = serializers.CharField(source="version_id")
    plan = serializers.CharField(source="version.plan.name")
    who = serializers.SerializerMethodField(help_text="The department or the expert that was asked.")
    asked_by = serializers.SerializerMethodField()
    late = serializers.SerializerMethodField(help_text="Not completed by the day it was asked for.")
    called_back_at = serializers.DateTimeField(source="cancelled_at", allow_null=True)
    opinions = serializers.SerializerMethodField(help_text="Address of its opinions.")

    class Meta:
        model = ReviewRequest
        fields = [
            "id", "version", "plan", "department", "who", "note", "asked_by", "asked_at", "due_on", "late", "done_at",
            "called_back_at", "opinions",
        ]  # fmt: skip

    def get_who(self, row: ReviewRequest) -> str:
        return adoption.asked_name(row, row.version, self.context["request"].user)

    def get_asked_by(self, row: ReviewRequest) -> str:
        return name_for(self.context["request"].user, row.asked_by, row.division_code)

    def get_late(self, row: ReviewRequest) -> bool:
        return reviews.is_late(row)

    def get_opinions(self, row: ReviewRequest) -> str:
        return absolute(self.context["request"], "api-review-opinions", id=row.pk)


DepartmentRef = inline_serializer("DepartmentRef", {"code": serializers.CharField(), "name": serializers.CharField()})
ExpertRef = inline_serializer("ExpertRef", {"account": serializers.CharField(), "name": serializers.CharField()})


RequestPage, OpinionPage = results("ReviewRequest", RequestShape), results("Opinion", OpinionShape)


class Reviewers(serializers.Serializer):
    departments = serializers.ListField(child=DepartmentRef)
    experts = serializers.ListField(child=ExpertRef)


def seen(request: Request, id: str) -> ReviewRequest:
    """The request if it was put to the person, or is of their division; for all others there is none (404)."""
    return get_object_or_404(reviews.visible_to(request.user), pk=id)


def version_of(request: Request, id: str) -> PlanVersion:
    """The version if the person may read its review (404 else)."""
    return get_object_or_404(reviews.versions_open_to(request.user), pk=id)


def told(request: Request, row: ReviewRequest, status: int = 200) -> Response:
    return Response(RequestShape(seen(request, row.pk), context={"request": request}).data, status=status)


def opinion_told(request: Request, opinion: Opinion, status: int = 200) -> Response:
    row = reviews.opinions_visible_to(request.user).get(pk=opinion.pk)
    return Response(OpinionShape(row, context={"request": request}).data, status=status)


@extend_schema(
    operation_id="reviews",
    tags=["review"],
    parameters=[RequestQuery],
    responses={200: RequestPage, **errors(400)},
)
@api_view(["GET"])
def request_list(request: Request) -> Response:
    """Requests for an opinion that were put to you, the oldest first."""
    query = read_query(request, RequestQuery)
    rows = reviews.visible_to(request.user).filter(pk__in=ReviewRequest.objects.requested_from(request.user))
    if query["done"] is not None:
        rows = rows.filter(done_at__isnull=not query["done"])
    found, following = keyset(request, rows, ["asked_at", "id"], query)
    return Response({"results": RequestShape(found, many=True, context={"request": request}).data, "next": following})


@extend_schema(operation_id="review", tags=["review"], responses={200: RequestShape, **errors(404)})
@api_view(["GET"])
def one_request(request: Request, id: str) -> Response:
    """One request for an opinion."""
    return told(request, seen(request, id))


@extend_schema(
    methods=["GET"],
    operation_id="version_reviews",
    tags=["review"],
    parameters=[PageQuery],
    responses={200: RequestPage, **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="version_review_new",
    tags=["review"],
    request=AskBody,
    responses={201: RequestShape, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def version_requests(request: Request, id: str) -> Response:
    """Who was asked about a version, as far as you may know (GET); ask a department or an expert (POST, county)."""
    version = version_of(request, id)
    if request.method == "POST":
        body, by = read_body(request, AskBody), require_user(request)
        name = body.pop("expert")
        expert = User.objects.filter(username=name).first() if name else None
        if name and expert is None:
            raise reviews.no_expert()
        return told(request, reviews.ask(version, by=by, expert=expert, **body), status=201)
    query = read_query(request, PageQuery)
    found, following = keyset(
        request, reviews.visible_to(request.user).filter(version=version), ["asked_at", "id"], query
    )
    return Response({"results": RequestShape(found, many=True, context={"request": request}).data, "next": following})


@extend_schema(operation_id="version_reviewers", tags=["review"], responses={200: Reviewers, **errors(403, 404)})
@api_view(["GET"])
def reviewers(request: Request, id: str) -> Response:
    """Departments and experts who can be asked about a version; for whoever may ask them."""
    version = staff_version(request.user, id)
    if not reviews.may_ask(request.user, version):
        raise NotAllowed(_("Only a reviewer or leader of the county may ask for opinions."))
    answer = {
        "departments": [{"code": d.value, "name": d.label} for d in reviews.departments_of(version)],
        "experts": [{"account": user.username, "name": str(user)} for user in reviews.experts_of(version)],
    }
    return Response(Reviewers(answer).data)


@extend_schema(
    operation_id="review_declaration_new",
    tags=["review"],
    request=DeclarationBody,
    responses={204: None, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def declaration(request: Request, id: str) -> Response:
    """Declare a conflict of interest or its absence; before it you read nothing of the plan. A conflict ends the request."""
    row, by = seen(request, id), require_user(request)
    reviews.declare_interest(row, by=by, **read_body(request, DeclarationBody))
    return Response(status=204)


@extend_schema(
    methods=["GET"],
    operation_id="review_opinions",
    tags=["review"],
    parameters=[PageQuery],
    responses={200: OpinionPage, **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="review_opinion_new",
    tags=["review"],
    request=OpinionBody,
    responses={201: OpinionShape, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def request_opinions(request: Request, id: str) -> Response:
    """Opinions given on a request (GET); give one, pinned to a zone, a clause or the whole plan (POST). None ever changes."""
    row = seen(request, id)
    if request.method == "POST":
        by = require_user(request)
        given = reviews.give_opinion(row, by=by, **read_body(request, OpinionBody))
        return opinion_told(request, given, status=201)
    return opinion_page(request, reviews.opinions_visible_to(request.user).filter(request=row))


def opinion_page(request: Request, rows: object) -> Response:
    found, following = keyset(request, rows, ["at", "id"], read_query(request, PageQuery))
    return Response({"results": OpinionShape(found, many=True, context={"request": request}).data, "next": following})


@extend_schema(
    operation_id="review_finish",
    tags=["review"],
    request=Nothing,
    responses={200: RequestShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def finish(request: Request, id: str) -> Response:
    """Say that the opinion is complete; without any point it means no objection (无意见)."""
    row, by = seen(request, id), require_user(request)
    read_body(request, Nothing)
    return told(request, reviews.finish(row, by=by))


@extend_schema(
    operation_id="review_call_back",
    tags=["review"],
    request=Nothing,
    responses={200: RequestShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def call_back(request: Request, id: str) -> Response:
    """Take a request back: who was asked sees neither it nor the version any more."""
    row, by = seen(request, id), require_user(request)
    read_body(request, Nothing)
    return told(request, reviews.call_back(row, by=by))


@extend_schema(
    operation_id="version_opinions",
    tags=["review"],
    parameters=[PageQuery],
    responses={200: OpinionPage, **errors(400, 404)},
)
@api_view(["GET"])
def version_opinions(request: Request, id: str) -> Response:
    """Opinions on a version with what became of them; whoever was asked reads those of others when theirs is complete."""
    version = version_of(request, id)
    return opinion_page(request, reviews.opinions_visible_to(request.user).filter(version=version))


@extend_schema(
    operation_id="version_opinions_xlsx",
    tags=["review"],
    responses={(200, adoption.XLSX): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)
@api_view(["GET"])
def version_opinions_file(request: Request, id: str) -> HttpResponse:
    """The list of what was adopted (采纳情况表) as a workbook."""
    return adoption.response(version_of(request, id), request.user)


@extend_schema(
    operation_id="opinion_answer_new",
    tags=["review"],
    request=AnswerBody,
    responses={201: OpinionShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def opinion_answer(request: Request, id: str) -> Response:
    """Say what becomes of an opinion, once. 409 `answered` holds the answer of whoever was quicker."""
    opinion, by = get_object_or_404(reviews.opinions_visible_to(request.user), pk=id), require_user(request)
    reviews.answer(opinion, by=by, **read_body(request, AnswerBody))
    return opinion_told(request, opinion, status=201)
