"""The machine's resources over REST."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.discovery.access import require_administrator
from apps.discovery.pages.machine import look_at_machine
from olympus.kernel.rest import operation, query_of


class GpuSerializer(serializers.Serializer[Any]):
    """A graphics processor; null is what it does not tell."""

    index = serializers.IntegerField()
    name = serializers.CharField()
    memory_bytes = serializers.IntegerField(allow_null=True)
    memory_used_bytes = serializers.IntegerField(allow_null=True)
    busy_percent = serializers.IntegerField(allow_null=True)
    temperature_c = serializers.IntegerField(allow_null=True)
    is_split = serializers.BooleanField(help_text="Into parts, as MIG does.")


class MachineSerializer(serializers.Serializer[Any]):
    """The machine as it is now."""

    cpu_count = serializers.IntegerField()
    usable_cpus = serializers.FloatField(help_text="Less than there are where a limit says so.")
    busy_percent = serializers.FloatField(help_text="Of all processors since the last look.")
    load_1m = serializers.FloatField()
    memory_bytes = serializers.IntegerField()
    memory_available_bytes = serializers.IntegerField()
    usable_memory_bytes = serializers.IntegerField(help_text="Less than there is where a limit says so.")
    disk_bytes = serializers.IntegerField(help_text="Of the disk with Olympus' data.")
    disk_free_bytes = serializers.IntegerField()
    is_container = serializers.BooleanField()
    gpus = GpuSerializer(many=True)


class MachineView(APIView):
    """The machine that runs Olympus."""

    @operation("machine_retrieve", summary="Read the machine's resources", tags=["machine"], answers=MachineSerializer)
    def get(self, request: Request) -> Response:
        """Processors, memory, disk and GPUs, and how much of each is in use. For owners and administrators."""
        query_of(request)
        require_administrator(request.actor)
        return Response(dict(MachineSerializer(look_at_machine()).data))
