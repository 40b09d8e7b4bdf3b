"""Land-use classes and the zones of a plan version."""

from django.contrib.gis.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.geo.functions import WrittenArea, web_column


class LandUseClass(models.Model):
    """A class of 《国土空间调查、规划、用途管制用地用海分类指南》; administrators may add the codes that are missing."""

    class BigClass(models.TextChoices):
        AGRI = "agri", _("Agricultural land")
        CONSTRUCTION = "construction", _("Construction land")
        UNUSED = "unused", _("Unused land")
        SEA = "sea", _("Sea")
        MIXED = "mixed", _("Mixed")

    class Sansheng(models.TextChoices):
        PRODUCTION = "production", _("Production space")
        LIVING = "living", _("Living space")
        ECOLOGICAL = "ecological", _("Ecological space")
        MIXED = "mixed", _("Mixed")

    code = models.CharField(_("code"), max_length=6)
    code_version = models.CharField(
        _("edition"), max_length=4, choices=[("2020", "2020"), ("2023", "2023")], default="2023"
    )
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80)
    level = models.PositiveSmallIntegerField(_("level"))
    parent_code = models.CharField(_("parent"), max_length=6, blank=True)
    colour = models.CharField(_("colour"), max_length=7)
    big_class = models.CharField(_("three-way class"), max_length=12, choices=BigClass.choices)
    sansheng = models.CharField(_("space by function"), max_length=12, choices=Sansheng.choices)

    class Meta:
        ordering = ["code_version", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code_version", "code"], name="land_use_class_once"),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^\d{2}(\d{2}){0,2}$"), name="land_use_class_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(colour__regex=r"^#[0-9A-Fa-f]{6}$"), name="land_use_class_colour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_zh


class Zone(models.Model):
    """A planned parcel (规划地块) of a version, as it came from the file; area_m2 is ellipsoidal."""

    # found by the index of zone_number_once, which begins with the version
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="zones", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    code = models.CharField(_("land-use class"), max_length=6)
    label = models.CharField(_("number in the file"), max_length=50, blank=True)
    file_area_m2 = models.FloatField(_("area in the file"), null=True)
    remark = models.CharField(_("remark"), max_length=255, blank=True)
    # the class as the file has it where it was converted, such as the survey's 1104K
    file_code = models.CharField(_("class in the file"), max_length=30, blank=True)
    attributes = models.JSONField(default=dict)
    geom = models.MultiPolygonField(srid=4490)
    area_m2 = WrittenArea()
    geom_web = web_column()

    class Meta:
        ordering = ["version_id", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="zone_number_once")]

    def __str__(self) -> str:
        return f"{self.version_id}-{self.number}"
