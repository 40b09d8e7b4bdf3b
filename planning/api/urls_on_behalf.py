"""API of entering comments on behalf of others."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
