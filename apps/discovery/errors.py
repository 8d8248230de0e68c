"""What can go wrong in discovery beyond what its engine refuses."""

from olympus.kernel.errors import Conflict, Denied, Invalid


class ScanUnderWay(Conflict):
    """A scan is running. Wait until it has ended, then ask again."""

    code = "scan_under_way"


class NotThisMachines(Denied):
    """Only the organization that runs this machine may look around it."""

    code = "not_this_machines"


class CannotTest(Conflict):
    """This is a program that would have to be started; Olympus starts none."""

    code = "cannot_test"


class NothingToUndo(Conflict):
    """There is nothing to take back, or it was changed since."""

    code = "nothing_to_undo"


class EmptyRule(Invalid):
    """Fill in a product, a network or a source: a rule that matches everything is none."""

    code = "empty_rule"


class NetworkMalformed(Invalid):
    """Write a network like 192.168.1.0/24, or the name of one host."""

    code = "network_malformed"
