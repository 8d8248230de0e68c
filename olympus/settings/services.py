"""The services beside the web process: broker, channel layer, cache, logs."""

import os
import sys

REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")

# The clients spell a unix socket differently; TCP addresses are the same for all.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # there are none to clean up, so that the scheduler gets no task for it
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A web process must notice within a breath that the broker is down; the sweeper takes such runs up.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": None}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_ROUTES = {"apps.agents.tasks.take_up_run": {"queue": "runs"}}
# Read from the database, where an owner may change them; apps/discovery/services/schedules.py writes these there.
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
OLYMPUS_SCHEDULES: dict[str, dict[str, str | int]] = {
    "forget answered requests": {"task": "olympus.kernel.tasks.forget_answered_requests", "every_s": 86400},
    "expired answers": {"task": "apps.inference.tasks.forget_expired_answers", "every_s": 600},
    "models": {"task": "apps.inference.tasks.refresh_models", "every_s": 60},
    "model servers": {"task": "apps.inference.tasks.look_at_servers", "every_s": 10, "expires_s": 10},
    "model memory": {"task": "apps.inference.tasks.manage_memory", "every_s": 10, "expires_s": 10},
    "rate limits": {"task": "apps.accounts.tasks.follow_the_load", "every_s": 10, "expires_s": 10},
    "lost calls": {"task": "apps.accounts.tasks.charge_lost_calls", "every_s": 60},
    "transfers": {"task": "apps.chat.tasks.take_up_transfers", "every_s": 15},
    "old transfers": {"task": "apps.chat.tasks.remove_old_transfer_files", "every_s": 3600},
    "search index": {"task": "apps.chat.tasks.read_changed_texts", "every_s": 10, "expires_s": 10},
    "services": {"task": "apps.discovery.tasks.look_at_services", "every_s": 10, "expires_s": 10},
    "look around": {"task": "apps.discovery.tasks.look_around", "every_s": 60, "expires_s": 60},
    "look at networks": {"task": "apps.discovery.tasks.look_at_networks", "every_s": 86400, "expires_s": 3600},
    "housekeeping": {"task": "apps.chat.tasks.remove_deleted_conversations", "every_s": 3600},
}

# One second: a sign-in may wait that long for Valkey, then goes on without (olympus/kernel/cache.py).
_CACHE_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1}
CACHES = {"default": {"BACKEND": "olympus.kernel.cache.SteadyCache", "LOCATION": REDIS_URL, "OPTIONS": _CACHE_OPTIONS}}
# socket_timeout None: redis-py's default would end an idle subscription after 5 s.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}

# redis-py loads the whole of OpenTelemetry where it is installed; here it does not find it unless it is wanted.
if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") and "opentelemetry" not in sys.modules:
    sys.modules["opentelemetry"] = None  # type: ignore[assignment]  # how Python marks what is not to be had
    import redis.observability.providers  # noqa: F401 - for what it does not find

    del sys.modules["opentelemetry"]

# Imported only where it is configured: it costs every process memory and start-up time.
if SENTRY_DSN := os.environ.get("SENTRY_DSN", ""):
    import sentry_sdk

    from olympus.kernel.masking import masked_report

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=masked_report,
    )

# Lines for people in a terminal, JSON where a file or a collector reads; LOG_FORMAT (line, json) decides otherwise.
LOG_FORMAT = os.environ.get("LOG_FORMAT") or ("line" if sys.stderr.isatty() else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "olympus.kernel.logs.JsonLines"},
    },
    "filters": {
        "outages": {"()": "olympus.kernel.logs.Outages"},
        "links": {"()": "olympus.kernel.masking.MaskedLinks"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line" if LOG_FORMAT == "line" else "json",
            "filters": ["outages", "links"],
        }
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}

# Lets a scraper read /metrics that is no administrator.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

# How long a worker lets answers finish when it is stopped, and then how long it may take to store the rest.
OLYMPUS_DRAIN_S = float(os.environ.get("OLYMPUS_DRAIN_S", "5"))
OLYMPUS_STORE_S = 4.0
