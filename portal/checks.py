"""Start-up checks: what must hold before the portal may serve people."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register

DEMO_PASSWORD = "demo-2035"  # noqa: S105  known to everyone: printed by ./run demo


@register(Tags.database)
def no_default_accounts(app_configs: Any, databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """Outside the demo nobody may sign in with the demo's password."""
    if settings.DEMO or not databases:
        return []
    from portal.models import User

    found = [
        u.username
        for u in User.objects.filter(is_active=True, username__startswith="demo_")
        if u.check_password(DEMO_PASSWORD)
    ]
    if found:
        return [
            Error(
                f"Demo accounts are active: {', '.join(found)}.",
                hint="Delete them or change their passwords.",
                id="portal.E001",
            )
        ]
    return []
