from django.db import migrations, models

NUMBER = """
UPDATE kernel_settingversion SET number = counted.number FROM (
    SELECT id, row_number() OVER (PARTITION BY name ORDER BY id) AS number FROM kernel_settingversion
) AS counted WHERE kernel_settingversion.id = counted.id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='settingversion',
            name='number',
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='settingversion',
            name='is_default',
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='settingversion',
            name='name',
            field=models.CharField(max_length=100),
        ),
        migrations.AddConstraint(
            model_name='settingversion',
            constraint=models.UniqueConstraint(fields=('name', 'number'), name='setting_version_once'),
        ),
        migrations.AlterModelOptions(
            name='settingversion',
            options={'ordering': ['-changed_at', '-id']},
        ),
    ]
