"""API that compare two versions of a plan."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
