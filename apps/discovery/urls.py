"""The Services pages by address."""

from django.urls import path

from apps.discovery.views import machine, networks, scans, services

urlpatterns = [
    path("settings/services/", services.listing, name="services"),
    path("settings/services/scan/", services.scan, name="services_scan"),
    path("settings/services/mcp-file/", services.propose_file, name="services_mcp_file"),
    path("settings/services/scans/", scans.listing, name="services_scans"),
    path("settings/services/machine/", machine.show, name="services_machine"),
    path("settings/services/networks/", networks.listing, name="services_networks"),
    path("settings/services/networks/grant/", networks.grant, name="grant_add"),
    path("settings/services/networks/<uuid:grant_id>/revoke/", networks.revoke, name="grant_revoke"),
    path("settings/services/rules/add/", networks.add_rule, name="rule_add"),
    path("settings/services/rules/<uuid:rule_id>/switch/", networks.switch_rule, name="rule_switch"),
    path("settings/services/rules/<uuid:rule_id>/remove/", networks.remove_rule, name="rule_remove"),
    path("settings/services/rules/<uuid:rule_id>/undo/", networks.undo_rule, name="rule_undo"),
    path("settings/services/<uuid:service_id>/<str:verb>/", services.act, name="service_act"),
]
