from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('discussion', '0006_credentials'),
    ]

    operations = [
        migrations.RenameField(
            model_name='postcredential',
            old_name='level',
            new_name='state',
        ),
        migrations.AlterField(
            model_name='postcredential',
            name='state',
            field=models.CharField(max_length=8),
        ),
    ]
