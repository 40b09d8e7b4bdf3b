"""Administrative divisions (行政区划) of five levels; the 12-digit code is the path."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Division(models.Model):
    """Province, city, county, township or village. Names repeat, even inside one county: join on the code only."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, _("Province")
        CITY = 2, _("City")
        COUNTY = 3, _("County")
        TOWNSHIP = 4, _("Township")
        VILLAGE = 5, _("Village")

    PREFIX_LENGTHS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}

    code = models.CharField(_("code"), primary_key=True, max_length=12)
    name = models.CharField(_("name"), max_length=100)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(code__regex=r"^\d{12}$"), name="division_12_digits")]
        # =, "begins with" and "holds" of three characters or more; names of 600,000 villages are looked through by it
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="division_name_trigrams")]

    def __str__(self) -> str:
        return self.name

    @property
    def division_code(self) -> str:
        return self.code

    def ancestor_codes(self) -> list[str]:
        """Codes from the province down to the parent."""
        lengths = [n for level, n in self.PREFIX_LENGTHS.items() if level < self.level]
        return [self.code[:n].ljust(12, "0") for n in lengths]
