import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import olympus.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_usage_by_day"),
        ("inference", "0003_models_managed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MemoryPin",
            fields=[
                ("id", models.UUIDField(default=olympus.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("model", models.CharField(max_length=200, verbose_name="model")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("organization", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization")),
                ("pinned_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("provider", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="inference.provider")),
            ],
            options={
                "verbose_name": "pinned model",
                "ordering": ["provider", "model"],
                "constraints": [models.UniqueConstraint(fields=("provider", "model"), name="memory_pin_once")],
            },
        ),
    ]
