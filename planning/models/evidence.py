"""What proves that a step was made as the law asks: commission, rounds of the villagers, assemblies, documents, decisions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id


class Commission(models.Model):
    """The task (任务下达) by which a plan is to be made: by whom, under which number, until when."""

    plan = models.OneToOneField("planning.Plan", models.PROTECT, related_name="commission")
    number = models.CharField(_("document number"), max_length=100)
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("to be handed in by"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.number


class VillagerRound(models.Model):
    """The villagers' first round (村民意见): a meeting, a questionnaire or visits, with what was said."""

    class Form(models.TextChoices):
        MEETING = "meeting", _("Meeting")
        QUESTIONNAIRE = "questionnaire", _("Questionnaire")
        VISITS = "visits", _("Visits to households")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="rounds")
    form = models.CharField(_("form"), max_length=20, choices=Form.choices)
    held_on = models.DateField(_("held on"))
    people = models.PositiveIntegerField(_("people who took part"))
    summary = models.TextField(_("what was said"), max_length=5000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.held_on}"


class Assembly(models.Model):
    """The vote of the village (村民会议 / 村民代表会议) on a version. The newest record of a version counts."""

    class Form(models.TextChoices):
        VILLAGERS = "villagers", _("Villagers’ meeting (villagers of 18 and older)")
        HOUSEHOLDS = "households", _("Villagers’ meeting (representatives of households)")
        REPRESENTATIVES = "representatives", _("Meeting of villagers’ representatives")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="assemblies")
    form = models.CharField(_("form"), max_length=20, choices=Form.choices)
    held_on = models.DateField(_("held on"))
    place = models.CharField(_("place"), max_length=100)
    entitled = models.PositiveIntegerField(_("entitled to take part"))
    present = models.PositiveIntegerField(_("present"))
    in_favour = models.PositiveIntegerField(_("in favour"))
    against = models.PositiveIntegerField(_("against"))
    abstained = models.PositiveIntegerField(_("abstained"))
    summary = models.TextField(_("resolution"), max_length=5000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=Q(present__lte=F("entitled"), entitled__gte=1), name="assembly_present"),
            models.CheckConstraint(
                condition=Q(present__gte=F("in_favour") + F("against") + F("abstained")), name="assembly_votes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.held_on}"


class Document(models.Model):
    """A file that proves something (佐证材料): minutes, photographs, an opinion on paper. Never changed."""

    class Kind(models.TextChoices):
        MINUTES = "minutes", _("Minutes")
        ATTENDANCE = "attendance", _("Attendance sheet")
        VOTES = "votes", _("Vote sheet")
        PHOTO = "photo", _("Photograph")
        QUESTIONNAIRE = "questionnaire", _("Questionnaires")
        OPINION = "opinion", _("Written opinion")
        NOTICE = "notice", _("Proof of the notice on site")
        DECISION = "decision", _("Decision letter")
        OTHER = "other", _("Other document")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="documents")
    round = models.ForeignKey(VillagerRound, models.PROTECT, null=True, related_name="documents")
    assembly = models.ForeignKey(Assembly, models.PROTECT, null=True, related_name="documents")
    opinion = models.ForeignKey("planning.Opinion", models.PROTECT, null=True, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    file = models.FileField(upload_to="evidence/")
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.name


class Decision(models.Model):
    """The decision letter (批复) of an approval: number, date and words, made from a template and frozen with the step."""

    version = models.OneToOneField("planning.PlanVersion", models.PROTECT, related_name="decision")
    number = models.CharField(_("document number"), max_length=100, unique=True)
    decided_on = models.DateField(_("decided on"))
    template = models.CharField(_("template and edition"), max_length=60)
    body = models.TextField(_("text"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)
    issued_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.number


class ReturnItem(models.Model):
    """One point of a return (退回清单): a zone, a rule or a page, what is wrong, and perhaps how it should run."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="return_items")
    number = models.PositiveSmallIntegerField(_("item"))
    zone = models.ForeignKey("planning.Zone", models.PROTECT, null=True, related_name="return_items")
    rule = models.CharField(_("rule"), max_length=10, blank=True)
    page = models.CharField(_("page or clause"), max_length=100, blank=True)
    text = models.TextField(_("what is to be changed"), max_length=2000)
    suggestion = models.JSONField(_("suggested outline (GeoJSON)"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="return_item_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.number}"


class ItemAnswer(models.Model):
    """How the next version deals with one point of a return: accepted or refused with a reason; then what the county says."""

    item = models.OneToOneField(ReturnItem, models.PROTECT, related_name="answer")
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="item_answers")
    accepted = models.BooleanField(_("accepted"))
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # the county's verdict on the answer, zone by zone
    settled = models.BooleanField(_("settled"), null=True)
    settled_note = models.CharField(max_length=500, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(accepted=True) | ~Q(reason=""), name="item_refused_with_reason")
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {'accepted' if self.accepted else 'refused'}"
