"""Pages of entering comments for others, made for the meeting: one after the other, kind and day stay for the next."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from planning import maps, moderation, on_behalf, on_behalf_tables, participation
from planning.models import Channel, Comment, PlanVersion
from planning.photos import waiting_of
from planning.views.comments import CommentForm
from planning.views.moves import staff_version, staff_versions
from planning.views.photos import photos_of
from portal.bodies import takes_files
from portal.errors import PortalError
from portal.ids import new_id
from portal.pages import add_portal_error

STAY = ("channel", "said_on")
"""what stays for the next entry"""


class EnterForm(CommentForm):
    """What was said, by whom as far as told, and how it came."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How it came"), choices=on_behalf.ENTERED_CHOICES, widget=forms.RadioSelect,
        initial=Channel.MEETING.value,
    )  # fmt: skip
    said_on = forms.DateField(
        label=gettext_lazy("When it was said or written"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    speaker = forms.CharField(
        label=gettext_lazy("Who said it (if they want it)"), max_length=50, required=False,
        help_text=gettext_lazy("Kept encrypted; in public only the family name is shown."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, version: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, version=version, **kwargs)
        del self.fields["shape"]
        self.fields["text"].label = _("What was said")
        self.fields["text"].help_text = _("In the words of who said it; no telephone or ID numbers.")
        notice = version.notice
        last = min(participation.heard_until(version), timezone.localdate())
        self.fields["said_on"].widget.attrs |= {"min": f"{notice.opens_on:%Y-%m-%d}", "max": f"{last:%Y-%m-%d}"}


class MeetingTableForm(forms.Form):
    """A table of one meeting, with how and when it was said."""

    channel = EnterForm.base_fields["channel"]
    said_on = EnterForm.base_fields["said_on"]
    file = forms.FileField(
        label=gettext_lazy("File with the comments"), max_length=255,
        help_text=gettext_lazy("Excel (.xlsx) or CSV with the columns 姓名, 意见, 地块号, at most 500 rows. 姓名 and 地块号 may be empty."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("The file is empty.")},
    )  # fmt: skip


def entering_version(request: HttpRequest, pk: str) -> PlanVersion:
    """The version, for who enters comments there now; for everybody else there is no such page."""
    version = staff_version(request.user, pk)
    if not on_behalf.may_enter(request.user, version):
        raise Http404
    return version


@takes_files
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comment_enter(request: HttpRequest, pk: str) -> HttpResponse:
    """The form for the next comment, and what was entered today."""
    version = entering_version(request, pk)
    if request.method != "POST":
        given = {name: request.GET[name][:20] for name in STAY if name in request.GET}
        today = min(participation.heard_until(version), timezone.localdate())
        form = EnterForm(version=version, initial={"said_on": today, **given, "once": new_id()})
        return enter_page(request, version, form)
    form, status = EnterForm(request.POST, version=version), 400
    if form.is_valid():
        try:
            participation.enter_comment(
                version, by=request.user, photos=photos_of(request, version), **form.cleaned_data
            )
        except PortalError as error:
            status = error.status
            add_portal_error(form, error)
        else:
            stay = {name: request.POST.get(name, "") for name in STAY}
            onward = urlencode({**stay, "entered": form.cleaned_data["once"]})
            # the browser itself puts the cursor where the fragment leads, without scripts too
            return redirect(f"{reverse('comment-enter', args=[version.pk])}?{onward}#id_text")
    return enter_page(request, version, form, status)


def trail(version: PlanVersion) -> list[tuple[str, str]]:
    village = version.village
    return [
        (_("Villages"), reverse("village-list")), (village.short_name, reverse("village", args=[village.code])),
        (version.plan.name, reverse("version", args=[version.pk])),
        (_("Enter comments for others"), reverse("comment-enter", args=[version.pk])),
    ]  # fmt: skip


def enter_page(request: HttpRequest, version: PlanVersion, form: EnterForm, status: int = 200) -> HttpResponse:
    rows = list(on_behalf.entered_today(version))
    moderation.mark(rows, request.user)
    told = {
        "version": version, "form": form, "rows": rows, "reported": on_behalf.reported(rows),
        "options": {**maps.version_map(version, request.user), "pins": []}, "waiting_photos": waiting_of(version, request.user),
        "entered": request.GET.get("entered") if request.method == "GET" else None,
        "trail": [*trail(version)[:-1], (_("Enter comments for others"), "")],
    }  # fmt: skip
    return render(request, "planning/comment_enter.html", told, status=status)


@takes_files
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comment_table(request: HttpRequest, pk: str) -> HttpResponse:
    """Enter all comments of a meeting from one table."""
    version, status = entering_version(request, pk), 200
    initial = {"said_on": min(participation.heard_until(version), timezone.localdate())}
    form = MeetingTableForm(request.POST or None, request.FILES or None, initial=initial, auto_id="table_%s")
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                new = on_behalf_tables.enter_table(version, by=request.user, **form.cleaned_data)
            except PortalError as error:
                status = error.status
                add_portal_error(form, error, other="file")
            else:
                messages.success(request, _("%(count)d comments were entered.") % {"count": new})
                return redirect("comment-enter", version.pk)
    told = {"version": version, "form": form, "trail": [*trail(version), (_("A table of a meeting"), "")]}
    return render(request, "planning/comment_table.html", told, status=status)


@login_required
@require_POST
def comment_mistake(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask township and county to hide a comment that was entered by mistake."""
    rows = Comment.objects.filter(version__in=staff_versions(request.user), channel__in=on_behalf.ENTERED)
    comment = get_object_or_404(rows.select_related("version__plan"), pk=pk)
    on_behalf.report_mistake(comment, by=request.user)
    messages.success(
        request,
        _("Township and county are asked to take it out of sight as a mistake. Enter it again as it should be."),
    )
    back = {"channel": comment.channel, "said_on": f"{comment.said_on:%Y-%m-%d}"}
    return redirect(f"{reverse('comment-enter', args=[comment.version_id])}?{urlencode(back)}")
