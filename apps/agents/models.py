"""Runs, their log, and the workers that hold them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.agents.contracts import OVER, RunState
from olympus.kernel.ids import uuid7


class Worker(models.Model):
    """A worker process; its heartbeat is the lease on every run it holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hostname = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.hostname}:{self.pid}"


class Run(models.Model):
    """One piece of work owned by the server: a turn of a conversation, later an agent's task.

    `host` names who gives the prompt and takes the outcome, `subject_id` what it is for
    that host (the answer's message), `thread_id` what it belongs to (the conversation).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    host = models.CharField(max_length=20)
    thread_id = models.UUIDField()
    subject_id = models.UUIDField()
    waits_for = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    api_key_id = models.UUIDField(null=True, editable=False, help_text="The key of the program that ordered it.")
    is_ephemeral = models.BooleanField(default=False, help_text="Nothing of its text is written to the database.")

    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in RunState], default=RunState.QUEUED)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=0)
    is_cancel_requested = models.BooleanField(default=False)

    model = models.CharField(max_length=200, blank=True, help_text="The model asked for; empty for the default.")
    options = models.JSONField(default=dict)
    provider = models.CharField(max_length=200, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    token_count = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveBigIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="run_queued", condition=Q(state=RunState.QUEUED)),
            models.Index(fields=["worker"], name="run_held", condition=~Q(state__in=OVER)),
            models.Index(fields=["owner", "thread_id"], name="run_live_of_owner", condition=~Q(state__in=OVER)),
            models.Index(fields=["owner", "-created_at"], name="run_of_owner"),
            models.Index(F("subject_id"), name="run_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class RunLog(models.Model):
    """Events of a run as they were checkpointed; text of one kind is one row a checkpoint.

    `seq` is the number of the row's last event. Text rows go when the run is over, since
    its host then holds the whole text.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="log")
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=20)
    offset = models.PositiveIntegerField(null=True)
    content = models.TextField(blank=True)
    data = models.JSONField(null=True)
    token_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "run log"
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "seq"], name="run_log_seq")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.seq} {self.kind}"
