"""The REST operations of discovery by address, below /api/v1/."""

from django.urls import path

from apps.discovery.api import consent, machine, scans, services

urlpatterns = [
    path("services", services.ServicesView.as_view(), name="api_services"),
    path("services/mcp-file", services.McpFileView.as_view(), name="api_services_mcp_file"),
    path("services/<uuid:service_id>", services.ServiceView.as_view(), name="api_service"),
    path("services/<uuid:service_id>/accept", services.ServiceAcceptView.as_view(), name="api_service_accept"),
    path("services/<uuid:service_id>/ignore", services.ServiceIgnoreView.as_view(), name="api_service_ignore"),
    path("services/<uuid:service_id>/restore", services.ServiceRestoreView.as_view(), name="api_service_restore"),
    path("services/<uuid:service_id>/undo", services.ServiceUndoView.as_view(), name="api_service_undo"),
    path("services/<uuid:service_id>/test", services.ServiceTestView.as_view(), name="api_service_test"),
    path("scans", scans.ScansView.as_view(), name="api_scans"),
    path("scans/<uuid:scan_id>", scans.ScanView.as_view(), name="api_scan"),
    path("scan-grants", consent.GrantsView.as_view(), name="api_scan_grants"),
    path("scan-grants/<uuid:grant_id>", consent.GrantView.as_view(), name="api_scan_grant"),
    path("accept-rules", consent.RulesView.as_view(), name="api_accept_rules"),
    path("accept-rules/<uuid:rule_id>", consent.RuleView.as_view(), name="api_accept_rule"),
    path("accept-rules/<uuid:rule_id>/undo", consent.RuleUndoView.as_view(), name="api_accept_rule_undo"),
    path("machine", machine.MachineView.as_view(), name="api_machine"),
]
