"""Mapping profiles: how the layers and fields of a file become ours, as data."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class MappingProfile(models.Model):
    """A stored mapping (映射方案); `content` is described in docs/imports.md and checked by planning.profiles."""

    name = models.SlugField(_("name"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=100)
    content = models.JSONField(_("content"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title
