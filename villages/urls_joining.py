"""Pages of household codes and of joining with one."""

from django.urls import path

from portal import api_shapes  # noqa: F401  registers <code:…>
from villages.views import household_codes, joining

urlpatterns = [
    path("villages/<code:code>/household-codes/", household_codes.household_code_list, name="household-codes"),
    path(
        "villages/<code:code>/household-codes/<int:number>/end/",
        household_codes.household_code_end,
        name="household-code-end",
    ),
    path("join/", joining.join, name="join"),
    path("join/done/", joining.done, name="joined"),
    path("join/<str:code>/", joining.join, name="join-code"),
    path("me/household/leave/", joining.leave, name="household-leave"),
]
