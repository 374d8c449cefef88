from django.db import migrations


def give_c_collation(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            'ALTER TABLE discussion_post ALTER COLUMN path TYPE varchar(500) COLLATE "C"'
        )


class Migration(migrations.Migration):
    """A branch is a range of paths, which must sort as bytes whatever the database's
    language. SQLite's columns do; Django can give the collation only to both or none."""

    dependencies = [("discussion", "0001_initial")]
    operations = [migrations.RunPython(give_c_collation, migrations.RunPython.noop)]
