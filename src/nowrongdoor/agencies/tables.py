"""What the tables of agencies, their people and their systems let whom see and write, and how their words are kept.

The framework's tables about people's factors and identity providers are declared here too: they hold what people of the
agencies sign in with.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import ENTRY, MINE, PERSON, SIGNED, SYSTEM, system_or
from nowrongdoor.agencies import models, ways_in
from nowrongdoor.audit import models as trail
from nowrongdoor.audit import noted, words
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.vault import inventory

IS_ADMINISTRATOR = policies.role_is(viewers.Role.ADMINISTRATOR)
ADMINISTERS = "(SELECT nwd_administers())"  # by the person's own row, and not by what the transaction says of them
_OPENS = "revoked_at IS NULL AND (ends_at IS NULL OR ends_at > now())"
_CHANGES = ", ".join(f"'{verb}'" for verb in trail.WAYS_IN)
# Whoever is told of a person by their id: who signed the question, as pages do before anybody looks, the person
# themselves, and the sign-in.
_ASKS = "nwd_is_signed_for('who|' || $1, $2) OR $1 = nwd_person() OR nwd_entry()"
_OWN = f"({MINE} AND person_id = {PERSON})"
PHRASES: policies.Phrases = (
    (ADMINISTERS, "an administrator, by their own row"),
    (_OPENS, "a token that was not revoked and has not ended"),
    (_OWN, "(its own person's)"),
)
FUNCTIONS = policies.Functions(f"""
CREATE OR REPLACE FUNCTION nwd_administers() RETURNS boolean LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN nwd_role() = 'administrator' AND EXISTS (SELECT FROM public.nowrongdoor_user
        WHERE id = nwd_person() AND agency_id = nwd_agency() AND role = 'administrator' AND is_active);
CREATE OR REPLACE FUNCTION nwd_who(asked uuid, signed text) RETURNS SETOF nowrongdoor_user LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT u FROM public.nowrongdoor_user u WHERE id = $1 AND ({_ASKS}));
CREATE OR REPLACE FUNCTION nwd_who(uuid) RETURNS SETOF nowrongdoor_user LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT nwd_who($1, ''));  -- as the release before asks
CREATE OR REPLACE FUNCTION nwd_ways_of(asked uuid, signed text) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$  -- digests of what the same person has besides a password, where nwd_who shows them
    SELECT coalesce(jsonb_object_agg(line, digest), '{{}}') FROM ({ways_in.OF_ONE % {"person": "$1"}}) AS there
     WHERE {_ASKS};
$$;
CREATE OR REPLACE FUNCTION nwd_changed_last(asked uuid, signed text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$  -- the event that changed last what the same person signs in with, or may do
    SELECT coalesce(max(id), 0) FROM public.nowrongdoor_auditevent WHERE subject_id = $1 AND verb IN ({_CHANGES})
       AND ({_ASKS});
$$;
CREATE OR REPLACE FUNCTION nwd_name_of(uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT full_name FROM public.nowrongdoor_user WHERE id = $1);
CREATE OR REPLACE FUNCTION nwd_agency_name_of(uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT a.name FROM public.nowrongdoor_user u JOIN public.nowrongdoor_agency a ON a.id = u.agency_id
             WHERE u.id = $1);
CREATE OR REPLACE FUNCTION nwd_answering() RETURNS TABLE (agency_id uuid, signed_in_on date, until_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$  -- agencies with somebody who may answer: in the role, not switched off, with a way to sign in; the day on which
       -- one of them last did (null: nobody yet), and the last day on which that still counts
    SELECT a.id, max(u.last_login AT TIME ZONE 'UTC')::date,
           max(u.last_login AT TIME ZONE 'UTC')::date + a.sign_in_days
      FROM public.nowrongdoor_user u JOIN public.nowrongdoor_agency a ON a.id = u.agency_id
     WHERE u.is_active AND u.role = '{viewers.ANSWERS.value}'
       AND (u.password !~ '^(!|$)' OR EXISTS (SELECT FROM public.socialaccount_socialaccount s WHERE s.user_id = u.id))
     GROUP BY a.id;
$$;
CREATE OR REPLACE FUNCTION nwd_answered_for() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$  -- agencies that are reached: somebody who may answer signed in within the agency's own limit
    SELECT agency_id FROM public.nwd_answering() WHERE until_on >= (now() AT TIME ZONE 'UTC')::date;
$$;
""")  # noqa: S608  role names are our own
_FACTOR = f"{ENTRY} OR user_id = {PERSON}"
_OF_ADMINISTRATORS = f"({MINE} AND {ADMINISTERS})"
_STAFF = "staff of an agency, who sign what they do"
_NOT_USED = "not used: an agency's provider is in a file"
_KEEPS_ROTAS = policies.role_is(viewers.ANSWERS, viewers.Role.ADMINISTRATOR)
DECLARED: tuple[policies.Rows | policies.Functions | inventory.Columns | words.Verb | noted.Kept, ...] = (
    FUNCTIONS,
    # Agencies, and how they close
    policies.public(
        models.Agency,
        "which agencies there are, and their names, is public",
        change=system_or(f"(id = {policies.ME} AND {ADMINISTERS})"),
        columns=("active", "closed_at", "succeeded_by_id", "name", "department", "sign_in_days"),
    ),
    inventory.Columns(
        models.Agency,
        plain=dict.fromkeys(("code", "desk", "place", "name", "department", "kind"), "agencies are public"),
    ),
    words.Verb("agency.closed", "closed an agency"),
    words.Verb("agency.closing", "began to close an agency"),
    words.Verb("agency.kept", "stopped closing an agency"),
    words.Verb("agency.sign_in_days_set", "set how often the agency’s staff sign in"),
    policies.public(
        models.Closing,
        "which agency is being closed, and into which, is public",
        change=SYSTEM,
        columns=("given_up_at",),
    ),
    inventory.Columns(models.Closing),
    # People
    policies.Rows(
        model=models.User,
        see=f"{ENTRY} OR {MINE}",
        add=ENTRY,
        change=f"{ENTRY} OR ({MINE} AND (id = {PERSON} OR {ADMINISTERS}))",
        columns=("generation", "password", "last_login", "role", "is_active", "language", "time_zone", "sealed"),
    ),
    inventory.Columns(
        models.User,
        plain={
            **dict.fromkeys(("name", "full_name"), _STAFF),
            **dict.fromkeys(("role", "language", "time_zone"), inventory.CODES),
            "password": "an Argon2id hash",
            "sealed": "HMAC-SHA256 over what they sign in with, and may do",
        },
    ),
    noted.Kept("user", models.User, ("id", "agency_id", "name", "role", "is_active"), gettext_lazy("Person")),
    ways_in.PASSWORD,
    words.Verb("people.sealed", "sealed what staff sign in with, and may do"),
    words.Verb("person.added", "added somebody to the agency"),
    words.Verb("person.disabled", "deactivated somebody at the agency"),
    words.Verb("person.enabled", "reactivated somebody at the agency"),
    words.Verb("person.factor_reset", "reset somebody’s two-factor sign-in"),
    words.Verb("person.joined", "joined the agency"),
    words.Verb("person.password_set", "set a password to sign in with"),
    words.Verb("person.role_set", "changed somebody’s role"),
    words.Verb("person.signed_out_everywhere", "signed out everywhere"),
    words.Verb(noted.SIGNED_IN, "signed in"),
    words.Verb(noted.PROVED, "confirmed who they are"),
    words.Verb("session.ended", "signed out"),
    words.Verb("session.refused", "refused a wrong password or code of somebody’s"),
    # Invitations
    policies.Rows(
        model=models.Invitation,
        see=f"{ENTRY} OR ({MINE} AND {IS_ADMINISTRATOR})",
        add=system_or(_OF_ADMINISTRATORS),
        change=f"{ENTRY} OR {_OF_ADMINISTRATORS}",
        columns=("used_at", "withdrawn_at"),
        later={"expires_at": "72 hours"},
    ),
    inventory.Columns(
        models.Invitation,
        plain={
            **dict.fromkeys(("name", "full_name"), _STAFF),
            "role": inventory.CODES,
            "digest": "SHA-256 of 256 random bits",
        },
    ),
    noted.Kept(
        "invitation",
        models.Invitation,
        ("id", "agency_id", "name", "role", "digest", "at", "by_id", "expires_at", "used_at", "withdrawn_at"),
        gettext_lazy("Invitation"),
    ),
    words.Verb("person.invited", "invited somebody to the agency"),
    words.Verb("invitation.resent", "sent somebody another link to join the agency"),
    words.Verb("invitation.revoked", "revoked an invitation to the agency"),
    # Codes with which somebody adds their first second factor; that one was used, the database notes by itself
    policies.Rows(
        model=models.SetupCode,
        see=f"{ENTRY} OR ({MINE} AND {IS_ADMINISTRATOR})",
        add=system_or(_OF_ADMINISTRATORS),
        change=system_or(_OF_ADMINISTRATORS),
        columns=("revoked_at",),
        later={"expires_at": "24 hours"},
    ),
    inventory.Columns(models.SetupCode, plain={"digest": "SHA-256 of 80 random bits that end within a day"}),
    noted.Kept(
        "setup_code",
        models.SetupCode,
        ("id", "agency_id", "person_id", "digest", "at", "by_id", "expires_at", "used_at", "revoked_at"),
        gettext_lazy("Setup code"),
    ),
    words.Verb("setup_code.made", "made a setup code for somebody’s first second factor"),
    words.Verb("setup_code.used", "used a setup code to add a first second factor"),
    words.Verb("setup_code.revoked", "ended a setup code"),
    # Tokens of other systems
    policies.Rows(
        model=models.Token,
        see=system_or(f"({ENTRY} AND {_OPENS})", f"({MINE} AND {IS_ADMINISTRATOR})"),
        add=system_or(_OF_ADMINISTRATORS),
        change=f"{ENTRY} OR {_OF_ADMINISTRATORS}",
        columns=("revoked_at", "used_on"),
        later={"ends_at": "3660 days"},
    ),
    inventory.Columns(
        models.Token,
        plain={"label": "named by the agency for its own system", "digest": "SHA-256 of 256 random bits"},
    ),
    noted.Kept(
        "token",
        models.Token,
        ("id", "agency_id", "digest", "made_at", "revoked_at", "ends_at"),
        gettext_lazy("Token of another system"),
    ),
    words.Verb("token.made", "made a token for another system"),
    words.Verb("token.revoked", "revoked a token of another system"),
    # Who is on call: everybody of the agency sees it; who answers its offers keeps it, and its administrators
    policies.Rows(
        model=models.Rota,
        see=system_or(MINE),
        add=f"({SIGNED} AND {_KEEPS_ROTAS})",
        change=f"({MINE} AND {_KEEPS_ROTAS})",
        columns=("ended_at", "ended_by_id"),
    ),
    inventory.Columns(models.Rota),
    words.Verb("rota.begun", "began to keep a list of who is on call"),
    words.Verb("rota.ended", "ended the list of who is on call"),
    policies.Rows(
        model=models.Shift,
        see=system_or(MINE),
        add=f"({SIGNED} AND {_KEEPS_ROTAS})",
        change=f"({MINE} AND {_KEEPS_ROTAS})",
        columns=("ended_at",),
        later={"from_at": "732 days", "to_at": "732 days"},
    ),
    inventory.Columns(models.Shift),
    words.Verb("shift.added", "put somebody on call"),
    words.Verb("shift.ended", "took somebody off call"),
    # Passwords of people's own programs, each for one thing
    policies.Rows(
        model=models.AppPassword,
        see=f"{ENTRY} OR {_OWN}",
        add=_OWN,
        change=f"{ENTRY} OR {_OWN}",
        columns=("revoked_at", "used_on"),
    ),
    inventory.Columns(models.AppPassword, plain={"scope": inventory.CODES, "digest": "SHA-256 of 256 random bits"}),
    noted.Kept(
        "app_password",
        models.AppPassword,
        ("id", "agency_id", "person_id", "scope", "digest", "made_at", "revoked_at"),
        gettext_lazy("Password of a calendar program"),
    ),
    words.Verb("password.made", "made a password for a calendar program"),
    words.Verb("password.revoked", "revoked a password of a calendar program"),
    # What people sign in with, in the framework's tables
    *(
        policies.Rows(model=model, see=who, add=ENTRY, change=ENTRY, remove=ENTRY, columns=policies.EVERY_COLUMN)
        for model, who in (
            *((model, _FACTOR) for model in (Authenticator, EmailAddress, SocialAccount)),
            *((model, ENTRY) for model in (EmailConfirmation, SocialToken, SocialApp)),
        )
    ),
    inventory.Columns(
        Authenticator,
        plain={"type": inventory.CODES, "data": "sealed by agencies.entrance; public keys of passkeys"},
    ),
    ways_in.FACTOR,
    ways_in.IDENTITY,
    words.Verb("factor.added", "added a way to show who they are"),
    words.Verb("factor.changed", "used up a recovery code, or changed a way to show who they are"),
    words.Verb("factor.removed", "removed a way to show who somebody is"),
    words.Verb("identity.added", "linked somebody to their agency’s own sign-in"),
    words.Verb("identity.removed", "unlinked somebody from their agency’s own sign-in"),
    inventory.Columns(EmailAddress, plain={"email": "not used: nobody is asked for one"}),
    inventory.Columns(EmailConfirmation, plain={"key": "not used"}),
    inventory.Columns(SocialAccount, plain=dict.fromkeys(("provider", "uid", "extra_data"), _STAFF)),
    inventory.Columns(
        SocialApp,
        plain=dict.fromkeys(("provider", "provider_id", "name", "client_id", "secret", "key", "settings"), _NOT_USED),
    ),
    inventory.Columns(SocialToken, plain=dict.fromkeys(("token", "token_secret"), "not kept")),
)
