"""What the API answers about comments of residents and their answers."""

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from planning import held, moderation, zone_changes
from planning.api.shapes import PinShape, name_for
from planning.models import Adoption, Comment, Held, Reply


class ReplyShape(serializers.ModelSerializer):
    author = serializers.SerializerMethodField()
    adoption = serializers.ChoiceField(
        Adoption.choices,
        allow_blank=True,
        help_text="What became of the comment; empty: of an answer from before it was asked.",
    )
    adoption_text = serializers.CharField(source="get_adoption_display", allow_blank=True)
    batch = serializers.CharField(allow_blank=True, help_text="The same on answers given at once to several comments.")

    class Meta:
        model = Reply
        fields = ["author", "text", "adoption", "adoption_text", "batch", "created_at"]

    def get_author(self, reply: Reply) -> str:
        return name_for(self.context["request"].user, reply.author, self.context["division_code"])


class HiddenShape(serializers.Serializer):
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class FollowedShape(serializers.Serializer):
    """Where the zone of a comment is in a later version."""

    version = inline_serializer(
        "FollowedVersion", {"id": serializers.CharField(), "number": serializers.IntegerField()}
    )
    fate = serializers.ChoiceField([fate for fate in zone_changes.FATES if fate != "new"])
    zones = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of the zones that go on with it."
    )
    text = serializers.CharField()


class EffectShape(serializers.Serializer):
    text = serializers.CharField()
    url = serializers.CharField(help_text="Page of the comparison that shows the change.")


class HeldShape(serializers.Serializer):
    """A comment that waits for a look; why, and the listed words it has, only for who looks at it."""

    at = serializers.DateTimeField()
    look_by = serializers.DateField()
    text = serializers.CharField(help_text="What its author is told.")
    why = serializers.ChoiceField(Held.choices, allow_null=True)
    words = serializers.CharField(allow_null=True)


class CommentShape(serializers.ModelSerializer):
    author = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField(help_text="Empty if it was hidden, but for its author and for staff.")
    hidden = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField(
        help_text="It waits for a look and is not public yet: only its author and who looks at it see it; null: public."
    )
    unverified = serializers.SerializerMethodField(
        help_text="The author's identity is not verified; null for all but the village's offices."
    )
    follows = serializers.SerializerMethodField(
        help_text="What became of its zone in the newest version you may see; null: no zone, or no newer version."
    )
    effects = serializers.SerializerMethodField(help_text="Changes of later versions that it led to.")
    zone = serializers.IntegerField(
        source="zone.number", default=None, allow_null=True, help_text="Number of the zone."
    )
    place = serializers.SerializerMethodField()
    mine = serializers.SerializerMethodField()
    replies = ReplyShape(many=True)

    class Meta:
        model = Comment
        fields = [
            "id", "author", "mine", "text", "hidden", "held", "unverified", "zone", "place", "follows", "effects", "created_at", "replies"
        ]  # fmt: skip

    def get_author(self, comment: Comment) -> str:
        return name_for(self.context["request"].user, comment.author, self.context["division_code"])

    def get_text(self, comment: Comment) -> str:
        return moderation.text_for(comment, self.context["request"].user)

    def get_hidden(self, comment: Comment) -> HiddenShape(allow_null=True):
        return {"at": comment.hidden_at, "reason": comment.hidden_reason} if comment.hidden_at else None

    def get_held(self, comment: Comment) -> HeldShape(allow_null=True):
        if not comment.waits:
            return None
        looks = moderation.may_moderate(self.context["request"].user, self.context["division_code"])
        return {
            "at": comment.held_at, "look_by": comment.look_by, "text": held.told(comment),
            "why": comment.held_why if looks else None, "words": comment.held_words if looks else None,
        }  # fmt: skip

    def get_unverified(self, comment: Comment) -> bool | None:
        return moderation.unverified(comment, self.context["request"].user)

    def get_follows(self, comment: Comment) -> FollowedShape(allow_null=True):
        followed = self.context["followed"].get(comment.pk)
        return followed.as_json() if followed else None

    def get_effects(self, comment: Comment) -> EffectShape(many=True):
        return self.context["effects"].get(comment.pk, [])

    @extend_schema_field(PinShape(allow_null=True))
    def get_place(self, comment: Comment) -> dict | None:
        return {"lon": comment.geom.x, "lat": comment.geom.y} if comment.geom else None

    def get_mine(self, comment: Comment) -> bool:
        return comment.author_id == self.context["request"].user.pk


CommentPage = inline_serializer(
    "CommentPage",
    {
        "results": CommentShape(many=True),
        "next": serializers.URLField(allow_null=True),
        "looked_at": serializers.IntegerField(help_text="Comments that wait for a look and are not public yet."),
    },
)
