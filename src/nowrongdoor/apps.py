"""The one Django app."""

from django.apps import AppConfig


class NoWrongDoorConfig(AppConfig):
    """All rooms share one app and one migration line."""

    name = "nowrongdoor"
    default_auto_field = "django.db.models.BigAutoField"
