"""The pages of this room, each at its address: the form for a signal, its drafts, and its receipt.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.intake import draft_views, file_views, receipt_views, sender_views, views

PAGES = [
    path("signals/new", views.new_signal, name="new_signal"),
    path("signals/drafts", draft_views.keep_draft, name="keep_draft"),
    path("signals/drafts/erase", draft_views.erase_draft, name="erase_draft"),
    path("signals/drafts/<uuid:draft_id>", draft_views.draft, name="draft"),
    path("signals/drafts/<uuid:draft_id>/listening", draft_views.listen, name="listening"),
    path("signals/mine", receipt_views.my_contacts, name="my_contacts"),
    path("signals/<str:reference>/call", receipt_views.call_returned, name="call_returned"),
    path("signals/<str:reference>/way-back/erase", receipt_views.drop_way_back, name="drop_way_back"),
    path("signals/<str:reference>/correct", receipt_views.correct_signal, name="correct_signal"),
    path("signals/<str:reference>/in-error", receipt_views.mark_as_error, name="signal_in_error"),
    path("signals/<str:reference>/files/<uuid:sent_id>", file_views.copy, name="sent_file"),
    path("signals/<str:reference>/files/<uuid:sent_id>/original", file_views.original, name="sent_original"),
    path("signals/<str:reference>/files/<uuid:sent_id>/isolate", file_views.isolate, name="isolate_sent"),
    path("signals/<str:reference>", views.show_signal, name="signal"),
    path("senders", sender_views.senders, name="senders"),
    path("senders/<str:reference>", sender_views.sender, name="sender"),
]
