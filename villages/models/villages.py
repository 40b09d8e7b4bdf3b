"""Villages and what is known of them in a base year."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.utils.translation import gettext_lazy as _

from portal.geo.functions import area_column, web_column


class VillageType(models.TextChoices):
    """Types of the rural revitalisation strategy (2018-2022), decided by the county's village layout plan."""

    JJTS = "JJTS", _("Clustering and upgrading")
    CJRH = "CJRH", _("Merging with the town")
    TSBH = "TSBH", _("Protected character")
    BQCB = "BQCB", _("Relocating")
    QT = "QT", _("Other")


class Terrain(models.TextChoices):
    """The ground a village lies on; limits of homesteads and the set of indicators differ by it."""

    PLAIN = "plain", _("Plain")
    HILL = "hill", _("Hills")
    MOUNTAIN = "mountain", _("Mountains")
    SUBURB = "suburb", _("Suburb")


class VillageQuerySet(models.QuerySet):
    def under(self, prefix: str) -> "VillageQuerySet":
        return self.filter(division__code__startswith=prefix)


class Village(models.Model):
    """An administrative village (行政村) with its outline; `division` carries code and name."""

    division = models.OneToOneField("villages.Division", models.PROTECT, primary_key=True)
    short_name = models.CharField(_("short name"), max_length=100)
    type = models.CharField(_("village type"), max_length=4, choices=VillageType.choices, default=VillageType.QT)
    terrain = models.CharField(_("terrain"), max_length=8, choices=Terrain.choices, blank=True, db_default="")
    base_year = models.PositiveSmallIntegerField(_("base year"), default=2020)
    geom = models.MultiPolygonField(_("outline"), srid=4490)
    area_m2 = area_column()
    geom_web = web_column()
    source = models.CharField(_("source"), max_length=200)
    # counts every change of outline, parcels, lines, facilities or facts: what is derived from them is cached by it
    revision = models.PositiveIntegerField(default=1)

    objects = VillageQuerySet.as_manager()

    class Meta:
        ordering = ["division_id"]
        indexes = [GinIndex(fields=["short_name"], opclasses=["gin_trgm_ops"], name="village_name_trigrams")]

    def __str__(self) -> str:
        return self.short_name

    @property
    def code(self) -> str:
        return self.division_id

    @property
    def division_code(self) -> str:
        return self.division_id

    def fact(self, code: str) -> "Fact | None":
        """The latest fact with this code, or None; uses prefetched rows when there are any."""
        rows = [f for f in self.facts.all() if f.code == code]
        return max(rows, key=lambda f: f.year) if rows else None


class Fact(models.Model):
    """One base-year figure of a village (基期数据): code, value, unit, year and source."""

    class Code(models.TextChoices):
        POPULATION = "population", _("Registered population")
        RESIDENT_POPULATION = "resident_population", _("Resident population")
        HOUSEHOLDS = "households", _("Households")
        COLLECTIVE_INCOME = "collective_income", _("Collective income")
        DISPOSABLE_INCOME = "disposable_income", _("Disposable income per person")
        PIPED_WATER_HOUSEHOLDS = "piped_water_households", _("Households with piped water")
        SEWAGE_HOUSEHOLDS = "sewage_households", _("Households whose sewage is treated")
        TOILET_HOUSEHOLDS = "toilet_households", _("Households with a sanitary toilet")
        ROAD_ACCESS_HOUSEHOLDS = "road_access_households", _("Households with hardened road access")
        WASTE_GENERATED = "waste_generated_t", _("Household waste generated")
        WASTE_TREATED = "waste_treated_t", _("Household waste treated")
        SHELTER_AREA = "shelter_m2", _("Area of emergency shelters")
        TREE_COVER = "tree_cover_m2", _("Tree cover inside the construction boundary")
        COASTLINE = "coastline_m", _("Mainland coastline")
        NATURAL_COASTLINE = "natural_coastline_m", _("Natural mainland coastline")
        HERITAGE = "heritage_sites", _("Natural and cultural heritage sites")
        FLEX_QUOTA = "flex_quota_m2", _("Flexible construction quota")

    village = models.ForeignKey(Village, models.CASCADE, related_name="facts")
    code = models.CharField(max_length=40, choices=Code.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    value = models.FloatField(_("value"))
    unit = models.CharField(_("unit"), max_length=20)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["code", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["village", "code", "year"], name="fact_once_a_year"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="fact_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.value:g} {self.unit} ({self.year})"
