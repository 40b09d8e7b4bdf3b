"""Mapping profiles: how the layers and fields of a file become ours, as data."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _


class MappingProfileQuerySet(models.QuerySet):
    def newest(self) -> "MappingProfileQuerySet":
        """The last edition of each profile."""
        newer = MappingProfile.objects.filter(name=OuterRef("name"), edition__gt=OuterRef("edition"))
        return self.filter(~Exists(newer))


class MappingProfile(models.Model):
    """One edition of a profile (数据库结构与映射方案); `content` is described in docs/imports.md and checked by
    planning.profiles. An edition never changes: versions were imported with it."""

    name = models.SlugField(_("name"), max_length=60)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    division_code = models.CharField(
        _("division"), max_length=12, blank=True, help_text=_("Whose rules it holds; empty means the whole country.")
    )
    title = models.CharField(_("title"), max_length=100)
    content = models.JSONField(_("content"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MappingProfileQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-edition"]
        constraints = [models.UniqueConstraint(fields=["name", "edition"], name="profile_edition_once")]

    def __str__(self) -> str:
        return self.title
