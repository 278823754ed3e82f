"""The pages of this room, each at its address. No address says what it is about."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.door import box_views, chat_views, views

PAGES = [
    path("tell", views.tell, name="tell"),
    path("tell/resume", views.resume, name="tell_resume"),
    path("mailbox", box_views.mailbox, name="mailbox"),
    path("mailbox/files", box_views.add_file, name="mailbox_files"),
    path("chat", chat_views.chat, name="chat"),
    path("chat/lines", chat_views.chat_lines, name="chat_lines"),
]
