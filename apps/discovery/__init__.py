"""Discovery: the services of this machine and of granted networks, found, proposed and watched."""
