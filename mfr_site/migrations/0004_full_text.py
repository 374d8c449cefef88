from django.db import migrations

SQLITE = """
CREATE VIRTUAL TABLE search_text USING fts5(
    kind, title, body,
    content='mfr_site_searchentry', content_rowid='id',
    tokenize='porter unicode61 remove_diacritics 2'
)
"""

# A configuration of our own, because `unaccent` alone may not stand in a generated
# column, and without it "cafe" would not find "café" as it does on SQLite.
POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE TEXT SEARCH CONFIGURATION mfr_english (COPY = english);
ALTER TEXT SEARCH CONFIGURATION mfr_english
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
ALTER TABLE mfr_site_searchentry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('mfr_english', title), 'A')
    || setweight(to_tsvector('mfr_english', body), 'D')
) STORED;
CREATE INDEX search_vector ON mfr_site_searchentry USING gin (vector);
"""


def create_index(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(SQLITE if vendor == "sqlite" else POSTGRESQL)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_text")
        return
    schema_editor.execute(
        "ALTER TABLE mfr_site_searchentry DROP COLUMN vector;"
        "DROP TEXT SEARCH CONFIGURATION mfr_english"
    )


class Migration(migrations.Migration):
    """What full_text.py searches. `vector` is no field of the model: only SQL uses it."""

    dependencies = [("mfr_site", "0003_scheduled_bumps")]
    operations = [migrations.RunPython(create_index, drop_index)]
