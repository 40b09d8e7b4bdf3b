"""What a person proves themselves with, beside the password: second factor, access token, one-time link. No secret lies in clear."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.sealing import SealedField


class SecondFactor(models.Model):
    """The app on a person's telephone that shows codes (两步验证), and the recovery codes beside it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="second_factor"
    )
    key = SealedField(_("key"))
    last_step = models.BigIntegerField(default=0)  # the half minute of the newest code used: no code counts twice
    recovery_codes = ArrayField(models.CharField(max_length=64), default=list)  # digests of those not used yet
    failures = models.PositiveSmallIntegerField(default=0)  # since the last right code
    failed_at = models.DateTimeField(null=True)
    set_at = models.DateTimeField(_("set up"), auto_now_add=True)

    def __str__(self) -> str:
        return f"second factor of account {self.user_id}"


class AccessToken(models.Model):
    """A token for programs (访问令牌). It holds as long as nothing changed about its person; only its digest is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    digest = models.CharField(max_length=64, unique=True)
    holds_for = models.CharField(max_length=64)  # User.get_session_auth_hash() when it was given out
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"token of account {self.user_id}"


class OneTimeLinkQuerySet(models.QuerySet):
    def usable(self) -> "OneTimeLinkQuerySet":
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class OneTimeLink(models.Model):
    """A link by which a person sets a new password, once (一次性链接), made by an administrator; only its digest is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="one_time_links")
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = OneTimeLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"one-time link of account {self.user_id}"
