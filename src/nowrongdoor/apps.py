"""The one Django app."""

from django.apps import AppConfig


class NoWrongDoorConfig(AppConfig):
    """All rooms share one app and one migration line."""

    name = "nowrongdoor"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put together what rooms declare, hear of whoever signed in, count a factor that was just enrolled as shown,
        seal anew whoever is changed, and say the sentences of the core in the language of the page."""
        from allauth.mfa import signals
        from allauth.mfa.models import Authenticator
        from allauth.socialaccount.models import SocialAccount
        from django.contrib import auth
        from django.db.models.signals import post_delete, post_save, pre_delete, pre_migrate, pre_save
        from django.utils import translation

        from nowrongdoor.access import grants
        from nowrongdoor.agencies import entrance, seals
        from nowrongdoor.agencies.models import User
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
        for model in (User, Authenticator, SocialAccount):
            pre_save.connect(seals.saving, sender=model, dispatch_uid="nowrongdoor")
            post_save.connect(seals.saved, sender=model, dispatch_uid="nowrongdoor")
        for model in (Authenticator, SocialAccount):
            pre_delete.connect(seals.deleting, sender=model, dispatch_uid="nowrongdoor")
            post_delete.connect(seals.deleted, sender=model, dispatch_uid="nowrongdoor")
