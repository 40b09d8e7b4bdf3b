"""Pages of the joint review: requests, opinions, answers, conditions."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
