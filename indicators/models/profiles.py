"""Profiles of judgement: which indicators and checks apply where, which bind, limits; data with source and date."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from villages.models import Terrain, VillageType


class JudgementProfileQuerySet(models.QuerySet):
    def newest(self) -> "JudgementProfileQuerySet":
        """The last edition of each profile."""
        newer = JudgementProfile.objects.filter(name=OuterRef("name"), edition__gt=OuterRef("edition"))
        return self.filter(~Exists(newer))

    def in_force(self, day: object) -> "JudgementProfileQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


class JudgementProfile(models.Model):
    """One edition of a profile (评价方案) for a division, a village type, a terrain; an edition never changes. `content`
    is described in docs/indicators.md and checked by indicators.profiles."""

    name = models.SlugField(_("name"), max_length=60)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    division_code = models.CharField(
        _("division"), max_length=12, blank=True, help_text=_("Whose rules it holds; empty means the whole country.")
    )
    village_type = models.CharField(_("village type"), max_length=4, choices=VillageType.choices, blank=True)
    terrain = models.CharField(_("terrain"), max_length=8, choices=Terrain.choices, blank=True)
    title = models.CharField(_("title"), max_length=100)
    content = models.JSONField(_("content"))
    source = models.CharField(_("source"), max_length=300)
    sample = models.BooleanField(
        _("sample values"), default=False, help_text=_("Not checked against an official text.")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JudgementProfileQuerySet.as_manager()

    class Meta:
        ordering = ["division_code", "name", "-edition"]
        constraints = [models.UniqueConstraint(fields=["name", "edition"], name="judgement_profile_edition_once")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An edition never changes: indicators.profiles.save makes the next one.")
        super().save(*args, **kwargs)
