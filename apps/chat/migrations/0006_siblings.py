import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0005_unsent_attachments'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['parent', 'id'], include=['comparison_id'], name='message_siblings'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('parent', None)), fields=['conversation'], name='message_first'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('comparison_id', None), _negated=True), fields=['comparison_id'], name='message_compared'),
        ),
        migrations.AlterField(
            model_name='message',
            name='parent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='chat.message'),
        ),
    ]
