"""Words that hold a comment for a look: the list of one's divisions, a word more, a word less."""

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import held
from planning.models import WatchedWord
from planning.views.watched_words import seen_word
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.errors import NotAllowed


class WordBody(StrictSerializer):
    word = serializers.CharField(max_length=held.WORD_CHARS)
    division_code = serializers.RegexField(r"^[0-9]{12}$", help_text="It holds comments there and in all below it.")
    source = serializers.CharField(max_length=held.SOURCE_CHARS, help_text="The document it is from.")
    listed_on = serializers.DateField(help_text="The day of that document.")


class WordShape(serializers.ModelSerializer):
    class Meta:
        model = WatchedWord
        fields = ["id", "word", "division_code", "source", "listed_on", "ended_at"]


WordsShape = inline_serializer("WatchedWords", {"results": WordShape(many=True)})


@extend_schema(
    methods=["GET"], operation_id="watched_words", tags=["participation"], responses={200: WordsShape, **errors(403)}
)
@extend_schema(
    methods=["POST"],
    operation_id="watched_word_new",
    tags=["participation"],
    request=WordBody,
    responses={201: WordShape, **errors(400, 403, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def words(request: Request) -> Response:
    """Words that hold comments in your divisions (GET); put one on the list (POST). Township, county, administrators."""
    user = require_user(request)
    if request.method == "POST":
        row = held.list_word(by=user, **read_body(request, WordBody))
        return Response(WordShape(row).data, status=201)
    if not held.divisions(user):
        raise NotAllowed(held.ONLY_LISTERS)
    return Response({"results": WordShape(held.listed_for(user), many=True).data})


@extend_schema(
    operation_id="watched_word_end",
    tags=["participation"],
    request=None,
    responses={200: WordShape, **errors(403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def word_end(request: Request, id: int) -> Response:
    """Take a word off the list; it stays on record."""
    user = require_user(request)
    return Response(WordShape(held.end_word(seen_word(user, id), by=user)).data)
