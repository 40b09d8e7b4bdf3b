"""What lies in a village: base-year parcels, control lines, facilities."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.geo.functions import area_column, web_column


class Parcel(models.Model):
    """A base-year land parcel (现状图斑). `code` is the 2023 class, `survey_code` the untouched DLBM of the survey."""

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="parcels")
    number = models.PositiveIntegerField(_("number"))
    code = models.CharField(_("land-use class"), max_length=6)
    survey_code = models.CharField(max_length=6, blank=True)
    slope_class = models.PositiveSmallIntegerField(
        _("slope class"),
        null=True,
        blank=True,
        help_text=_("GDPDJB: 1 up to 2°, 2 to 6°, 3 to 15°, 4 to 25°, 5 above."),
    )
    settlement = models.CharField(
        _("settlement attribute"), max_length=4, blank=True, db_default="", help_text=_("CZCSXM: 203 is a village.")
    )
    quality = models.PositiveSmallIntegerField(
        _("quality grade"),
        null=True,
        blank=True,
        help_text=_("Grade of the cropland (耕地质量等级), 1 is the best of 10."),
    )
    geom = models.MultiPolygonField(srid=4490)
    area_m2 = area_column()
    geom_web = web_column()
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["village_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="parcel_number_once"),
            models.CheckConstraint(condition=Q(slope_class=None) | Q(slope_class__range=(1, 5)), name="parcel_slope"),
            models.CheckConstraint(condition=Q(quality=None) | Q(quality__range=(1, 10)), name="parcel_quality"),
        ]

    def __str__(self) -> str:
        return f"{self.village_id}-{self.number}"


class ControlLineQuerySet(models.QuerySet):
    def valid_on(self, day: object = None) -> "ControlLineQuerySet":
        """Lines with ground that hold on a day, today if none is named."""
        return self.known_on(day).filter(area_m2__gt=0)

    def known_on(self, day: object = None) -> "ControlLineQuerySet":
        """Those, and rows without ground: of that kind it is known that none lies in the village."""
        day = day or timezone.localdate()
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


class ControlLine(models.Model):
    """An area drawn by a control line (控制线), as issued by its owner, with the days it is valid.

    One without ground says that the kind was handed over and none lies in the village (已提供，村内无): not the same as no row.
    """

    class Kind(models.TextChoices):
        YJJBNT = "YJJBNT", _("Permanent basic farmland")
        STBHHX = "STBHHX", _("Ecological red line")
        CZKFBJ = "CZKFBJ", _("Urban development boundary")
        CZJSBJ = "CZJSBJ", _("Village construction boundary")
        LSWHBHX = "LSWHBHX", _("Historic and cultural protection line")
        ZHFXQ = "ZHFXQ", _("Hazard area")
        HLFXKZX = "HLFXKZX", _("Flood risk control line")
        HHGLFW = "HHGLFW", _("River and lake management area")
        YSBHQ = "YSBHQ", _("Drinking water protection area")
        GYL = "GYL", _("Public-welfare forest")
        GBZNT = "GBZNT", _("High-standard farmland")
        GHFQ = "GHFQ", _("Use zone")
        DLHX = "DLHX", _("Road red line")

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="control_lines")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100, blank=True)
    level = models.CharField(
        _("level"),
        max_length=20,
        blank=True,
        help_text=_(
            "Hazard: high, medium, low. Heritage: core, control. Forest: I to IV. Use zone: its code, such as 510."
        ),
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    geom = models.MultiPolygonField(srid=4490)
    area_m2 = area_column()
    geom_web = web_column()
    source = models.CharField(max_length=200)

    objects = ControlLineQuerySet.as_manager()

    class Meta:
        ordering = ["village_id", "number"]
        constraints = [models.UniqueConstraint(fields=["village", "number"], name="control_line_number_once")]
        indexes = [models.Index(fields=["village", "kind"], name="control_line_kind")]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()


class Facility(models.Model):
    """A public facility (公共服务设施); `kind` is the two-digit facility type of the domain reference."""

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="facilities")
    kind = models.CharField(_("kind"), max_length=2)
    name = models.CharField(_("name"), max_length=100)
    geom = models.PointField(srid=4490)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["village_id", "kind", "name"]

    def __str__(self) -> str:
        return self.name


class Road(models.Model):
    """A road (道路) as a line, of a village or of the county it runs through; `width_m` where the source says it."""

    division = models.ForeignKey("villages.Division", models.CASCADE, related_name="roads")
    name = models.CharField(_("name"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=30)
    width_m = models.FloatField(_("width, m"), null=True, blank=True)
    hardened = models.BooleanField(_("hardened"), null=True, blank=True)
    geom = models.MultiLineStringField(srid=4490)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["division_id", "id"]
        constraints = [models.CheckConstraint(condition=Q(width_m=None) | Q(width_m__gt=0), name="road_has_a_width")]

    def __str__(self) -> str:
        return self.name or self.kind


class Corridor(models.Model):
    """A line that keeps building at a distance (线性设施): railway, power line, pipeline, river bank; of a village or a county."""

    class Kind(models.TextChoices):
        RAILWAY = "railway", _("Railway")
        POWER_110KV = "power_110kv", _("Power line, 110 kV")
        POWER_220KV = "power_220kv", _("Power line, 220 kV")
        POWER_500KV = "power_500kv", _("Power line, 500 kV")
        PIPELINE = "pipeline", _("Oil or gas pipeline")
        RIVER = "river", _("River bank")

    division = models.ForeignKey("villages.Division", models.CASCADE, related_name="corridors")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100, blank=True)
    geom = models.MultiLineStringField(srid=4490)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["division_id", "id"]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()
