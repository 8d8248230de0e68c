"""The organization everybody belongs to until there are more."""

from django.db import migrations


def create_default(apps, schema_editor):
    apps.get_model("accounts", "Organization").objects.get_or_create(is_default=True, defaults={"name": "Olympus"})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create_default, migrations.RunPython.noop)]
