import apps.chat.models.search
import django.db.models.deletion
from django.db import migrations, models


# The database itself notes what changed, so that imports, edits and scripts cannot forget to. It costs a message
# one narrow row; the words are read in the background (services/indexing.py).
_WATCH = """
CREATE FUNCTION chat_note_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chat_searchpending (owner_id, subject_id, is_title) VALUES (NEW.owner_id, NEW.id, false);
    RETURN NULL;
END $$;
CREATE FUNCTION chat_note_title() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chat_searchpending (owner_id, subject_id, is_title) VALUES (NEW.owner_id, NEW.id, true);
    RETURN NULL;
END $$;
CREATE TRIGGER chat_message_written AFTER INSERT ON chat_message
    FOR EACH ROW WHEN (NEW.text <> '') EXECUTE FUNCTION chat_note_message();
CREATE TRIGGER chat_message_rewritten AFTER UPDATE OF text ON chat_message
    FOR EACH ROW WHEN (NEW.text IS DISTINCT FROM OLD.text) EXECUTE FUNCTION chat_note_message();
CREATE TRIGGER chat_title_written AFTER INSERT ON chat_conversation
    FOR EACH ROW EXECUTE FUNCTION chat_note_title();
CREATE TRIGGER chat_title_rewritten AFTER UPDATE OF title ON chat_conversation
    FOR EACH ROW WHEN (NEW.title IS DISTINCT FROM OLD.title) EXECUTE FUNCTION chat_note_title();
"""
_UNWATCH = """
DROP TRIGGER chat_message_written ON chat_message;
DROP TRIGGER chat_message_rewritten ON chat_message;
DROP TRIGGER chat_title_written ON chat_conversation;
DROP TRIGGER chat_title_rewritten ON chat_conversation;
DROP FUNCTION chat_note_message();
DROP FUNCTION chat_note_title();
"""
# No fast update: a search would read the list of what is not sorted in yet from its beginning each time.
_INDEX = """
CREATE INDEX search_words ON chat_searchentry USING gin (words) WITH (fastupdate = off);
ALTER TABLE chat_searchentry ADD CONSTRAINT search_entry_of_conversation
    FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE;
"""
_UNINDEX = """
DROP INDEX search_words;
ALTER TABLE chat_searchentry DROP CONSTRAINT search_entry_of_conversation;
"""
# What is deleted too, since it may be restored. Narrow rows alone: a million of them take seconds, and reading
# the texts can stop and go on.
_FILL = """
INSERT INTO chat_searchpending (owner_id, subject_id, is_title)
    SELECT owner_id, id, true FROM chat_conversation;
INSERT INTO chat_searchpending (owner_id, subject_id, is_title)
    SELECT owner_id, id, false FROM chat_message WHERE text <> '';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0003_times_and_snapshots'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchPending',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('owner_id', models.UUIDField()),
                ('subject_id', models.UUIDField()),
                ('is_title', models.BooleanField()),
            ],
            options={
                'indexes': [models.Index(fields=['owner_id', '-id'], name='search_pending_of')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('owner_id', models.UUIDField()),
                ('is_title', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('words', apps.chat.models.search.WordsField()),
                ('conversation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='chat.conversation')),
            ],
            options={
                'indexes': [models.Index(fields=['owner_id', 'is_title', '-at', '-id'], name='search_newest')],
            },
        ),
        migrations.RunSQL(_INDEX, _UNINDEX),
        migrations.RunSQL(_WATCH, _UNWATCH),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
