"""Handing in a plan file, and the page that says what became of it."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import AsGeoJSON, Centroid
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import imports, issue_texts, profiles
from planning.models import MappingProfile, PlanVersion
from portal import jobs
from portal.errors import NotAllowed, PortalError
from portal.geo import crs
from portal.models import Job, Role, Upload, User
from portal.rules import STAFF, prefixes
from villages.models import Village

ROWS = 100  # issues on one page: the table, and the shapes the map draws
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
ENCODINGS = [("", _("As the file says")), ("UTF-8", "UTF-8"), ("GB18030", "GB18030 (GBK, GB2312)"), ("BIG5", "Big5")]


def own_villages(user: User) -> QuerySet[Village]:
    """Villages whose plan the user may hand in."""
    mine = Q(pk__in=[])
    for prefix in prefixes(user, (Role.COMMITTEE, Role.PLANNER)):
        mine |= Q(division__code__startswith=prefix)
    return Village.objects.filter(mine).select_related("division__parent")


def staff_uploads(user: User) -> QuerySet[Upload]:
    """Uploads for the divisions the user works for."""
    seen = Q(pk__in=[])
    for prefix in prefixes(user, STAFF):
        seen |= Q(division_code__startswith=prefix)
    return Upload.objects.filter(seen).select_related("job", "created_by")


def staff_upload(user: User, pk: str) -> Upload:
    """The one way to an upload; strangers get 404."""
    return get_object_or_404(staff_uploads(user), pk=pk)


class VillageField(forms.ModelChoiceField):
    def label_from_instance(self, village: Village) -> str:
        return f"{village.short_name} · {village.division.parent} · {village.code}"


class PlanFileForm(forms.Form):
    """What a person says when handing in a file; what is wrong inside the file is another matter."""

    village = VillageField(Village.objects.none(), label=_("Village"), empty_label=_("Choose a village"))
    file = forms.FileField(
        label=_("Plan file"),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".zip,.gpkg,.geojson,.json"}),
    )
    profile = forms.ModelChoiceField(
        MappingProfile.objects.all(), to_field_name="name", label=_("Mapping profile"), empty_label=None,
        help_text=_("Says which layer and fields of the file mean what. You can make one from the file later."),
    )  # fmt: skip
    crs = forms.CharField(
        label=_("Coordinate system"), required=False, max_length=60,
        help_text=_("Empty means: as the file says. Otherwise an EPSG number, for example EPSG:4548."),
        widget=forms.TextInput(attrs={"list": "crs-list", "autocomplete": "off"}),
    )  # fmt: skip
    encoding = forms.ChoiceField(
        label=_("Text encoding"), required=False, choices=ENCODINGS,
        help_text=_("Only if Chinese text of a Shapefile came out wrong."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What changed"), required=False, max_length=300,
        help_text=_("One sentence for those who review it, for example what was changed after a return."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, villages: QuerySet[Village], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages
        self.fields["profile"].initial = profiles.DEFAULT
        limit = settings.UPLOAD_MAX_BYTES // 1024**2
        self.fields["file"].help_text = gettext(
            "GeoPackage (.gpkg), zipped Shapefile (.zip) or GeoJSON (.geojson), at most %(limit)d MB."
        ) % {"limit": limit}
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    def clean_crs(self) -> str:
        text = self.cleaned_data["crs"]
        if text:
            try:
                crs.resolve(text)
            except crs.UnknownCRS as error:
                raise forms.ValidationError(issue_texts.text("C1", {"reason": error.reason, **error.params})) from error
        return text


@login_required
@require_http_methods(["GET", "POST"])
def upload_new(request: HttpRequest) -> HttpResponse:
    """The form of a plan file; a good one becomes an upload, and its page shows the rest."""
    villages = own_villages(request.user)
    if not villages.exists():
        raise NotAllowed(_("Only the planner or the committee of a village may hand in its plan."))
    if request.method == "POST":
        if request.POST.get("village") and not chosen(villages, request.POST["village"]):
            raise Http404
        form = PlanFileForm(request.POST, request.FILES, villages=villages)
        upload = form.is_valid() and handed_in(form, request.user)
        if upload:
            address = reverse("upload", args=[upload.pk])
            return JsonResponse({"url": address}, status=201) if wants_json(request) else redirect(address)
        if wants_json(request):
            return problems_json(form)
    else:
        code = request.GET.get("village", "")
        village = chosen(villages, code)
        if code and village is None:
            raise Http404
        only = villages.first() if villages.count() == 1 else None
        form = PlanFileForm(villages=villages, initial={"village": village or only})
    return render(
        request, "planning/upload_new.html",
        {"form": form, "crs_list": crs_list(), "max_bytes": settings.UPLOAD_MAX_BYTES, "details_open": details_open(form)},
        status=400 if form.errors else 200,
    )  # fmt: skip


def chosen(villages: QuerySet[Village], code: str) -> Village | None:
    return villages.filter(pk=code).first() if code.isascii() and code.isdigit() and len(code) == 12 else None


def handed_in(form: PlanFileForm, by: User) -> Upload | None:
    """Receive the file of a valid form; what the import refuses at the door becomes an error of the form."""
    said = form.cleaned_data
    options = {key: said[key] for key in ("crs", "encoding", "note") if said[key]}
    try:
        return imports.receive(
            said["file"],
            name=said["file"].name,
            village=said["village"],
            by=by,
            profile=said["profile"].name,
            options=options,
        )
    except PortalError as error:
        form.add_error("profile" if error.code == "profile" else "file", str(error.message))
        return None


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def problems_json(form: PlanFileForm) -> JsonResponse:
    """The form's errors in the shape of every error answer."""
    fields = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    message = " ".join(text for texts in fields.values() for text in texts)
    return JsonResponse({"error": {"code": "invalid", "message": message, "data": {"fields": fields}}}, status=400)


def details_open(form: PlanFileForm) -> bool:
    """True if something was chosen among the rarely needed fields, or is wrong there."""
    return any(form[name].value() or form[name].errors for name in ("crs", "encoding"))


def crs_list() -> list[tuple[str, str]]:
    """The coordinate systems plans come in: CGCS2000 in degrees, and its 3-degree zones with and without zone number."""
    zones = []
    for meridian in range(75, 136, 3):
        step = (meridian - 75) // 3
        zones.append(
            (
                f"EPSG:{4534 + step}",
                gettext("3-degree zone, central meridian %(cm)d°E, without zone number") % {"cm": meridian},
            )
        )
        zones.append(
            (
                f"EPSG:{4513 + step}",
                gettext("3-degree zone %(zone)d, central meridian %(cm)d°E, with zone number")
                % {"cm": meridian, "zone": 25 + step},
            )
        )
    return [("EPSG:4490", gettext("CGCS2000, longitude and latitude")), *zones]


@login_required
@require_GET
def upload(request: HttpRequest, pk: str) -> HttpResponse:
    """How far the check is, then the verdict: accepted with a link to the version, or refused with what is wrong."""
    row = staff_upload(request.user, pk)
    village = get_object_or_404(Village.objects.select_related("division__parent"), pk=row.division_code)
    may_hand_in = request.user.has_perm("planning.upload_plan", village)
    version = PlanVersion.objects.with_plan().filter(pk=row.result.get("version") or "").first()
    verdict = verdict_of(row)
    job = row.job if verdict == "waiting" else judging(version)
    issues = issues_context(request, row) if verdict in ("accepted", "refused") else {}
    context = {
        "upload": row, "village": village, "version": version, "verdict": verdict, "job": job,
        "watch": job is not None and job.created_by_id == request.user.pk, "reload": job is not None,
        "may_hand_in": may_hand_in, "may_map": may_hand_in and verdict == "refused" and bool(row.result.get("preview")),
        "profile": MappingProfile.objects.filter(name=row.options.get("profile", "")).first(),
        **issues,
    }  # fmt: skip
    if issues.get("shapes"):
        context |= map_context(village, issues["shapes"])
    return render(request, "planning/upload.html", context)


def verdict_of(row: Upload) -> str:
    """`waiting`, `accepted`, `refused` or `failed`; a job that ended without a verdict counts as failed."""
    if row.state == Upload.State.WAITING and (row.job is None or row.job.is_final):
        return str(Upload.State.FAILED)
    return row.state


def judging(version: PlanVersion | None) -> Job | None:
    """The computation of indicators and conflicts that follows an accepted file, while it is under way."""
    if version is None or version.checked_at:
        return None
    newest = (
        Job.objects.filter(kind="indicators.judge_version", args__version=version.pk).order_by("-created_at").first()
    )
    return newest if newest and not newest.is_final else None


def issues_context(request: HttpRequest, row: Upload) -> dict[str, Any]:
    """Issues of an upload, counted by rule, filtered by the address, a page at a time."""
    counts = list(row.issues.values("code", "level").annotate(count=Count("pk")).order_by("level", "code"))
    rules = [{**c, "name": issue_texts.rule(c["code"]), "query": f"{c['level']}-{c['code']}"} for c in counts]
    wanted = request.GET.get("rule", "")
    found = row.issues.order_by("level", "pk")
    if rule := next((r for r in rules if r["query"] == wanted), None):
        found = found.filter(code=rule["code"], level=rule["level"])
    page = Paginator(found.annotate(shape=AsGeoJSON("geom", precision=8)), ROWS).get_page(request.GET.get("page"))
    for number, issue in enumerate(page.object_list, page.start_index()):
        issue.number = number
        issue.text = issue_texts.text(issue.code, issue.params)
        issue.rule_name = issue_texts.rule(issue.code)
    return {
        "mapping_helps": any(rule["code"].startswith("S") for rule in rules),
        "rules": rules, "rule": rule, "page": page, "all_total": sum(c["count"] for c in counts),
        "errors_total": sum(c["count"] for c in counts if c["level"] == "error"),
        "warnings_total": sum(c["count"] for c in counts if c["level"] == "warning"),
        "shapes": [feature(issue.number, issue.shape, level=issue.level) for issue in page.object_list if issue.shape],
    }  # fmt: skip


def feature(number: int, shape: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": number,
        "geometry": json.loads(shape),
        "properties": {"number": number, **properties},
    }


def map_context(village: Village, shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """What the map of an upload shows: present land use below, the places of the issues above, lon/lat."""
    return {
        "map_options": {
            "bounds": list(village.geom.extent),
            "tiles": {"base": reverse("api-village-tiles", kwargs={"code": village.code})},
            "mode": "now",
            "source": village.source,
            "ready": gettext("The map is ready. Choose a row, or click a place on the map."),
        },
        "map_data": {"type": "FeatureCollection", "features": shapes},
    }


@login_required
@require_POST
def upload_cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask the check of one's own upload to stop; for browsers without scripts."""
    row = staff_upload(request.user, pk)
    if row.job is None or row.job.created_by_id != request.user.pk:
        raise NotAllowed(_("Only whoever handed in the file may stop its check."))
    jobs.cancel(row.job)
    return redirect("upload", pk=row.pk)


@login_required
@require_GET
def upload_issues(request: HttpRequest, pk: str) -> HttpResponse:
    """All issues of an upload as CSV that a spreadsheet opens without running anything."""
    row = staff_upload(request.user, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="issues-{row.pk}.csv"'
    response.write("\ufeff")  # spreadsheets take UTF-8 for the local encoding without it
    csv.writer(response).writerows([guarded(cell) for cell in line] for line in issue_lines(row))
    return response


def issue_lines(row: Upload) -> Iterator[list[Any]]:
    yield [
        gettext("Rule"), gettext("Name of the rule"), gettext("Level"), gettext("Layer"), gettext("Row"),
        gettext("What is wrong"), gettext("Longitude"), gettext("Latitude"),
    ]  # fmt: skip
    for issue in row.issues.annotate(middle=Centroid("geom")).order_by("level", "pk").iterator():
        place = [round(issue.middle.x, 7), round(issue.middle.y, 7)] if issue.middle else ["", ""]
        text = issue_texts.text(issue.code, issue.params)
        yield [
            issue.code,
            issue_texts.rule(issue.code),
            issue.get_level_display(),
            issue.layer,
            issue.row or "",
            text,
            *place,
        ]


def guarded(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
