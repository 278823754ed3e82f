"""What a court or a party demands of an agency, what left for it; and breaches of what the agency keeps.

The promise: no record is put down as having left before it is settled whether the person is notified; a demand ends as
what left for it says; what was closed stays closed; a breach closes only with the outside confirmation of a notice, and
is kept in codes and numbers, in which nobody writes a name.
The constraints below and migration 0032 declare it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.vault import sealing

CONFIRMATION = r"^[A-Z]{0,5}-?[0-9][0-9/.-]{2,30}$"  # at most five letters, then figures: no sentence, no full name


class Demand(models.Model):
    """A subpoena, a warrant, or another demand for records that an agency received. Its words are sealed with a key of
    its own. `return_at`: when an answer is due; `motion_at`: the last moment for a motion to quash or limit it."""

    class Kind(models.TextChoices):
        """What it is."""

        SUBPOENA = "subpoena", _("Subpoena")
        WARRANT = "warrant", _("Warrant")
        ORDER = "order", _("Court order")
        CIVIL = "civil", _("Civil investigative demand")
        PUBLIC = "public", _("Public-records request")
        OTHER = "other", _("Other demand")

    class Notice(models.TextChoices):
        """Whether the person was notified."""

        GIVEN = "given", _("The person was notified")
        TRIED = "tried", _("We tried and couldn’t reach the person")
        WITHHELD = "withheld", _("An order forbids notifying the person")

    class Outcome(models.TextChoices):
        """How it ended."""

        COMPLIED = "complied", _("We handed over everything demanded")
        PARTLY = "partly", _("We handed over a part of it")
        QUASHED = "quashed", _("A court quashed or limited it, and nothing left")
        WITHDRAWN = "withdrawn", _("It was withdrawn")
        NOTHING = "nothing", _("Nothing had to be handed over")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    received_at = models.DateTimeField()
    receiver = models.BinaryField()  # who of the agency took it
    party = models.BinaryField()  # the court or the party
    docket = models.BinaryField(default=bytes)
    asks = models.BinaryField()
    return_at = models.DateTimeField(null=True)
    motion_at = models.DateTimeField(null=True)
    counsel_at = models.DateTimeField(null=True)
    notice = models.CharField(max_length=12, blank=True, default="")
    notice_at = models.DateTimeField(null=True)
    forbidden_by = models.BinaryField(default=bytes)  # the order that forbids notice
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, blank=True, default="")
    how = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_demand_is_of_a_known_kind",
                condition=Q(kind__in=["subpoena", "warrant", "order", "civil", "public", "other"]),
            ),
            models.CheckConstraint(
                name="a_demand_is_received_before_it_is_entered", condition=Q(received_at__lte=F("at"))
            ),
            models.CheckConstraint(
                name="a_demand_is_closed_after_it_is_entered", condition=Q(closed_at=None) | Q(closed_at__gte=F("at"))
            ),
            models.CheckConstraint(
                name="a_demand_says_who_asks_for_what", condition=~Q(receiver=b"") & ~Q(party=b"") & ~Q(asks=b"")
            ),
            models.CheckConstraint(
                name="a_notice_is_given_or_an_order_forbids_it",
                condition=Q(notice="", notice_at=None, forbidden_by=b"")
                | Q(notice__in=["given", "tried"], notice_at__isnull=False, forbidden_by=b"")
                | (Q(notice="withheld", notice_at__isnull=False) & ~Q(forbidden_by=b"")),
            ),
            models.CheckConstraint(
                name="a_demand_is_closed_by_somebody_somehow",
                condition=Q(closed_at=None, closed_by=None, outcome="", how=b"")
                | Q(
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    outcome__in=["complied", "partly", "quashed", "withdrawn", "nothing"],
                ),
            ),
        ]
        indexes = [models.Index(fields=["agency", "-received_at", "id"], name="demand_of_agency")]

    def place(self, column: str) -> sealing.Place:
        """Return where its words are sealed."""
        return sealing.Place("demand", self.id, column, self.agency_id)


class DemandRecord(models.Model):
    """A record that left for a demand: which it was, when, and the SHA-256 of what left. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    name = models.BinaryField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "nowrongdoor_demand_record"
        constraints = [
            models.CheckConstraint(name="a_record_that_left_has_a_name", condition=~Q(name=b"")),
            models.CheckConstraint(
                name="a_record_that_left_has_its_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.UniqueConstraint(fields=["demand", "digest"], name="a_record_leaves_once_for_a_demand"),
        ]

    def place(self) -> sealing.Place:
        """Return where its name is sealed: with the key of its demand."""
        return sealing.Place("demand_record", self.id, "name", self.agency_id)


class Breach(models.Model):
    """That information about people was, or is about to be, in the wrong hands. Codes, instants and a number alone: no
    column holds words. `people`: how many it is about, as far as is known now."""

    class Kind(models.TextChoices):
        """Whether it happened."""

        IMMINENT = "imminent", _("Imminent: it’s likely to happen")
        ACTUAL = "actual", _("Actual: it happened")

    class What(models.TextChoices):
        """What sort of information it is about."""

        IDENTITY = "identity", _("Names and other identifiers")
        CONTACT = "contact", _("Addresses, phone numbers, and other ways to reach someone")
        LOCATION = "location", _("Where someone is now, or where a shelter is")
        IMMIGRATION = "immigration", _("Immigration matters")
        HEALTH = "health", _("Health")
        MONEY = "money", _("Bank accounts and other financial information")
        CASE = "case", _("What happened to someone")
        CREDENTIALS = "credentials", _("Passwords and keys")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    happened_at = models.DateTimeField(null=True)  # None: not yet, or nobody knows
    noticed_at = models.DateTimeField()
    what = ArrayField(models.CharField(max_length=12))
    people = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_breach_is_imminent_or_actual", condition=Q(kind__in=["imminent", "actual"])),
            models.CheckConstraint(
                name="a_breach_says_what_it_is_about",
                condition=Q(what__len__gt=0)
                & Q(
                    what__contained_by=[
                        *("identity", "contact", "location", "immigration", "health"),
                        *("money", "case", "credentials", "other"),
                    ]
                ),
            ),
            models.CheckConstraint(
                name="a_breach_is_noticed_before_it_is_entered", condition=Q(noticed_at__lte=F("at"))
            ),
            models.CheckConstraint(
                name="a_breach_is_closed_after_it_is_entered", condition=Q(closed_at=None) | Q(closed_at__gte=F("at"))
            ),
            models.CheckConstraint(
                name="a_breach_is_closed_by_somebody",
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agency", "-noticed_at", "id"], name="breach_of_agency")]


class BreachNotice(models.Model):
    """That somebody outside was told of a breach, and the confirmation that they gave, if they did. Never changed."""

    class Recipient(models.TextChoices):
        """Who was told."""

        AWARD = "award", _("The agency that made the award; without one, your privacy office")
        STATE = "state", _("A State office, such as an attorney general")
        POLICE = "police", _("Law enforcement")
        SECURITY = "security", _("A cybersecurity agency")
        PEOPLE = "people", _("The people concerned, or whoever speaks for them")
        INSURER = "insurer", _("An insurer")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    breach = models.ForeignKey(Breach, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    recipient = models.CharField(max_length=12)
    told_at = models.DateTimeField()
    confirmation = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "nowrongdoor_breach_notice"
        constraints = [
            models.CheckConstraint(
                name="a_breach_is_told_to_a_known_recipient",
                condition=Q(recipient__in=["award", "state", "police", "security", "people", "insurer"]),
            ),
            models.CheckConstraint(
                name="a_confirmation_is_a_number",
                condition=Q(confirmation="") | Q(confirmation__regex=CONFIRMATION),
            ),
            models.CheckConstraint(name="a_breach_is_told_before_that_is_entered", condition=Q(told_at__lte=F("at"))),
            models.UniqueConstraint(
                fields=["breach", "recipient", "told_at", "confirmation"], name="a_notice_of_a_breach_is_entered_once"
            ),
        ]
