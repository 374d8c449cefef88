from django.db import migrations

KINDS = ("revision", "post")


def statements(vendor):
    if vendor == "sqlite":
        yield "DROP TABLE search_text"
        for kind in KINDS:
            yield f"""
                CREATE VIRTUAL TABLE search_{kind} USING fts5(
                    title, body,
                    content='mfr_site_searchentry', content_rowid='id',
                    tokenize='porter unicode61 remove_diacritics 2'
                )"""
            yield (
                f"INSERT INTO search_{kind} (rowid, title, body)"  # noqa: S608 - KINDS
                f" SELECT id, title, body FROM mfr_site_searchentry WHERE kind = '{kind}'"
            )
        return
    yield "DROP INDEX search_vector"
    for kind in KINDS:
        yield f"""
            CREATE INDEX search_{kind} ON mfr_site_searchentry USING gin (vector)
            WHERE kind = '{kind}'"""


def divide_index(apps, schema_editor):
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """An index for each kind: finding an article must not cost more with every post."""

    dependencies = [("mfr_site", "0007_site_rules")]
    operations = [migrations.RunPython(divide_index)]
