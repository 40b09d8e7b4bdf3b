"""API of dates: the schedule of a version, deadlines, the county's board."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
