from django.db import migrations

# An index for each kind: finding an article must not cost more with every post.
KINDS = ("revision", "post")

SQLITE = """
CREATE VIRTUAL TABLE search_{kind} USING fts5(
    title, body,
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
"""
POSTGRESQL_INDEX = """
CREATE INDEX search_{kind} ON mfr_site_searchentry USING gin (vector)
WHERE kind = '{kind}'
"""


def create_index(apps, schema_editor):
    index = SQLITE
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        index = POSTGRESQL_INDEX
    for kind in KINDS:
        schema_editor.execute(index.format(kind=kind))


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE mfr_site_searchentry DROP COLUMN vector")
        schema_editor.execute("DROP TEXT SEARCH CONFIGURATION mfr_english")
        return
    for kind in KINDS:
        schema_editor.execute(f"DROP TABLE search_{kind}")


class Migration(migrations.Migration):
    """What full_text.py searches. `vector` is no field of the model: only SQL uses it."""

    dependencies = [("mfr_site", "0002_cache_table")]
    operations = [migrations.RunPython(create_index, drop_index)]
