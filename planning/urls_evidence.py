"""Pages of a case: what proves its steps, decision letters, points of a return."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
