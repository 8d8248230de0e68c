"""The formats of files that tell of workloads: each is told by its shape."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, starmap
from typing import Any

from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Workload:
    """A place with labels; `port` is 0 where the file tells none."""

    host: str
    port: int
    name: str
    labels: Any


def workloads_in(document: Any) -> Iterator[Workload]:
    """This will read one document of a file.

    Raises:
        Invalid: it has none of the known shapes.
    """
    match document:
        case None:
            return
        case list():
            yield from chain.from_iterable(map(_in_list, document))
        case {"items": list(items)}:
            yield from chain.from_iterable(map(_service, items))
        case {"kind": "Service"}:
            yield from _service(document)
        case {"services": dict(services)}:
            yield from chain.from_iterable(starmap(_composed, services.items()))
        case _:
            said = _("The file is no list of targets, no docker inspect, no compose file and no Kubernetes service.")
            raise Invalid(said, field="file")


def _in_list(each: Any) -> Iterator[Workload]:
    """A group of targets, as Prometheus reads them from files, or a container of `docker inspect`."""
    match each:
        case {"targets": list(targets)}:
            for target in targets:
                if isinstance(target, str) and (place := _host_and_port(target)):
                    yield Workload(*place, name=target, labels=each.get("labels"))
        case {"Name": str(name), "Config": dict(config)}:
            name = name.removeprefix("/")
            port = _first_port(config.get("ExposedPorts"))
            yield Workload(_address(each.get("NetworkSettings")) or name, port, name, config.get("Labels"))
        case _:
            raise Invalid(_("An entry of the list has neither targets nor a container's name."), field="file")


def _composed(name: Any, service: Any) -> Iterator[Workload]:
    if isinstance(name, str) and isinstance(service, dict):
        port = _first_port(service.get("expose")) or _first_port(service.get("ports"))
        yield Workload(name, port, name, service.get("labels"))


def _service(service: Any) -> Iterator[Workload]:
    match service:
        case {"kind": "Service", "metadata": {"name": str(name), **metadata}}:
            space = metadata.get("namespace")
            host = f"{name}.{space if isinstance(space, str) else 'default'}.svc"
            spec = service.get("spec")
            port = _first_port(spec.get("ports")) if isinstance(spec, dict) else 0
            labels = [metadata.get(each) for each in ("annotations", "labels")]
            merged = {key: value for each in labels if isinstance(each, dict) for key, value in each.items()}
            yield Workload(host, port, name, merged)


def _host_and_port(target: str) -> tuple[str, int] | None:
    host, colon, port = target.rpartition(":")
    if not colon or "]" in port:
        return target, 0
    number = _port(port)
    return (host, number) if host and number else None


def _first_port(ports: Any) -> int:
    """The first port inside the container: of `8080`, `80:8080/tcp`, {"target": 8080}, {"port": 80}, {"8080/tcp": {}}."""
    for each in list(ports)[:50] if isinstance(ports, list | dict) else ():
        if isinstance(each, dict):
            each = each.get("target") or each.get("port")
        if number := _port(str(each).rpartition(":")[2].partition("/")[0]):
            return number
    return 0


def _port(text: str) -> int:
    is_port = text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if is_port and int(text) < 65536 else 0


def _address(settings: Any) -> str:
    """A container's own address, which the machine and its neighbors reach it by."""
    networks = settings.get("Networks") if isinstance(settings, dict) else None
    for network in networks.values() if isinstance(networks, dict) else ():
        address = network.get("IPAddress") if isinstance(network, dict) else None
        try:
            return str(ipaddress.ip_address(address)) if isinstance(address, str) else ""
        except ValueError:
            continue
    return ""
