"""The one settings file. Everything a deployment may change is read from the environment by strict readers."""

import datetime
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal import basemaps
from portal.env import env_bool, env_int, env_list, env_str

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env_bool("DEBUG", False)
# The demo has accounts with known passwords and opens precise control lines to everyone: never for real data.
DEMO = env_bool("DEMO", False)
if DEBUG and not DEMO:
    raise ImproperlyConfigured("DEBUG=true is refused outside the demo (DEMO=true).")
SECRET_KEY = env_str("SECRET_KEY")
if not DEBUG and (len(SECRET_KEY) < 40 or SECRET_KEY.startswith(("django-insecure", "change"))):
    raise ImproperlyConfigured("SECRET_KEY must be at least 40 random characters and not a default.")
# Seal names, telephone and identity numbers; the first seals, the others still open what was sealed before.
PERSONAL_DATA_KEYS = env_list("PERSONAL_DATA_KEYS") or [SECRET_KEY]
# Seals the record of acts.
AUDIT_KEY = env_str("AUDIT_KEY", "") or SECRET_KEY
# Where the end of that record is written down every day; a copy belongs on another machine.
AUDIT_ANCHOR = env_str("AUDIT_ANCHOR", str(BASE_DIR / ".local" / "audit-anchor.txt"))
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
SITE_URL = env_str("SITE_URL", "http://127.0.0.1:8000")
if not DEMO and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS may not hold * outside the demo.")
HTTPS = SITE_URL.startswith("https://")
# Who acts for others signs in with a code as well; the demo's accounts do so only if this is set to true.
SECOND_FACTOR = env_bool("SECOND_FACTOR", not DEMO)
if not SECOND_FACTOR and not DEMO:
    raise ImproperlyConfigured("SECOND_FACTOR=false is refused outside the demo (DEMO=true).")
# Host names under which /admin/ answers; the gateway must not route them from the public network.
ADMIN_HOSTS = env_list("ADMIN_HOSTS", ",".join(ALLOWED_HOSTS) if DEMO else "")

INSTALLED_APPS = [
    "portal",
    "villages",
    "planning",
    "indicators",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "axes",
    "csp",
    "leaflet",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rules.apps.AutodiscoverRulesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.PermissionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.bodies.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.sessions.SessionLimitsMiddleware",
    "portal.side_door.AdministrationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.errors.PortalErrorMiddleware",
    "portal.middleware.UnreadQueryMiddleware",
    "portal.names_shown.NamesShownMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "portal.context.portal",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "HOST": env_str("DB_HOST"),
        "PORT": env_str("DB_PORT", "5432"),
        "NAME": env_str("DB_NAME", "portal"),
        "USER": env_str("DB_USER", "portal"),
        "PASSWORD": env_str("DB_PASSWORD", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c statement_timeout=60000 -c lock_timeout=5000"},
    }
}
REDIS_URL = env_str("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: a locked account is not even compared
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.passwords.LocalPasswords"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
# Account and address together: who is attacked from elsewhere is not shut out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "portal.lockout.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # who signed in is in the record of acts
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "csrfmiddlewaretoken"]  # beside the password
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env_str("STATIC_ROOT", str(BASE_DIR / ".local" / "static"))
# Only what esbuild made is served: the sources import npm packages by name, which no browser can follow.
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist"), ("img", BASE_DIR / "static" / "img")]
MEDIA_ROOT = env_str("MEDIA_ROOT", str(BASE_DIR / ".local" / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Leaflet finds its marker images by their unhashed names; the manifest must not fail on what vendors left out.
WHITENOISE_MANIFEST_STRICT = False
# Source maps of the API page are megabytes nobody reads over a slow line; compressing them took most of the build.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2", "map")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages name the hashed ones; compressing the others too would double the work
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_MB", 100) * 1024 * 1024
# The document behind an authorised exception.
DOCUMENT_MAX_BYTES = env_int("DOCUMENT_MAX_MB", 20) * 1024 * 1024
# A photo that goes with a comment, as it is sent; kept are pictures of some hundred kilobytes.
PHOTO_MAX_BYTES = env_int("PHOTO_MAX_MB", 15) * 1024 * 1024
# What uploads must leave free on the disk of MEDIA_ROOT; below it they are turned away (507).
UPLOAD_MIN_FREE_BYTES = env_int("UPLOAD_MIN_FREE_MB", 1024) * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "portal.bodies.IncomingFiles"]
# One polygon checked while it is drawn: its vertices, things of one kind around it, seconds the database may take for them.
DRAWN_MAX_VERTICES = env_int("DRAWN_MAX_VERTICES", 2000)
DRAWN_MAX_AROUND = env_int("DRAWN_MAX_AROUND", 2000)
DRAWN_SECONDS = env_int("DRAWN_SECONDS", 5)
# for how long readers without an office are told the same of results that may be out of date
STALE_KEPT_SECONDS = 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# __Host-: the browser takes such a cookie over https only, for this host and no other, and for the whole of it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = COOKIE_PREFIX + "sessionid"
CSRF_COOKIE_NAME = COOKIE_PREFIX + "csrftoken"
LANGUAGE_COOKIE_NAME = COOKIE_PREFIX + "django_language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the forms of their page
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60  # portal/sessions.py holds to it on the server
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
SILENCED_SYSTEM_CHECKS = [
    "axes.W002",  # portal/lockout.py says in words what its middleware would
    "security.W008",  # the proxy in front redirects to https
    "gis.W001",  # no file and no text from outside reaches Django's own GDAL: uploads are read in a jailed child (portal/geo)
]
# Pictures of other hosts under the portal's own map; none by default, and then nothing leaves the server.
BASE_MAPS = basemaps.read(env_str("BASE_MAPS", ""), https=HTTPS)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        # Leaflet places its panes through the style property of elements, which CSP allows; no inline styles are needed.
        "img-src": [SELF, "data:", "blob:", *basemaps.hosts(BASE_MAPS)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Letters: a mail server, or a folder of files that nobody gets (the demo); neither: the portal sends no mail and offers none.
EMAIL_HOST = env_str("EMAIL_HOST", "")
EMAIL_PORT = env_int("EMAIL_PORT", 465)
EMAIL_HOST_USER = env_str("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env_str("EMAIL_PASSWORD", "")
EMAIL_USE_SSL = env_bool("EMAIL_SSL", True)
EMAIL_USE_TLS = env_bool("EMAIL_STARTTLS", False)
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = env_str("EMAIL_FILES", str(BASE_DIR / ".local" / "mail") if DEMO and not EMAIL_HOST else "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
MAIL_SET_UP = bool(EMAIL_HOST or EMAIL_FILE_PATH)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env_str("EMAIL_FROM", "") or "portal@localhost"
if EMAIL_HOST and DEFAULT_FROM_EMAIL == "portal@localhost":
    raise ImproperlyConfigured("EMAIL_FROM is not set: letters need the address they come from.")
if EMAIL_USE_SSL and EMAIL_USE_TLS:
    raise ImproperlyConfigured("EMAIL_SSL and EMAIL_STARTTLS exclude each other.")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # Job.attempts ends the loop a poison task would make of this
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800, "socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "portal.sweep_jobs", "schedule": 15.0},
    "beat-heartbeat": {"task": "portal.heartbeat", "schedule": 20.0},
    "calendar": {"task": "planning.keep_calendar", "schedule": 60.0},
    "anchor-audit": {"task": "portal.anchor_audit", "schedule": 86400.0},
    "forget-ended": {"task": "portal.forget_ended", "schedule": 3600.0},
    "retention": {"task": "portal.apply_retention", "schedule": 86400.0},
    "prune-results": {"task": "indicators.prune_results", "schedule": 86400.0},
    "prune-sheets": {"task": "planning.prune_sheets", "schedule": 86400.0},
    "sweep-photos": {"task": "planning.sweep_photos", "schedule": 3600.0},
    "send-mail": {"task": "portal.send_mail", "schedule": 600.0},
    "remind-obligations": {"task": "planning.remind_obligations", "schedule": 3600.0},
    "tell-followers": {"task": "planning.tell_followers_today", "schedule": 3600.0},
}

# A job whose worker gave no sign of life for so long is taken up again; one that waits for so long is sent again.
JOB_LEASE_SECONDS = env_int("JOB_LEASE_SECONDS", 60)
JOB_RESEND_SECONDS = env_int("JOB_RESEND_SECONDS", 300)
# How many accounts the code of one household opens.
HOUSEHOLD_CODE_ACCOUNTS = env_int("HOUSEHOLD_CODE_ACCOUNTS", 8)
# How many comments a day the accounts of one household write together, as long as their identities are not verified.
HOUSEHOLD_COMMENTS_A_DAY = env_int("HOUSEHOLD_COMMENTS_A_DAY", 30)
# How many workers share a computation of all villages of a division.
SWEEP_WORKERS = env_int("SWEEP_WORKERS", 2)
# What computing one plan may take on top of what its worker holds, and how long; 0 megabytes: no child, no limits.
JUDGE_MEMORY_MB = env_int("JUDGE_MEMORY_MB", 3000)
JUDGE_SECONDS = env_int("JUDGE_SECONDS", 300)
# How often one person may ask a day what a comment would change: each asks for the computation of a plan.
WHAT_IFS_A_DAY = env_int("WHAT_IFS_A_DAY", 30)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "portal.tokens.AccessTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "portal.errors.drf_handler",
    # how many proxies of ours stand in front: what lies before them in X-Forwarded-For is the visitor's own word
    "NUM_PROXIES": env_int("TRUSTED_PROXIES", 0),
    "DEFAULT_THROTTLE_CLASSES": ["portal.api_throttles.StrangerThrottle", "portal.api_throttles.PersonThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "api_stranger": env_str("API_STRANGER_RATE", "6000/min"),
        "api_person": env_str("API_PERSON_RATE", "600/min"),
        "login": env_str("LOGIN_RATE", "20/min"),
        "login_account": "20/hour",  # like the lock of axes above: no deployment needs another one
        "household_code": env_str("HOUSEHOLD_CODE_RATE", "20/min"),
        "household_code_all": env_str("HOUSEHOLD_CODE_RATE_ALL", "600/hour"),
        "comment": env_str("COMMENT_RATE", "30/hour"),
        "photo": env_str("PHOTO_RATE", "60/hour"),
        "support": env_str("SUPPORT_RATE", "120/hour"),
        "drawing": env_str("DRAWING_RATE", "600/min"),
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Village Planning Portal API · 村庄规划门户接口",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ConsentPurposeEnum": "portal.models.people.Consent.Purpose",
        "LookPurposeEnum": "portal.people.PURPOSES",
        "GradeEnum": "portal.grades.Grade",
        "ChannelEnum": "planning.models.participation.Channel",
        "EnteredChannelEnum": "planning.on_behalf.ENTERED_CHOICES",
        "PlanStateEnum": "planning.models.plans.State",
        "TrackEnum": "planning.models.plans.Track",
        "DepartmentEnum": "portal.models.accounts.Department",
        "RoundFormEnum": "planning.models.evidence.VillagerRound.Form",
        "AssemblyFormEnum": "planning.models.evidence.Assembly.Form",
        "DrawingStateEnum": "planning.models.drawings.Drawing.State",
        "ProjectStateEnum": "planning.models.projects.Project.State",
        "JobStateEnum": "portal.models.jobs.Job.State",
        "UploadStateEnum": "portal.models.files.Upload.State",
        "TableStateEnum": "villages.models.tables.TableImport.State",
        "WaiverStateEnum": "planning.models.findings.Waiver.State",
        "WhatIfStateEnum": "indicators.models.whatifs.WhatIf.State",
        "FindingCategoryEnum": "planning.models.findings.Finding.Category",
        "DivisionLevelEnum": "villages.models.divisions.Division.Level",
        "VillageTypeEnum": "villages.models.villages.VillageType",
        "IssueLevelEnum": ["error", "warning"],
        "FollowKindEnum": ["village", "plan", "area"],
        "HamletKindEnum": "villages.models.households.Hamlet.Kind",
        "BadgeKindEnum": ["changes", "stays", "unknown"],
        "MarkKindEnum": "planning.models.papers.ScanMark.Kind",
        "ScanStateEnum": "planning.models.papers.Scan.State",
        "HowOftenEnum": "portal.mail_addresses.HowOften",
    },
    "PATH_CONVERTER_OVERRIDES": {
        "id": {"type": "string", "minLength": 12, "maxLength": 12},
        "code": {"type": "string", "pattern": "^[0-9]{12}$"},
    },
}

LEAFLET_CONFIG = {
    # No foreign base map: the county's own layers are the map, and nothing leaves the server.
    "TILES": [],
    "DEFAULT_CENTER": (36.18, 116.77),
    "DEFAULT_ZOOM": 11,
    "MIN_ZOOM": 8,
    "MAX_ZOOM": 19,
    "RESET_VIEW": False,
    "ATTRIBUTION_PREFIX": "",
    "SCALE": "metric",
    "NO_GLOBALS": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"unnumbered": {"()": "portal.sealing.UnnumberedLogs"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["unnumbered"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # not a line for every sign-in that is right, none for every letter of a PDF
    "loggers": {"axes": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}
