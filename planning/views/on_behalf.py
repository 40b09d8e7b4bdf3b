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

from planning import maps, moderation, on_behalf, participation
from planning.models import Channel, Comment, PlanVersion
from planning.photos import waiting_of
from planning.views.comments import CommentForm
from planning.views.moves import staff_version, staff_versions
from planning.views.photos import photos_of
from portal.bodies import takes_files
from portal.errors import PortalError
from portal.ids import new_id

STAY = ("channel", "said_on")
"""what stays for the next entry"""


class EnterForm(CommentForm):
    """What was said, by whom as far as told, and how it came."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How it came"), choices=[(c.value, c.label) for c in on_behalf.ENTERED], widget=forms.RadioSelect,
        initial=Channel.MEETING.value,
    )  # fmt: skip
    said_on = forms.DateField(
        label=gettext_lazy("When it was said or written"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    speaker = forms.CharField(
        label=gettext_lazy("Who said it (if they want it)"), max_length=50, required=False,
        help_text=gettext_lazy("Kept encrypted; in public only the family name is shown."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "aria-describedby": "id_speaker_helptext"}),
    )  # fmt: skip

    def __init__(self, *args: Any, version: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, version=version, **kwargs)
        del self.fields["shape"]
        self.fields["text"].label = _("What was said")
        self.fields["text"].help_text = _("In the words of who said it; no telephone or ID numbers.")
        notice = version.notice
        last = min(notice.closes_on, timezone.localdate())
        self.fields["said_on"].widget.attrs |= {"min": f"{notice.opens_on:%Y-%m-%d}", "max": f"{last:%Y-%m-%d}"}


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
        today = min(version.notice.closes_on, timezone.localdate())
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
            form.add_error(error.code if error.code in form.fields else None, str(error.message))
        else:
            stay = urlencode({name: request.POST.get(name, "") for name in STAY})
            # the browser itself puts the cursor where the fragment leads, without scripts too
            return redirect(f"{reverse('comment-enter', args=[version.pk])}?{stay}&entered=1#id_text")
    return enter_page(request, version, form, status)


def enter_page(request: HttpRequest, version: PlanVersion, form: EnterForm, status: int = 200) -> HttpResponse:
    rows = list(on_behalf.entered_today(version))
    moderation.mark(rows, request.user)
    told = {
        "version": version, "form": form, "rows": rows, "reported": on_behalf.reported(rows),
        "options": {**maps.version_map(version, request.user), "pins": []}, "waiting_photos": waiting_of(version, request.user),
        "entered": request.method == "GET" and "entered" in request.GET,
        "trail": [
            (_("Villages"), reverse("village-list")), (version.village.short_name, reverse("village", args=[version.village.code])),
            (version.plan.name, reverse("version", args=[version.pk])), (_("Enter comments for others"), ""),
        ],
    }  # fmt: skip
    return render(request, "planning/comment_enter.html", told, status=status)


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
