"""Runs from before the ledger become sums of their days, so that nobody's usage begins anew."""

from django.db import migrations

_SUM_UP = """
INSERT INTO accounts_usageday (
  organization_id, owner_id, api_key_id, day, kind, door, model, provider, requests, errors, cache_hits,
  input_tokens, output_tokens, cached_tokens, cost_nanousd, gpu_ms, latency_ms, ttft_ms, ttft_count
)
SELECT organization_id, owner_id, NULL, (created_at AT TIME ZONE 'UTC')::date, 'chat', 'chat', model, provider,
  count(*), count(*) FILTER (WHERE state IN ('error', 'interrupted')), 0,
  COALESCE(sum(prompt_tokens), 0), COALESCE(sum(token_count), 0), 0, 0, 0,
  COALESCE(sum(extract(epoch FROM finished_at - started_at) * 1000), 0)::bigint, 0, 0
FROM agents_run
WHERE state IN ('complete', 'error', 'cancelled', 'interrupted')
GROUP BY 1, 2, 4, model, provider
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agents', '0002_runs_of_owner'),
        ('accounts', '0005_pool_and_ledger'),
    ]

    operations = [
        migrations.RunSQL(_SUM_UP, migrations.RunSQL.noop),
    ]
