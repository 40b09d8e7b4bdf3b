"""Personal data (个人信息) that is not needed to work with the portal, what a person agreed to, and how long it is kept."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.sealing import SealedField


class Person(models.Model):
    """The real identity behind an account (后台实名): sealed, shown masked, each look at it on the record."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="person")
    phone = SealedField(_("telephone"), blank=True, default="")
    id_number = SealedField(_("identity number"), blank=True, default="")
    # confirmed by a link sent to it; news go only there, and only with the consent EMAIL
    email = SealedField(_("e-mail address"), blank=True, default="", max_length=200)
    email_confirmed_at = models.DateTimeField(_("address confirmed"), null=True)
    # one person, one account; a keyed digest, so that the number itself is not in the index
    id_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)
    address = SealedField(_("address"), blank=True, default="")
    verified_at = models.DateTimeField(_("identity verified"), null=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(_("erased"), null=True)

    def __str__(self) -> str:
        return f"person of account {self.user_id}"


class Consent(models.Model):
    """What a person agreed to (同意): purpose and edition of the words, when given, when taken back. Never deleted."""

    class Purpose(models.TextChoices):
        IDENTITY = "identity", _("keep my name, telephone and identity number to verify who comments")
        PLACE = "place", _("keep the place I mark on the map")
        EMAIL = "email", _("send me news by e-mail")
        CONTACT = "contact", _("tell me by telephone when I am answered")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    edition = models.CharField(_("edition of the words"), max_length=20)
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    guardian = SealedField(_("guardian who agreed"), blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=models.Q(withdrawn_at=None), name="consent_once_a_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose} {self.edition}"


class RetentionRule(models.Model):
    """How long a kind of personal data is kept (保存期限): data with source and date, because provinces differ."""

    kind = models.CharField(_("kind of data"), max_length=40)
    days = models.PositiveIntegerField(_("days kept"), validators=[MinValueValidator(1)])
    counted_from = models.CharField(_("counted from"), max_length=200)
    source = models.CharField(_("source"), max_length=200)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "valid_from"], name="retention_rule_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.days}"
