"""Attacks on the directory: what a hidden service hides, and who vouches for whom."""

from __future__ import annotations

from tests.promises.attacking import Attack, Copy, Hidden, copy

_ROW = "UPDATE nowrongdoor_directory_row SET"
_VETTING = "UPDATE nowrongdoor_vetting SET"
_END = f"{_VETTING} ended_at = now(), ended_by_id = %({{by}})s WHERE id = %({{which}})s"


def _another(**otherwise: str) -> Copy:
    """Another vetting like one that has ended."""
    return copy("vetting", "ended_vetting", **{"ended_at": "NULL", "ended_by_id": "NULL", **otherwise})


def _row(**otherwise: str) -> Copy:
    """Another row like the hours of a hidden service. `of_table`: of which table it is."""
    named = {"table" if name == "of_table" else name: value for name, value in otherwise.items()}
    return Copy("directory_row", "id = %(hidden_hours)s", {"id": "gen_random_uuid()", **named})


ROWS = (
    Attack(
        "a row of the directory twice",
        "a_row_of_the_directory_is_there_once",
        _row(),
    ),
    Attack(
        "a row of a table that has no name",
        "a_row_of_the_directory_is_of_a_table_by_name",
        _row(of_table="'A table'"),
    ),
    Attack(
        "a hundred of a list that begins in two places",
        "a_hundred_of_a_list_begins_once",
        f"{_ROW} hundred = 0 WHERE id = %(open_service)s",
    ),
    Attack(
        "a row that says it is another",
        "a_row_of_the_directory_holds_its_own_id",
        f'{_ROW} content = \'{{"id": "else"}}\' WHERE id = %(hidden_hours)s',
    ),
    Attack(
        "a row that says of nothing that it is it",
        "a_row_of_the_directory_holds_its_own_id",
        f"{_ROW} content = '{{}}' WHERE id = %(hidden_hours)s",
    ),
    Attack(
        "the hours of a hidden service shown to everybody",
        "a_row_of_a_hidden_service_says_no_more",
        f"{_ROW} is_for_staff = false WHERE id = %(hidden_hours)s",
    ),
    Attack(
        "a service whose hours are shown becomes hidden",
        "a_row_of_a_hidden_service_says_no_more",
        f"{_ROW} is_hidden = true WHERE id = %(open_service)s",
    ),
    Attack(
        "a hidden service at a place",
        "a_row_of_a_hidden_service_says_no_more",
        _row(of_table="'service_at_location'"),
    ),
    Attack(
        "the openings of a hidden service shown to everybody",
        "the_hours_of_a_hidden_service_are_for_staff",
        "UPDATE nowrongdoor_listing_opening SET is_for_staff = false WHERE listing_id = %(hidden_service)s",
    ),
    Attack(
        "a service that does nothing",
        "a_listing_can_be_found",
        "UPDATE nowrongdoor_listing SET kinds = '[]' WHERE id = %(hidden_service)s",
    ),
    Attack(
        "a row of the directory written by an agency",
        "policy: add of directory_row",
        _row(listed="gen_random_uuid()"),
        by="hotline",
        behind=("a_row_of_the_directory_holds_its_own_id",),
    ),
    Attack(
        "a row of the directory changed by an agency",
        "policy: change of directory_row",
        f"{_ROW} is_for_staff = true WHERE id = %(open_service)s",
        by="hotline",
    ),
    Attack(
        "a row of the directory taken out by an agency",
        "policy: remove of directory_row",
        "DELETE FROM nowrongdoor_directory_row WHERE id = %(open_service)s",
        by="hotline",
    ),
    Attack(
        "a row of the directory that is another's from now on",
        "privilege: UPDATE of directory_row",
        f"{_ROW} listed = gen_random_uuid() WHERE id = %(hidden_hours)s",
        behind=("a_row_of_the_directory_holds_its_own_id",),
    ),
)
VETTING = (
    Attack(
        "an organization vetted for two years",
        "a_vetting_ends_within_a_year",
        _another(until="at + interval '2 years'"),
        by="hotline",
    ),
    Attack(
        "a vetting that is over before it begins",
        "a_vetting_ends_within_a_year",
        _another(until="at"),
        by="hotline",
    ),
    Attack(
        "a vetting ended by nobody",
        "a_vetting_is_ended_by_somebody",
        f"{_VETTING} ended_at = now() WHERE id = %(vetting)s",
        by="hotline",
        behind=("a_vetting_ends_once_and_in_ones_own_name",),
    ),
    Attack(
        "an organization vetted twice at a time",
        "an_agency_vets_once_at_a_time",
        copy("vetting", "vetting"),
        by="hotline",
    ),
    Attack("an organization vetted by nobody who looks", "a_vetting_is_ones_own", _another(), by="owner"),
    Attack(
        "an organization vetted by an advocate",
        "policy: add of vetting",
        _another(by_id="%(desk_p)s"),
        by="desk",
        behind=("a_vetting_is_ones_own",),
    ),
    Attack(
        "a vetting ended in another's name",
        "a_vetting_ends_once_and_in_ones_own_name",
        _END.format(by="desk_p", which="vetting"),
        by="hotline",
    ),
    Attack(
        "a vetting ended again",
        "a_vetting_ends_once_and_in_ones_own_name",
        _END.format(by="hotline_p", which="ended_vetting"),
        by="hotline",
    ),
    Attack(
        "a vetting ended by another agency",
        "policy: change of vetting",
        _END.format(by="hsi_p", which="vetting"),
        by="hsi",
        behind=("a_vetting_ends_once_and_in_ones_own_name",),
    ),
    Attack(
        "a vetting that lasts longer than it was said",
        "privilege: UPDATE of vetting",
        f"{_VETTING} until = until + interval '1 day' WHERE id = %(vetting)s",
        by="hotline",
        behind=("a_vetting_ends_once_and_in_ones_own_name",),
    ),
)
SERVICES = (*ROWS, *VETTING)
HIDDEN = (
    Hidden("directory_row", "id = %(hidden_hours)s", "admin"),
    Hidden("listing_opening", "listing_id = %(hidden_service)s", "admin"),
    Hidden("vetting", "id = %(vetting)s", "admin"),
)
