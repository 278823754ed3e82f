"""The one Django app."""

from django.apps import AppConfig


class NoWrongDoorConfig(AppConfig):
    """All rooms share one app and one migration line."""

    name = "nowrongdoor"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put together what rooms declare, hear of whoever signed in, count a factor that was just enrolled as shown,
        and say the sentences of the core in the language of the page."""
        from allauth.mfa import signals
        from django.contrib import auth
        from django.db.models.signals import pre_migrate
        from django.utils import translation

        from nowrongdoor.access import grants
        from nowrongdoor.agencies import entrance
        from nowrongdoor.core import language
        from nowrongdoor.site import declared

        declared.hand_down()
        pre_migrate.connect(grants.bring_back, sender=self, dispatch_uid="nowrongdoor")
        language.follow(translation.get_language)
        auth.user_logged_in.disconnect(dispatch_uid="update_last_login")  # it would keep the very instant
        auth.user_logged_in.connect(entrance.note_sign_in, dispatch_uid="nowrongdoor")
        auth.user_logged_out.connect(entrance.note_sign_out, dispatch_uid="nowrongdoor")
        signals.authenticator_used.connect(entrance.note_proof, dispatch_uid="nowrongdoor")
        signals.authenticator_added.connect(entrance.note_new_factor, dispatch_uid="nowrongdoor")
