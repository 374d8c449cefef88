
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('discussion', '0002_paths_sort_by_bytes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='dispute',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('acknowledged', 'The editors are looking'), ('answered', 'Answered, not changed'), ('corrected', 'Corrected'), ('reworded', 'Reworded, to be clearer'), ('evidence-wanted', 'Evidence wanted')], default='open', max_length=16),
        ),
    ]
