"""The kernel's own tasks, run by the scheduler."""

from pathlib import Path
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from portal import chain, jobs, mail, mail_addresses, resumable, retention, sessions
from portal.geo import sandbox
from portal.models import Consent

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(name="portal.sweep_jobs")
def sweep_jobs() -> None:
    """Jobs that were lost, folders of readings whose parent was killed, and uploads nobody went on with."""
    jobs.sweep()
    sandbox.remove_leftovers()
    resumable.sweep()


@worker_ready.connect
def first_heartbeat(**kwargs: Any) -> None:
    """Whoever waits for /readyz need not wait for the scheduler's first round."""
    heartbeat.delay()


@shared_task(name="portal.heartbeat")
def heartbeat() -> None:
    """Proof for /readyz that scheduler, broker and worker all work."""
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), timeout=120)


@shared_task(name="portal.anchor_audit")
def anchor_audit() -> None:
    """Write down where the record of acts ends today."""
    chain.anchor(Path(settings.AUDIT_ANCHOR))


@shared_task(name="portal.apply_retention")
def apply_retention() -> None:
    """Take out personal data whose time is over."""
    retention.apply_retention()


@shared_task(name="portal.forget_ended")
def forget_ended() -> None:
    """Sessions, tokens and links that nobody can use any more, addresses that nobody confirmed."""
    sessions.forget_ended()
    mail_addresses.forget_unconfirmed()


@shared_task(name="portal.send_mail")
def send_mail() -> None:
    """What people were told and want by e-mail too."""
    mail.send_due(timezone.now())


@jobs.job_task("portal.send_confirmation")
def send_confirmation(job: jobs.Run, consent: int) -> None:
    """The link that confirms an address; whoever waits in vain asks for it again."""
    mail.confirmation(Consent.objects.get(pk=consent))
