"""The Services pages: what was found, networks and rules, scans, the machine."""
