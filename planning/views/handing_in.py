"""Handing in a plan file: the form, which works without scripts, and what the page around it needs."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from planning import imports, issue_texts, overtaken, profiles, recognition
from planning.models import MappingProfile
from planning.views.uploads import own_villages, staff_upload
from portal.bodies import takes_files
from portal.errors import NotAllowed, PortalError
from portal.geo import crs, readers
from portal.models import Upload, User
from portal.pages import add_portal_error
from portal.resumable import LIFETIME
from villages.models import Village

ENCODINGS = [("", _("As the file says")), ("UTF-8", "UTF-8"), ("GB18030", "GB18030 (GBK, GB2312)"), ("BIG5", "Big5")]
PIECE_BYTES = 2 * 1024**2  # what a broken line costs at most; at 50 kB/s a piece takes 40 seconds


class VillageField(forms.ModelChoiceField):
    def label_from_instance(self, village: Village) -> str:
        return f"{village.short_name} · {village.division.parent} · {village.code}"


class PlanFileForm(forms.Form):
    """What a person says when handing in a file; what is wrong inside the file is another matter."""

    village = VillageField(Village.objects.none(), label=_("Village"), empty_label=_("Choose a village"))
    file = forms.FileField(
        label=_("Plan file"),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in readers.EXTENSIONS)}),
    )
    profile = forms.ModelChoiceField(
        MappingProfile.objects.newest(), to_field_name="name", label=_("Mapping profile"), empty_label=None,
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

    check_only = forms.BooleanField(
        label=_("Only check, do not hand in"), required=False,
        help_text=_("The file is judged in full and you get the report; no version is stored. You can hand it in later."),
    )  # fmt: skip
    again = forms.BooleanField(label=_("Hand it in all the same"), required=False)
    # newest version of each village when the form was opened, such as "370983101204:2": who works on, works on that
    based_on = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    known: recognition.Known | None = None  # the file was handed in before: the page then offers `again`

    def __init__(self, *args: Any, villages: QuerySet[Village], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages
        self.fields["profile"].initial = profiles.DEFAULT
        self.fields["based_on"].initial = (
            " ".join(f"{c}:{n}" for c, n in overtaken.seen_numbers(villages).items()) or ":0"
        )
        limit = settings.UPLOAD_MAX_BYTES // 1024**2
        self.fields["file"].help_text = gettext(
            "GeoPackage, Shapefile or File Geodatabase (zipped), GeoJSON, GML, KML or DXF, at most %(limit)d MB."
        ) % {"limit": limit}

    def clean_crs(self) -> str:
        text = self.cleaned_data["crs"]
        if text:
            try:
                crs.resolve(text)
            except crs.UnknownCRS as error:
                raise forms.ValidationError(issue_texts.text("C1", {"reason": error.reason, **error.params})) from error
        return text


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def upload_new(request: HttpRequest) -> HttpResponse:
    """The form of a plan file; a good one becomes an upload, and its page shows the rest.

    With scripts the file goes in pieces to the API instead (planning/api/resumable.py), and this form is only filled in.
    """
    villages = own_villages(request.user)
    if not villages.exists():
        raise NotAllowed(_("Only the planner or the committee of a village may hand in its plan."))
    if request.method == "POST":
        if request.POST.get("village") and not chosen(villages, request.POST["village"]):
            raise Http404
        form = PlanFileForm(request.POST, request.FILES, villages=villages)
        upload = form.is_valid() and handed_in(form, request.user)
        if upload:
            return redirect("upload", pk=upload.pk)
    else:
        code = request.GET.get("village", "")
        village = chosen(villages, code)
        if code and village is None:
            raise Http404
        only = villages.first() if villages.count() == 1 else None
        form = PlanFileForm(villages=villages, initial={"village": village or only})
    return render(
        request, "planning/upload_new.html",
        {"form": form, "crs_list": crs_list(), "max_bytes": settings.UPLOAD_MAX_BYTES, "piece_bytes": PIECE_BYTES,
         "forget_seconds": int(LIFETIME.total_seconds()), "details_open": details_open(form)},
        status=400 if form.errors else 200,
    )  # fmt: skip


def chosen(villages: QuerySet[Village], code: str) -> Village | None:
    return villages.filter(pk=code).first() if code.isascii() and code.isdigit() and len(code) == 12 else None


def handed_in(form: PlanFileForm, by: User) -> Upload | None:
    """Receive the file of a valid form; what the import refuses at the door becomes an error of the form."""
    said = form.cleaned_data
    options = {key: said[key] for key in ("crs", "encoding", "note", "check_only") if said[key]}
    if said["based_on"]:
        options["based_on"] = seen_number(said["based_on"], said["village"].code)
    try:
        return imports.receive(
            said["file"],
            name=said["file"].name,
            village=said["village"],
            by=by,
            profile=said["profile"].name,
            options=options,
            again=said["again"],
        )
    except recognition.Known as known:
        form.known = known
        form.add_error("file", known.message)
    except PortalError as error:
        add_portal_error(form, error, other="file")
    return None


def seen_number(text: str, code: str) -> int:
    """The number a form remembered for a village; a village it does not name had no version."""
    pairs = (part.partition(":") for part in text.split())
    return next(
        (int(number) for known, _colon, number in pairs if known == code and number.isdecimal() and len(number) < 10), 0
    )


@login_required
@require_POST
def upload_discard(request: HttpRequest, pk: str) -> HttpResponse:
    """Do not store a file that was overtaken by another version."""
    row = staff_upload(request.user, pk)
    imports.discard(row, by=request.user)
    return redirect("upload", pk=row.pk)


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
