"""The pages of this room. Each view declares its own guard."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.referrals import views

PAGES = [
    path("referrals", views.referrals, name="referrals"),
    path("referrals/<uuid:referral_id>", views.referral, name="referral"),
    path("asked", views.asked, name="asked"),
    path("asked/totals", views.totals, name="asked_totals"),
    path("asked/<uuid:ask_id>", views.asked_for, name="asked_for"),
]
