"""Steps by name for people, in the language of whoever reads: what the procedures call them."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from planning import procedures
from planning.models import WorkflowRule


@lru_cache(maxsize=1)
def shipped_labels() -> dict[str, dict[str, str]]:
    """Labels of the national procedure; where a name has several rows, the first one's."""
    found: dict[str, dict[str, str]] = {}
    for row in procedures.shipped()["transitions"]:
        found.setdefault(row["name"], row["label"])
    return found


def step_label(name: str) -> str:
    """What a step is called; a name that only one province knows is looked up in its procedure."""
    if name == "hand_in":
        return _("Handed in")
    labels = shipped_labels().get(name) or own_labels(name)
    return labels["en" if get_language() == "en" else "zh-hans"] if labels else name


def own_labels(name: str) -> dict[str, str] | None:
    for rule in WorkflowRule.objects.exclude(procedure={}):
        for row in rule.procedure["transitions"]:
            if row["name"] == name:
                return row["label"]
    return None
