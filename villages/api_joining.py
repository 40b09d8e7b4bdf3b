"""API of household codes and of joining with one."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
