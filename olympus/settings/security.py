"""Hosts, cookies, headers, accounts, mail."""

import os
from urllib.parse import urlsplit

PORT = int(os.environ.get("OLYMPUS_PORT", "8000"))
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/")
_public = urlsplit(PUBLIC_URL)
_is_https = _public.scheme == "https"

# Without PUBLIC_URL any host may be named: log-in over a LAN works, and origins are
# compared with the request's own host. With it only that host and this machine are served.
ALLOWED_HOSTS = [_public.hostname, "localhost", "127.0.0.1", "[::1]"] if _public.hostname else ["*"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
USE_X_FORWARDED_HOST = False

SESSION_COOKIE_NAME = "olympus_session"
SESSION_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "olympus.kernel.sessions"
CSRF_COOKIE_NAME = "olympus_csrf"
CSRF_COOKIE_SECURE = _is_https
CSRF_COOKIE_HTTPONLY = True  # scripts read the token from the page's meta element
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0  # a year, the least that browsers' lists accept
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# Mail is what a person may add; without it links are shown to the owner instead of sent. It needs PUBLIC_URL:
# without that any host may be named, and whoever asks for another's reset link would choose where it leads.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "") if PUBLIC_URL else ""
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = not EMAIL_USE_SSL and os.environ.get("EMAIL_USE_TLS", "1") != "0"
EMAIL_TIMEOUT = 10  # a person waits for the page meanwhile
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or f"Olympus <olympus@{_public.hostname or 'localhost'}>"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 86_400  # a day: the link may be passed on by hand
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "apps.accounts.forms.SignUpForm",
    "reset_password": "apps.accounts.forms.ResetPasswordForm",
    "change_email": "apps.accounts.forms.ChangeEmailForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_HOST else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = bool(EMAIL_HOST)
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Olympus: "
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _is_https else "http"
ACCOUNT_USER_DISPLAY = "apps.accounts.adapter.display_name"

MFA_ADAPTER = "apps.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Olympus"
MFA_TOTP_TOLERANCE = 1  # one step of 30 s either way, for phones whose clock is off
