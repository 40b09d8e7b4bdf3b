"""The part of “My data” about how one is called in public, and how far it is known who one is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from portal import grades, nicknames
from portal.models import User


class NicknameForm(forms.Form):
    nickname = forms.CharField(
        label=gettext_lazy("Nickname"), max_length=nicknames.MOST * 2, required=False,
        help_text=gettext_lazy("2 to 20 characters, once a day. Left empty, your name stands there masked."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )  # fmt: skip


def told(user: User, form: NicknameForm | None = None) -> dict[str, Any]:
    """What templates/portal/me.html needs of it."""
    member = grades.member_of(user)
    return {
        "nickname_form": form or NicknameForm(initial={"nickname": user.nickname}, auto_id="nick_%s"),
        "member": member,
        "grade": grades.of(user, member.household.village_id if member else ""),
    }
