"""Pages: What the portal tells a person."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
