"""Addresses of earlier consultations that are taken in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
