"""What the API answers about comments of residents and their answers."""

import json

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from planning import held, moderation, photos, zone_changes
from planning.api.shapes import PinShape, name_for
from planning.models import Adoption, Comment, Held, Reply
from planning.participation_names import is_own, said_where, shown_name
from portal.api_shapes import Geometry
from portal.grades import Grade


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


class PhotoOfComment(serializers.Serializer):
    url = serializers.URLField()
    small = serializers.URLField()
    width = serializers.IntegerField(help_text="Pixels of the large one.")
    height = serializers.IntegerField()
    words = serializers.CharField(help_text="What it shows.")


class SupportsShape(serializers.Serializer):
    """Who supports a comment (附议)."""

    count = serializers.IntegerField(
        help_text="People somebody knows: verified, invited by household, or in an office."
    )
    unconfirmed = serializers.IntegerField(help_text="Others; they count as soon as they are known.")
    mine = serializers.BooleanField(help_text="You are one of them.")


class CommentShape(serializers.ModelSerializer):
    author = serializers.SerializerMethodField(
        help_text="Nickname or masked name, in full for staff; on behalf of somebody who said it, never who entered it."
    )
    text = serializers.SerializerMethodField(help_text="Empty if it was hidden, but for its author and for staff.")
    starred = serializers.SerializerMethodField(
        help_text="It has a telephone or identity number, and you read it; all but its author and who looks at comments read stars."
    )
    hidden = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField(
        help_text="It waits for a look and is not public yet: only its author and who looks at it see it; null: public."
    )
    unverified = serializers.SerializerMethodField(
        help_text="The author's identity is not verified; null for all but the village's offices."
    )
    identity = serializers.SerializerMethodField(
        help_text="How far it is known who the author is; null for all but the village's offices. Of a comment on behalf of "
        "somebody it is about who entered it."
    )
    follows = serializers.SerializerMethodField(
        help_text="What became of its zone in the newest version you may see; null: no zone, or no newer version."
    )
    effects = serializers.SerializerMethodField(help_text="Changes of later versions that it led to.")
    zone = serializers.IntegerField(
        source="zone.number", default=None, allow_null=True, help_text="Number of the zone."
    )
    project = serializers.IntegerField(
        source="project.number", default=None, allow_null=True, help_text="Number of the project."
    )
    place = serializers.SerializerMethodField()
    shape = serializers.SerializerMethodField(help_text="What was drawn; null if the comment was hidden.")
    photos = serializers.SerializerMethodField()
    mine = serializers.SerializerMethodField(help_text="You wrote it; not what you entered for somebody else.")
    on_behalf = serializers.BooleanField(help_text="Entered for somebody else, or taken in from elsewhere.")
    came = serializers.SerializerMethodField(help_text="The same in words; empty for what was written here.")
    consultation = serializers.CharField(source="consultation.title", default=None, allow_null=True)
    supports = serializers.SerializerMethodField()
    replies = ReplyShape(many=True)

    class Meta:
        model = Comment
        fields = [
            "id", "author", "mine", "channel", "on_behalf", "said_on", "came", "consultation", "agreed_before", "disagreed_before", "text", "starred", "hidden", "held", "unverified", "identity",
            "zone", "project", "place", "shape", "photos", "supports", "follows", "effects", "created_at", "replies",
        ]  # fmt: skip

    def get_author(self, comment: Comment) -> str:
        return shown_name(comment, self.context["request"].user)

    def get_came(self, comment: Comment) -> str:
        return said_where(comment)

    def get_text(self, comment: Comment) -> str:
        return moderation.text_for(comment, self.context["request"].user)

    def get_starred(self, comment: Comment) -> bool:
        return moderation.is_starred(comment, self.context["request"].user)

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

    @extend_schema_field(serializers.ChoiceField(Grade.choices, allow_null=True))
    def get_identity(self, comment: Comment) -> str | None:
        return moderation.identity(comment, self.context["request"].user)

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

    @extend_schema_field(Geometry(allow_null=True))
    def get_shape(self, comment: Comment) -> dict | None:
        told = comment.shape and moderation.may_read(comment, self.context["request"].user)
        return json.loads(comment.shape.json) if told else None

    def get_photos(self, comment: Comment) -> PhotoOfComment(many=True):
        request = self.context["request"]
        return [
            {
                "url": request.build_absolute_uri(reverse("photo", args=[photo.pk])),
                "small": request.build_absolute_uri(reverse("photo-small", args=[photo.pk])),
                "width": photo.width, "height": photo.height, "words": photo.words,
            }
            for photo in photos.shown(comment, request.user)
            if not photo.erased
        ]  # fmt: skip

    def get_mine(self, comment: Comment) -> bool:
        return is_own(comment, self.context["request"].user)

    def get_supports(self, comment: Comment) -> SupportsShape:
        return self.context["supports"][comment.pk].as_json()


CommentPage = inline_serializer(
    "CommentPage",
    {
        "results": CommentShape(many=True),
        "next": serializers.URLField(allow_null=True),
        "looked_at": serializers.IntegerField(help_text="Comments that wait for a look and are not public yet."),
    },
)
