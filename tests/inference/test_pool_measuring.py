"""What Prometheus reads of the servers."""

import pytest

from apps.inference.contracts import ModelInfo, ProviderKind
from apps.inference.engine.health import Outcome
from apps.inference.errors import ProviderFailed
from apps.inference.models import Provider
from apps.inference.pool import POOL, Backend
from olympus.kernel.metrics import rendered
from tests.support.cast import Someone


@pytest.mark.django_db
def test_states_circuits_and_calls_under_way_are_measured(owner: Someone) -> None:
    row = Provider.objects.create(
        organization_id=owner.actor.organization_id, name="Measured", kind="ollama", base_url="http://127.0.0.1:9"
    )
    backend = Backend(
        row.pk, row.name, ProviderKind.OLLAMA, row.base_url, ModelInfo("broken"), 10, 10, 8192, 1, True, lambda: None  # type: ignore[arg-type, return-value]
    )  # fmt: skip
    POOL.note_probe(row.pk, Outcome.ANSWERED, None)
    for _ in range(5):
        POOL.begin(backend).end(ProviderFailed(status=500))
    ticket = POOL.begin(backend)

    text = rendered().decode()
    ticket.end()

    assert 'olympus_model_server{provider="Measured",state="degraded"} 1.0' in text
    assert 'olympus_breaker{model="",provider="Measured"} 0.0' in text
    assert 'olympus_breaker{model="broken",provider="Measured"} 1.0' in text
    assert 'olympus_model_calls_in_flight{provider="Measured"} 1.0' in text
    assert 'olympus_model_calls_in_flight{provider="Measured"} 0.0' in rendered().decode()
