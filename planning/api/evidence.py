"""The case of a version: its stages, its procedure, commission, first round, assembly, documents."""

from typing import Any

from django.core.files import File
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import amendments, assemblies, cases, commissions
from planning import evidence as proofs
from planning.api.shapes import absolute, name_for
from planning.models import Assembly, Document, PlanVersion, State, Track, VillagerRound
from planning.views import evidence as pages
from portal.api_parsers import JSONBody, UploadForm
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.bodies import takes_files
from villages.models import Village


class Files(serializers.ListField):
    """Any number of documents of one kind."""

    child = serializers.FileField(max_length=255, allow_empty_file=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "default": list, "help_text": "PDF, OFD, PNG or JPEG files.", **options})


class RoundDocuments(StrictSerializer):
    minutes = Files()
    attendance = Files()
    questionnaire = Files()
    photo = Files()
    other = Files()


class AssemblyDocuments(StrictSerializer):
    minutes = Files()
    photo = Files()
    attendance = Files()
    votes = Files()
    other = Files()


class RoundBody(RoundDocuments):
    form = serializers.ChoiceField(VillagerRound.Form.choices)
    held_on = serializers.DateField()
    people = serializers.IntegerField(min_value=1, max_value=100_000)
    summary = serializers.CharField(max_length=5000, help_text="What was said, without names.")


class AssemblyBody(AssemblyDocuments):
    form = serializers.ChoiceField(Assembly.Form.choices)
    held_on = serializers.DateField()
    place = serializers.CharField(max_length=100)
    entitled = serializers.IntegerField(min_value=1, max_value=1_000_000)
    present = serializers.IntegerField(min_value=0, max_value=1_000_000)
    in_favour = serializers.IntegerField(min_value=0, max_value=1_000_000)
    against = serializers.IntegerField(min_value=0, max_value=1_000_000)
    abstained = serializers.IntegerField(min_value=0, max_value=1_000_000)
    summary = serializers.CharField(max_length=5000, help_text="The resolution.")


class TrackBody(StrictSerializer):
    track = serializers.ChoiceField(Track.choices)


class CommissionBody(StrictSerializer):
    number = serializers.CharField(max_length=100)
    issued_on = serializers.DateField()
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class DocumentShape(serializers.ModelSerializer):
    kind = serializers.ChoiceField(Document.Kind.choices)
    kind_text = serializers.CharField(source="get_kind_display")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = ["id", "kind", "kind_text", "name", "size", "sha256", "at", "url"]

    @extend_schema_field(serializers.URLField())
    def get_url(self, row: Document) -> str:
        return absolute(self.context["request"], "api-document", id=row.pk)


class RecordShape(serializers.ModelSerializer):
    form_text = serializers.CharField(source="get_form_display")
    by = serializers.SerializerMethodField()
    documents = DocumentShape(many=True)

    def get_by(self, row: Any) -> str:
        return name_for(self.context["request"].user, row.by, row.version.division_code)


class RoundShape(RecordShape):
    form = serializers.ChoiceField(VillagerRound.Form.choices)

    class Meta:
        model = VillagerRound
        fields = ["id", "form", "form_text", "held_on", "people", "summary", "by", "at", "documents"]


Counted = inline_serializer(
    "Counted",
    {
        "part": serializers.IntegerField(), "whole": serializers.IntegerField(),
        "needed": serializers.IntegerField(help_text="People that are needed."), "share": serializers.CharField(),
        "holds": serializers.BooleanField(), "percent": serializers.FloatField(),
    },
)  # fmt: skip
Result = inline_serializer(
    "AssemblyResult",
    {
        "present": Counted, "favour": Counted, "rule": serializers.CharField(), "law": serializers.CharField(),
        "sample": serializers.BooleanField(help_text="The rule is a sample value, not from an official text."),
        "lacking": serializers.ListField(child=serializers.CharField(), help_text="Empty if the village agreed."),
    },
)  # fmt: skip


class AssemblyShape(RecordShape):
    form = serializers.ChoiceField(Assembly.Form.choices)
    result = serializers.SerializerMethodField(help_text="Quorum and majority, counted by the procedure.")

    class Meta:
        model = Assembly
        fields = [
            "id", "form", "form_text", "held_on", "place", "entitled", "present", "in_favour", "against", "abstained",
            "summary", "by", "at", "result", "documents",
        ]  # fmt: skip

    @extend_schema_field(Result)
    def get_result(self, row: Assembly) -> dict[str, Any]:
        return assemblies.result(row)


class StageShape(serializers.Serializer):
    state = serializers.ChoiceField(State.choices)
    state_text = serializers.CharField(source="label")
    status = serializers.ChoiceField([("done", "done"), ("now", "now"), ("ahead", "ahead"), ("left_out", "left_out")])
    on = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True, help_text="Day or time it was reached."))
    def get_on(self, stage: cases.Stage) -> str | None:
        return stage.at and stage.at.isoformat()

    def get_by(self, stage: cases.Stage) -> str:
        return name_for(self.context["request"].user, stage.by, self.context["version"].division_code)


class CommissionShape(serializers.Serializer):
    plan = serializers.CharField(source="plan_id")
    number = serializers.CharField()
    issued_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()


CaseShape = inline_serializer(
    "Case",
    {
        "version": serializers.CharField(), "state": serializers.ChoiceField(State.choices),
        "track": serializers.ChoiceField(Track.choices), "amends": serializers.CharField(allow_null=True),
        "next": serializers.CharField(help_text="What happens next, in words."), "stages": StageShape(many=True),
        "commission": CommissionShape(allow_null=True), "rounds": RoundShape(many=True),
        "assemblies": AssemblyShape(many=True), "documents": DocumentShape(many=True),
    },
)  # fmt: skip
TrackShape = inline_serializer(
    "TrackJudgement",
    {
        "track": serializers.ChoiceField(Track.choices, help_text="The procedure chosen."),
        "amends": serializers.CharField(allow_null=True, help_text="The version in force that it amends."),
        "least": serializers.ChoiceField(Track.choices, help_text="The shortest procedure it may take."),
        "why": serializers.CharField(), "moved_m2": serializers.FloatField(help_text="Area that gets another class."),
    },
)  # fmt: skip


def seen(request: Request, id: str) -> PlanVersion:
    """The version if the person may open its case; for all others there is none (404)."""
    return get_object_or_404(cases.visible_to(request.user), pk=id)


@extend_schema(operation_id="case", tags=["workflow"], responses={200: CaseShape, **errors(404)})
@api_view(["GET"])
def case(request: Request, id: str) -> Response:
    """The whole procedure of a version: its stages, commission, first round, assemblies, documents."""
    version = seen(request, id)
    context = {"request": request, "version": version}
    row = commissions.of_village(version.village)
    return Response(
        {
            "version": version.pk, "state": version.state, "track": version.track, "amends": version.amends_id,
            "next": str(cases.NEXT[version.state]),
            "stages": StageShape(cases.stages(version), many=True, context=context).data,
            "commission": CommissionShape(row).data if row else None,
            "rounds": RoundShape(version.rounds.all(), many=True, context=context).data,
            "assemblies": AssemblyShape(version.assemblies.all(), many=True, context=context).data,
            "documents": DocumentShape(version.documents.all(), many=True, context=context).data,
        }
    )  # fmt: skip


def split(body: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, File]]]:
    """Figures and words of a body, and its files with their kinds."""
    files = [(kind, file) for kind in Document.Kind.values for file in body.get(kind, [])]
    return {name: value for name, value in body.items() if name not in Document.Kind.values}, files


def creates(operation: str, body: type[serializers.Serializer], made: Any, words: str) -> dict[str, Any]:
    """The OpenAPI of a record with documents."""
    return {
        "operation_id": operation, "tags": ["workflow"], "request": {"multipart/form-data": body}, "description": words,
        "responses": {201: made, **errors(400, 403, 404, 409, 413, 415)},
    }  # fmt: skip


@extend_schema(**creates("round_new", RoundBody, RoundShape, "Record the villagers' first round, with its documents."))
@api_view(["POST"])
@parser_classes([UploadForm])
def round_new(request: Request, id: str) -> Response:
    version, by = seen(request, id), require_user(request)
    said, files = split(read_body(request, RoundBody))
    row = proofs.record_round(version, by=by, files=files, **said)
    return Response(RoundShape(row, context={"request": request}).data, status=201)


@extend_schema(
    **creates("assembly_new", AssemblyBody, AssemblyShape, "Record the assembly and its vote, with documents.")
)
@api_view(["POST"])
@parser_classes([UploadForm])
def assembly_new(request: Request, id: str) -> Response:
    version, by = seen(request, id), require_user(request)
    said, files = split(read_body(request, AssemblyBody))
    row = proofs.record_assembly(version, by=by, files=files, **said)
    return Response(AssemblyShape(row, context={"request": request}).data, status=201)


@extend_schema(**creates("round_documents_new", RoundDocuments, DocumentShape(many=True), "Add documents to a round."))
@api_view(["POST"])
@parser_classes([UploadForm])
def round_documents(request: Request, id: str) -> Response:
    return added(request, pages.record_seen(VillagerRound, request.user, id), RoundDocuments)


@extend_schema(
    **creates("assembly_documents_new", AssemblyDocuments, DocumentShape(many=True), "Add documents to an assembly.")
)
@api_view(["POST"])
@parser_classes([UploadForm])
def assembly_documents(request: Request, id: str) -> Response:
    return added(request, pages.record_seen(Assembly, request.user, id), AssemblyDocuments)


def added(request: Request, row: Any, body: type[serializers.Serializer]) -> Response:
    by = require_user(request)
    _said, files = split(read_body(request, body))
    rows = proofs.add_documents(row, files, by=by)
    return Response(DocumentShape(rows, many=True, context={"request": request}).data, status=201)


round_new, assembly_new = takes_files(round_new), takes_files(assembly_new)
round_documents, assembly_documents = takes_files(round_documents), takes_files(assembly_documents)


@extend_schema(
    operation_id="document",
    tags=["workflow"],
    responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)
@api_view(["GET"])
def document(request: Request, id: str) -> FileResponse:
    """A document of a case, as an attachment; the content type is that of its bytes."""
    return pages.attached(get_object_or_404(pages.documents_seen(request.user), pk=id), request.user)


@extend_schema(methods=["GET"], operation_id="track", tags=["workflow"], responses={200: TrackShape, **errors(404)})
@extend_schema(
    methods=["POST"], operation_id="track_choose", tags=["workflow"], request=TrackBody,
    responses={200: TrackShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def track(request: Request, id: str) -> Response:
    """Which procedure an amendment takes, the shortest it may take and why (GET); choose it while it is a draft (POST)."""
    version = seen(request, id)
    if request.method == "POST":
        version = amendments.choose_track(version, read_body(request, TrackBody)["track"], by=require_user(request))
    least = amendments.least_track(version)
    told = {"least": least.track, "why": str(least.why), "moved_m2": least.moved_m2}
    return Response({"track": version.track, "amends": version.amends_id, **told})


@extend_schema(
    methods=["GET"], operation_id="commission", tags=["workflow"], responses={200: CommissionShape, **errors(404)}
)
@extend_schema(
    methods=["POST"], operation_id="commission_new", tags=["workflow"], request=CommissionBody,
    responses={201: CommissionShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def commission(request: Request, code: str) -> Response:
    """The commission of a village's plan, whether or not anything was handed in yet (GET); commission it (POST)."""
    village = get_object_or_404(Village.objects.defer("geom", "geom_web"), pk=code)
    if request.method == "POST":
        by = require_user(request)
        row = commissions.commission(village, by=by, **read_body(request, CommissionBody))
        return Response(CommissionShape(row).data, status=201)
    if row := commissions.of_village(village):
        return Response(CommissionShape(row).data)
    raise Http404
