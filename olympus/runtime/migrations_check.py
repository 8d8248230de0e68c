"""Whether every model has its migration; needs no database."""

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")
    os.environ.setdefault("SECRET_KEY", "nothing is signed or encrypted here")
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
    django.setup()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1)
    except SystemExit as found:
        sys.exit(found.code)
