"""Results of computing a version: kept with everything needed to defend them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id


class Run(models.Model):
    """One computation of a version (指标计算): `digest` names the inputs, so nothing unchanged is computed twice."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.CASCADE, related_name="runs")
    digest = models.CharField(max_length=64)
    village_area_m2 = models.FloatField()
    sources = models.JSONField(default=dict)
    # what became of cropland and construction land (占补平衡, 进出平衡, 建设用地指标), indicators.compute.ledgers
    ledgers = models.JSONField(default=dict, db_default={})
    notes = models.JSONField(default=list)
    seconds = models.FloatField()
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-computed_at"]
        get_latest_by = "computed_at"
        constraints = [models.UniqueConstraint(fields=["version", "digest"], name="run_once_for_inputs")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.computed_at:%Y-%m-%d %H:%M}"


class IndicatorValue(models.Model):
    """The value of one indicator (指标值) in a run, with numerator, denominator, unit and sources."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="values")
    code = models.CharField(max_length=10)
    value = models.FloatField(null=True)
    base_value = models.FloatField(null=True)
    unit = models.CharField(max_length=20)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    base_numerator = models.FloatField(null=True)
    base_denominator = models.FloatField(null=True)
    # parts of a value made of several, such as each facility of the living circle: a list of objects
    parts = models.JSONField(default=list, db_default=[])
    # what the profile said when it was computed: binding, limits, source, sample (indicators.profiles)
    rule = models.JSONField(default=dict, db_default={})
    sources = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["run_id", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="indicator_value_once")]

    def __str__(self) -> str:
        return f"{self.code} = {self.value} {self.unit}"


class StructureRow(models.Model):
    """A class of the structure table (国土空间用途结构调整表): area in the base year and in the plan, m²."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="structure")
    code = models.CharField(max_length=6)
    base_m2 = models.FloatField()
    plan_m2 = models.FloatField()

    class Meta:
        ordering = ["run_id", "code"]
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="structure_row_once")]

    def __str__(self) -> str:
        return f"{self.code}: {self.base_m2} → {self.plan_m2}"


class ChangeRow(models.Model):
    """A cell of the change matrix (用地转移矩阵): area that was one class in the base year and is planned as another, m²."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="changes")
    base_code = models.CharField(max_length=6)
    plan_code = models.CharField(max_length=6)
    area_m2 = models.FloatField()

    class Meta:
        ordering = ["run_id", "base_code", "plan_code"]
        constraints = [models.UniqueConstraint(fields=["run", "base_code", "plan_code"], name="change_row_once")]

    def __str__(self) -> str:
        return f"{self.base_code} → {self.plan_code}: {self.area_m2}"


class StoredResult(models.Model):
    """The result of one measure or check, under the digest of the very inputs it looks at, so that nothing unchanged is
    computed twice: not in another version, not after a change of something else."""

    key = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=20)
    payload = models.JSONField()
    seconds = models.FloatField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["made_at"]
        indexes = [models.Index(fields=["made_at"], name="stored_result_age")]

    def __str__(self) -> str:
        return f"{self.name} {self.key[:12]}"


class LayerDigest(models.Model):
    """Digest of the content of one layer of a village's base data, as of a revision of the village."""

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="layer_digests")
    layer = models.CharField(max_length=20)
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["village", "layer"], name="layer_digest_once")]

    def __str__(self) -> str:
        return f"{self.village_id} {self.layer} {self.digest[:12]}"


class Target(models.Model):
    """What was issued to a village for an indicator (下达指标), with its document and date."""

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="targets")
    code = models.CharField(max_length=10)
    value = models.FloatField(_("target"))
    binding = models.BooleanField(_("binding"), default=True)
    source = models.CharField(_("source"), max_length=200)
    issued_on = models.DateField(_("issued on"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["village", "code"], name="target_once")]

    def __str__(self) -> str:
        return f"{self.village_id} {self.code} {self.value}"
