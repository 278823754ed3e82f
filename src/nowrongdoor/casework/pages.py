"""The pages of this room, each at its address: the worklist, cases, and what is done to them.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.casework import (
    between_views,
    case_views,
    file_views,
    lead_views,
    note_views,
    people_views,
    printing,
    sent_views,
    worklist_acts,
    worklist_views,
)

PAGES = [
    path("worklist", worklist_views.show_worklist, name="worklist"),
    path("worklist/several", worklist_acts.several, name="several"),
    path("worklist/find", worklist_acts.find, name="find"),
    path("worklist/searches", worklist_acts.save_search, name="save_search"),
    path("worklist/searches/<uuid:search_id>/remove", worklist_acts.forget_search, name="forget_search"),
    path("worklist/<uuid:entry_id>/assign", worklist_acts.assign, name="assign"),
    path("cases/<str:reference>/look", worklist_acts.look, name="look"),
    path("offers/<uuid:offer_id>/accept", worklist_views.accept, name="accept"),
    path("offers/<uuid:offer_id>/decline", worklist_views.decline, name="decline"),
    path("offers/<uuid:offer_id>/revoke", worklist_views.revoke, name="revoke"),
    path("offers/<uuid:offer_id>/undo", worklist_views.undo, name="undo"),
    path("cases/<str:reference>/together", lead_views.show_together, name="together"),
    path("cases/<str:reference>/pass-on", lead_views.pass_on, name="pass_on"),
    path("notices/<uuid:notice_id>/acknowledge", worklist_views.acknowledge, name="acknowledge"),
    path("clocks/<uuid:clock_id>/meet", worklist_views.meet, name="meet"),
    path("cases", case_views.list_cases, name="cases"),
    path("cases/<str:reference>", case_views.show_case, name="case"),
    path("cases/<str:reference>/facts", case_views.change_facts, name="change_facts"),
    path("cases/<str:reference>/between", between_views.show, name="between"),
    path("cases/<str:reference>/between/ask", between_views.ask, name="ask_giver"),
    path("cases/<str:reference>/between/send", between_views.send, name="send_message"),
    path("requests/<uuid:request_id>/answer", between_views.answer_request, name="answer_request"),
    path("requests/<uuid:request_id>/refuse", between_views.refuse_request, name="refuse_request"),
    path("requests/<uuid:request_id>/withdraw", between_views.withdraw_request, name="withdraw_request"),
    path("cases/<str:reference>/ask-next", case_views.ask_next, name="ask_next"),
    path("cases/<str:reference>/step-forward", case_views.step_forward, name="step_forward"),
    path("cases/<str:reference>/close", lead_views.close_case, name="close_case"),
    path("cases/<str:reference>/reopen", lead_views.reopen_case, name="reopen_case"),
    path("cases/<str:reference>/notes", case_views.add_note, name="add_note"),
    path("cases/<str:reference>/notes/<uuid:note_id>/correct", note_views.correct, name="correct_note"),
    path("cases/<str:reference>/notes/<uuid:note_id>/pin", note_views.pin, name="pin_note"),
    path("cases/<str:reference>/notes/<uuid:note_id>/unpin", note_views.unpin, name="unpin_note"),
    path("cases/<str:reference>/people/<uuid:person_id>/roles", people_views.show_roles, name="person_roles"),
    path("cases/<str:reference>/roles/<uuid:role_id>/end", people_views.end_role, name="end_role"),
    path("cases/<str:reference>/relations/<uuid:relation_id>/end", people_views.end_relation, name="end_relation"),
    path("cases/<str:reference>/print", printing.show, name="print_case"),
    path("cases/<str:reference>/print.pdf", printing.download, name="print_case_pdf"),
    path("cases/<str:reference>/files", file_views.attach, name="attach"),
    path("cases/<str:reference>/files/<uuid:file_id>", file_views.download, name="file"),
    path("cases/<str:reference>/files/<uuid:file_id>/withdraw", file_views.withdraw, name="withdraw_file"),
    path("cases/<str:reference>/sent/<uuid:sent_id>", sent_views.copy, name="case_sent_file"),
    path("cases/<str:reference>/sent/<uuid:sent_id>/original", sent_views.original, name="case_sent_original"),
    path("cases/<str:reference>/sent/<uuid:sent_id>/isolate", sent_views.isolate, name="isolate_case_sent"),
    path("routing", worklist_views.show_routing, name="routing"),
    path("routing/tables/<uuid:table_id>", worklist_views.force_table, name="force_table"),
]
