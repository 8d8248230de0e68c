"""What can go wrong with a project."""

from olympus.kernel.errors import Conflict, LimitReached, NotFound


class FileNotFound(NotFound):
    """This project has no such file."""

    code = "project_file_not_found"


class MemberNotFound(NotFound):
    """This project has no such member."""

    code = "project_member_not_found"


class OwnerStays(Conflict):
    """The owner cannot leave a project. Delete it, or leave it to rest in the archive."""

    code = "project_owner_stays"


class ProjectFull(LimitReached):
    """This project holds no more."""

    code = "project_full"
