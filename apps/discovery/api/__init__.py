"""Discovery over REST: services, scans, grants, rules, the machine."""
