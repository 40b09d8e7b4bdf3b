"""What a village is judged by today: the counting rules, and which indicators and checks apply, with what profiles say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from indicators import profiles, works
from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.compute import ENGINE
from indicators.compute.standard import Standard
from indicators.digests import digest_of
from indicators.kept import Work
from indicators.models import JudgementProfile
from planning.models import LandUseClass
from villages.models import Village


@dataclass(frozen=True)
class Ruling:
    """`indicators` and `checks` hold the rule of each that applies, by code; `digest` is of all that profiles say."""

    standard: Standard
    indicators: Mapping[str, dict[str, Any]]
    checks: Mapping[str, dict[str, Any]]
    classes: Mapping[str, tuple[str, str]]  # three-way class and space by function of each land-use class
    profiles: tuple[str, ...]
    digest: str

    @cached_property
    def works(self) -> list[Work]:
        """What is to be computed."""
        return works.works(self.indicators, self.checks, self.classes)

    @cached_property
    def names(self) -> dict[str, Any]:
        """The part of a run's sources that is the same for all villages judged alike."""
        return {
            "engine": ENGINE,
            "standard": self.standard.digest,
            "profile": self.digest,
            "profiles": list(self.profiles),
            "computed": [work.name for work in self.works],
            "classes": digest_of(self.classes),
        }

    @cached_property
    def looked_at(self) -> list[str]:
        """Every input that any work looks at."""
        return sorted({name for work in self.works for name in work.inputs})


def ruling(village: Village) -> Ruling:
    """What holds for a village today."""
    return of_merged(profiles.merged(village))


def of_merged(found: profiles.Merged) -> Ruling:
    classes = LandUseClass.objects.filter(code_version="2023")
    indicators = {code: profiles.rule_of(found, code) for code in INDICATORS}
    checks = {code: profiles.check_rule_of(found, code) for code in CHECKS}
    return Ruling(
        profiles.standard_with(found.content),
        {code: rule for code, rule in indicators.items() if rule["applies"]},
        {code: rule for code, rule in checks.items() if rule["applies"]},
        {row[0]: row[1:] for row in classes.order_by("code").values_list("code", "big_class", "sansheng")},
        found.profiles,
        found.digest,
    )


def rulings(villages: Iterable[Village]) -> dict[str, Ruling]:
    """The same for many villages, made once for those that all profiles treat alike."""
    divisions = sorted(set(JudgementProfile.objects.values_list("division_code", flat=True)))
    found: dict[str, Ruling] = {}
    alike: dict[tuple[Any, ...], Ruling] = {}
    for village in villages:
        same = (village.type, village.terrain, *(code for code in divisions if village.code.startswith(code)))
        if same not in alike:
            alike[same] = ruling(village)
        found[village.code] = alike[same]
    return found
