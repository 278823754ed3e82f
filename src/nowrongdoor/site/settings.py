"""Django's settings. What differs between machines comes from the environment (docs/running.md lists it all)."""

from __future__ import annotations

import os
import pathlib
import re
import zoneinfo

from django.core import exceptions

from nowrongdoor.access import edge
from nowrongdoor.core import country, country_words, language
from nowrongdoor.line import plan
from nowrongdoor.operating import about, addresses, cluster, mail

HERE = pathlib.Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = cluster.secret_key()
KEY_FILE = cluster.key_file()  # of the key provider `file`
DEMONSTRATION = os.environ.get("NWD_DEMONSTRATION") == "1"
about.installed()  # what cannot be read of it is refused before the first page
plan.installed()
HTTPS = os.environ.get("NWD_HTTPS") == "1"
ALLOWED_HOSTS = os.environ.get("NWD_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_FAILURE_VIEW = "nowrongdoor.site.errors.unsafe_form"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("NWD_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # the widgets' own templates, where the product has none
    "django.contrib.humanize",  # for the pages of django-allauth
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "nowrongdoor",
]
MIDDLEWARE = [
    "nowrongdoor.access.headers.Headers",
    "nowrongdoor.access.encoding.Utf8",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nowrongdoor.agencies.languages.Languages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "nowrongdoor.access.limits.Limits",
    "nowrongdoor.access.proving.Proving",
    "nowrongdoor.access.browsers.Browsers",
    "allauth.account.middleware.AccountMiddleware",
    "nowrongdoor.access.idle.Idle",
    "nowrongdoor.site.errors.Gone",
    "nowrongdoor.site.errors.OtherMethod",
]
ROOT_URLCONF = "nowrongdoor.site.urls"
ASGI_APPLICATION = "nowrongdoor.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,  # the texts of django-allauth, in our frame and elements
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "nowrongdoor.ui.context.page",
                "nowrongdoor.mandates.context.table",
                "nowrongdoor.notifications.context.unseen",
            ],
            "builtins": [
                "nowrongdoor.ui.tags",
                "nowrongdoor.ui.languages",
                "nowrongdoor.ui.components",
                "nowrongdoor.ui.still",
                "nowrongdoor.door.tags",
            ],
        },
    }
]
FORM_RENDERER = "nowrongdoor.ui.rendering.Renderer"

# The process says as whom it connects: `owner` only for migrations, never to serve.
_address = cluster.address(cluster.OWNER if os.environ.get("NWD_ROLE") == "owner" else cluster.APP)
# A web process answers each request on a thread of its own: these share connections through a pool. It gives up soon on
# a server that is gone, because it waits twice as long before each next try; whoever asks then makes it try anew.
_pool = {"min_size": 2, "max_size": 16, "timeout": 30, "reconnect_timeout": 5}
_options = {"pool": _pool} if os.environ.get("NWD_POOL") == "1" else {}
DATABASES = {
    "default": {**addresses.for_django(_address, **_options), "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_IMPORT_PATHS = [
    "nowrongdoor.intake.tasks",
    "nowrongdoor.leads.tasks",
    "nowrongdoor.line.tasks",
    "nowrongdoor.notifications.tasks",
    "nowrongdoor.operating.tasks",
    "nowrongdoor.prevalence.tasks",
    "nowrongdoor.records.tasks",
    "nowrongdoor.referrals.tasks",
    "nowrongdoor.wrapup.tasks",
]

AUTH_USER_MODEL = "nowrongdoor.User"
AUTHENTICATION_BACKENDS = ["nowrongdoor.agencies.entrance.Backend"]
ACCOUNT_ADAPTER = "nowrongdoor.agencies.entrance.Account"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "sign_in"
# One way of counting: agencies/guessing.py counts wrong tries, access/limits.py everything that is sent.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "change_password": "nowrongdoor.agencies.forms.ChangePassword",
    "login": "nowrongdoor.agencies.forms.SignIn",
}
MFA_ADAPTER = "nowrongdoor.agencies.entrance.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # the key asks for a PIN, fingerprint or face: it alone is two factors
MFA_FORMS = {
    "authenticate": "nowrongdoor.agencies.forms.Code",
    "reauthenticate": "nowrongdoor.agencies.forms.CodeAgain",
    "add_webauthn": "nowrongdoor.agencies.passkeys.Add",
    "authenticate_webauthn": "nowrongdoor.agencies.passkeys.SecondStep",
    "login_webauthn": "nowrongdoor.agencies.passkeys.Alone",
    "reauthenticate_webauthn": "nowrongdoor.agencies.passkeys.Again",
}
MFA_TOTP_TOLERANCE = 1  # a code of half a minute ago still works
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_ADAPTER = "nowrongdoor.agencies.providers.Social"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": cluster.identity_providers(), "OAUTH_PKCE_ENABLED": True}}
CACHES = {
    "default": {"BACKEND": "nowrongdoor.access.cache.Cache"}
}  # never one that unpickles: tests/access/test_cache.py
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["nowrongdoor.agencies.passwords.Argon2"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
SESSION_ENGINE = "nowrongdoor.access.sessions"
SESSION_COOKIE_AGE = 30 * 60  # seconds without a click
SESSION_WARNING = 5 * 60  # seconds before its end that a page says so (front/scripts/stay.js)
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The virus scanner (docs/running.md). Without a word about it, a file comes in only after a scan; the demonstration has
# fictional files alone.
CLAMD = os.environ.get("NWD_CLAMD", "")
SCAN = os.environ.get("NWD_SCAN", "off" if DEMONSTRATION else "required")
if SCAN not in ("required", "off"):
    raise exceptions.ImproperlyConfigured(f"NWD_SCAN cannot be {SCAN!r}: write 'required' or 'off'.")
# Mail (docs/running.md). What is to leave waits in the outbox; the worker hands it to this server.
MAIL = mail.read(os.environ)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = MAIL.host, MAIL.port, mail.TIMEOUT
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.security == mail.STARTTLS, MAIL.security == mail.TLS
DATA_UPLOAD_MAX_MEMORY_SIZE = edge.BODY_LIMIT
# How long a draft of a signal is kept after its last change (docs/running.md).
DRAFT_HOURS = os.environ.get("NWD_DRAFT_HOURS", "24")
if not re.fullmatch("[1-9][0-9]{0,2}", DRAFT_HOURS) or int(DRAFT_HOURS) > 168:
    raise exceptions.ImproperlyConfigured(
        f"NWD_DRAFT_HOURS cannot be {DRAFT_HOURS!r}: write how many hours a draft is kept after its last change, "
        "from 1 to 168."
    )
# A file that is being sent stays in memory, because on disk it would be neither sealed nor ever surely erased. The
# first is also how much of a request the framework's server side holds before it would write a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = edge.UPLOAD_LIMIT
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

_country = country.installed()
LANGUAGE_CODE = _country.languages[0]
LANGUAGES = [(code, language.name_of(code)) for code in _country.offered]
PUBLIC_LANGUAGES = [(code, language.name_of(code)) for code in country_words.offered_to_public()]
LOCALE_PATHS = (*language.folders(), *language.public_folders())
FORMAT_MODULE_PATH = "nowrongdoor.ui.formats"
TIME_ZONE = os.environ.get("NWD_TIME_ZONE", _country.time_zone)
if TIME_ZONE not in zoneinfo.available_timezones():
    raise exceptions.ImproperlyConfigured(f"NWD_TIME_ZONE cannot be {TIME_ZONE!r}: write it like 'America/New_York'.")
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = HERE / "ui" / "static"  # what front/build.py made; served from where it is
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 300

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "nowrongdoor.operating.logs.Plain", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
