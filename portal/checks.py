"""Start-up checks: what must hold before the portal may serve people."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connection

DEMO_PASSWORD = "demo-2035"  # noqa: S105  known to everyone: printed by ./run demo


@register(Tags.database)
def no_default_accounts(app_configs: Any, databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """Outside the demo its accounts must not be there, whatever their password."""
    if settings.DEMO or not databases:
        return []
    from portal.models import User

    if User._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration
    found = User.objects.filter(is_active=True, username__startswith="demo_").order_by("username")
    names = list(found.values_list("username", flat=True))
    if names:
        return [
            Error(
                f"Demo accounts are active: {', '.join(names)}.",
                hint="Close them (is_active) or give this server a database of its own.",
                id="portal.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def addresses_are_believed(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """Behind a gateway without TRUSTED_PROXIES all visitors share one address, and one guesser locks out all."""
    if settings.HTTPS and not settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return [
            Warning(
                "SITE_URL is https, so a proxy stands in front, but TRUSTED_PROXIES is 0.",
                hint="Set TRUSTED_PROXIES to the number of proxies of yours that write X-Forwarded-For.",
                id="portal.W001",
            )
        ]
    return []
