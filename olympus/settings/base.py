"""Apps, middleware, templates, static files."""

import os
import sys

from olympus.settings.environment import DATA, ROOT, postgres_from_url, secret_key

ROOT_DIR = ROOT
SECRET_KEY = secret_key()
SECRET_KEY_FALLBACKS = [k for k in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if k]
DEBUG = False

INSTALLED_APPS = [
    *(["daphne"] if "runserver" in sys.argv else []),  # only that command needs it, and it takes long to load
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_celery_beat",
    "olympus.kernel",
    "olympus.live",
    "apps.accounts",
    "apps.inference",
    "apps.agents",
    "apps.chat",
    "apps.gateway",
    "apps.discovery",
]
MIDDLEWARE = [
    "olympus.security.SecurityHeadersMiddleware",
    "olympus.problems.ApiProblemsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "apps.accounts.middleware.ActorMiddleware",
    "apps.accounts.rates.middleware.RateLimitMiddleware",
    "olympus.page_errors.PageErrorsMiddleware",
]
ROOT_URLCONF = "olympus.urls"
ASGI_APPLICATION = "olympus.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.chat.pages.rail_context",
            ],
            "builtins": ["olympus.kernel.templatetags.olympus"],
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_ROOT = DATA / "files"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# The build writes hashed names below dist/, so those never change under a name.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/.+-[0-9A-Z]{8}\.\w+$"

DATABASES = {"default": postgres_from_url(os.environ.get("DATABASE_URL", "postgresql:///olympus"))}

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.KeyAuthentication",
        "apps.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.accounts.authentication.HasActor"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["olympus.kernel.rest.JsonParser"],
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "olympus.problems.problem_response",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Olympus",
    "DESCRIPTION": "What people do on the pages, for programs. Errors are problem details (RFC 9457). See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TierName": ["fast", "balanced", "powerful"],
        "ServiceKind": [
            "ollama",
            "llamacpp",
            "vllm",
            "sglang",
            "lm_studio",
            "localai",
            "tgi",
            "litellm",
            "model_runner",
            "openai",
            "olympus",
            "mcp",
            "redis",
            "postgres",
            "searxng",
        ],
        "ServiceHealthState": [
            "unknown",
            "healthy",
            "busy",
            "warming",
            "degraded",
            "config_error",
            "rate_limited",
            "unhealthy",
            "offline",
        ],
        "ScanState": "apps.discovery.models.ScanState",
        "RunState": [
            "queued",
            "processing",
            "streaming",
            "tool_execution",
            "complete",
            "error",
            "cancelled",
            "interrupted",
        ],
        "ProjectRole": ["owner", "editor", "viewer"],
        "ContextPartKind": ["system", "project", "file", "history", "attachments"],
        "Role": ["owner", "admin", "member", "viewer"],
        "Scope": ["read", "write", "admin"],
        "MessageRole": ["user", "assistant"],
        "ModelKind": ["ollama", "openai", "builtin", "scripted"],
        "ProviderKind": ["ollama", "openai", "scripted"],
        "NewProviderKind": ["ollama", "openai"],
    },
}
