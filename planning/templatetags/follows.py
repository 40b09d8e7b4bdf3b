"""The button “Follow” of a village or a plan."""

from typing import Any

from django import template
from django.template.context import RequestContext

from planning import follows
from planning.models import Plan
from villages.models import Village

register = template.Library()


@register.inclusion_tag("planning/includes/follow.html", takes_context=True)
def follow_button(context: RequestContext, village: Village, plan: Plan | None = None) -> dict[str, Any]:
    """{% follow_button village %} or {% follow_button village plan %}"""
    request = context["request"]
    known = request.user.is_authenticated and follows.found(request.user, village=village, plan=plan)
    return {
        "request": request, "user": request.user, "csrf_token": context.get("csrf_token"),
        "village": village, "plan": plan, "followed": known or None,
    }  # fmt: skip
