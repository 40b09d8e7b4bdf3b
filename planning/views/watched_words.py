"""The page of the words that hold a comment for a look: read the list, put a word on it, take one off."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from planning import held
from planning.models import WatchedWord
from planning.views.evidence import day_field
from portal.errors import PortalError
from portal.models import User
from portal.pages import add_portal_error, saying
from villages.models import Division


class WordForm(forms.Form):
    word = forms.CharField(
        label=_("Word"), max_length=held.WORD_CHARS,
        help_text=_("It is found also if it is split by spaces or signs, or written with look-alike letters."),
    )  # fmt: skip
    division_code = forms.ChoiceField(label=_("Division"))
    source = forms.CharField(
        label=_("Source"), max_length=held.SOURCE_CHARS, help_text=_("The document the word is from, with its number.")
    )
    listed_on = day_field(_("Day of the document"), initial=timezone.localdate)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = held.divisions(user)
        names = dict(Division.objects.filter(pk__in=codes).values_list("pk", "name"))
        self.fields["division_code"].choices = [(code, names.get(code, code)) for code in codes]


def seen_word(user: User, pk: int) -> WatchedWord:
    """The one way to a word: on a list the person reads; strangers get 404."""
    for row in held.listed_for(user):
        if row.pk == pk:
            return row
    raise Http404


@login_required
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """The list and its form; for township, county and their administrators, strangers get 404."""
    if not held.divisions(request.user):
        raise Http404
    form, status = WordForm(request.POST or None, user=request.user), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                held.list_word(by=request.user, **form.cleaned_data)
            except PortalError as error:
                add_portal_error(form, error)
                status = error.status
            else:
                messages.success(request, gettext("The word is on the list. It holds comments written from now on."))
                return redirect("watched-words")
    rows = held.listed_for(request.user)
    names = dict(Division.objects.filter(pk__in={row.division_code for row in rows}).values_list("pk", "name"))
    for row in rows:
        row.division_name = names.get(row.division_code, row.division_code) or gettext("The whole country")
        row.may_end = row.ended_at is None and held.may_list(request.user, row.division_code)
    trail = [(gettext("Waits for me"), reverse("waiting")), (gettext("Words that hold comments"), "")]
    context = {
        "form": form, "rows": sorted(rows, key=lambda row: row.ended_at is not None), "trail": trail,
    }  # fmt: skip
    return render(request, "planning/watched_words.html", context, status=status)


@login_required
@require_POST
def word_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a word off the list."""
    with saying(request):
        held.end_word(seen_word(request.user, pk), by=request.user)
        messages.success(request, gettext("The word is off the list. What it held goes on waiting for a look."))
    return redirect("watched-words")
