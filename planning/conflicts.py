"""The words for findings: what each check is called, the law behind it, and a finding in one sentence."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning.models import Finding


@dataclass(frozen=True)
class Check:
    """Name of a conflict check (冲突检测) and the law it rests on."""

    name: Promise
    law: str


CHECKS = {
    "K1": Check(gettext_lazy("Construction on permanent basic farmland"), "土地管理法第三十三条至第三十五条"),
    "K3": Check(gettext_lazy("Construction inside the ecological red line"), "自然资发〔2022〕142号"),
    "K4": Check(
        gettext_lazy("New construction outside the construction boundary"), "土地管理法第四条；自然资办发〔2019〕35号"
    ),
}
"""Said here because residents and reviewers read of findings in planning; indicators.checks makes them (a test compares)."""


def name(code: str) -> str:
    return str(CHECKS[code].name) if code in CHECKS else code


def law(code: str) -> str:
    return CHECKS[code].law if code in CHECKS else ""


def area(square_metres: float) -> str:
    """An area as people say it: hectares, or square metres below a hundredth of a hectare."""
    if square_metres < 100:
        return _("%(area)s m²") % {"area": f"{square_metres:.0f}"}
    return _("%(area)s ha") % {"area": f"{square_metres / 10000:.2f}"}


def sentence(code: str, category: str, square_metres: float) -> str:
    """A finding in plain words."""
    values = {"name": name(code), "area": area(square_metres)}
    if category == Finding.Category.REAL:
        return _("Conflict: %(name)s, %(area)s.") % values
    if category == Finding.Category.LEGACY:
        return _("Existed before the plan: %(name)s, %(area)s.") % values
    if category == Finding.Category.EXCEPTION:
        return _("Allowed as an authorised exception: %(name)s, %(area)s.") % values
    return _("Small misfit of the lines, not a real conflict: %(name)s, %(area)s.") % values
