"""Targets of the demo's two villages, derived from what is drawn and marked as samples; and what one comment would change."""

import datetime

from django.db.models import Sum

from indicators import whatifs
from indicators.models import Target
from planning.demo import LIUGOU, WUBU
from planning.models import Comment, State
from villages.models import Village

SOURCE = "示例参数（演示），非下达文件"
CAR_PARK = "120803"


def hectares(rows: object, **conditions: object) -> float:
    return (rows.filter(**conditions).aggregate(total=Sum("area_m2"))["total"] or 0.0) / 10_000


def make_targets() -> None:
    """Sample targets: cropland not below the base year, lines as issued, construction at most 3 % above the base year."""
    for village in Village.objects.filter(pk__in=[LIUGOU, WUBU]):
        parcels, lines = village.parcels, village.control_lines
        construction = sum(hectares(parcels, code__startswith=f"{n:02}") for n in range(7, 17))
        values = {
            "1": (round(hectares(parcels, code__startswith="01"), 2), True),
            "2": (round(hectares(lines, kind="YJJBNT"), 2), True),
            "3": (round(hectares(lines, kind="STBHHX"), 2), True),
            "4": (round(construction * 1.03, 2), True),
            "11": (264.0, False),
        }
        for code, (value, binding) in values.items():
            Target.objects.get_or_create(
                village=village, code=code,
                defaults={"value": value, "binding": binding, "source": SOURCE, "issued_on": datetime.date(2024, 1, 1)},
            )  # fmt: skip


def make_what_if() -> None:
    """What would change if a field became a car park, as one villager of the demo would like."""
    comment = Comment.objects.filter(
        version__plan__village=LIUGOU, version__state=State.NOTICE, zone__code__startswith="01"
    ).first()
    if comment and not comment.what_ifs.exists():
        whatifs.answer(whatifs.ask(comment, code=CAR_PARK, by=comment.author))
