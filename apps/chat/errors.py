"""What can go wrong with a conversation."""

from olympus.kernel.errors import Conflict, Denied, Invalid, LimitReached, NotFound


class ConversationNotFound(NotFound):
    """This conversation does not exist, or it is another person's."""

    code = "conversation_not_found"


class MessageNotFound(NotFound):
    """This message does not exist, or it is another person's."""

    code = "message_not_found"


class ProjectNotFound(NotFound):
    """This project does not exist, or you are not a member of it."""

    code = "project_not_found"


class TemporaryGone(NotFound):
    """This temporary conversation has ended; nothing of it was kept. Begin a new one."""

    code = "temporary_gone"


class AnswerRunning(Conflict):
    """The answer is still being written. Stop it first, then ask for another."""

    code = "answer_running"


class TemporaryStays(Conflict):
    """A temporary conversation cannot be forked, since the fork would be kept. Copy what you need."""

    code = "temporary_stays"


class AttachmentRefused(Invalid):
    """This file cannot be attached."""

    code = "attachment_refused"


class TooManyFiles(LimitReached):
    """You have uploaded 200 files or 500 MB that no message was sent with. Send or remove some first."""

    code = "too_many_files"


class TransferNotFound(NotFound):
    """This import or export does not exist, or it is another person's."""

    code = "transfer_not_found"


class TransfersBusy(LimitReached):
    """Two of your imports and exports are still at work. Wait for one to finish, or cancel it."""

    code = "transfers_busy"


class TransferOver(Conflict):
    """This is over already."""

    code = "transfer_over"


class ShareLinkNotFound(NotFound):
    """This link does not exist, or it has ended."""

    code = "share_link_not_found"


class SharingOff(Denied):
    """Sharing by link is switched off here. An owner can switch it on."""

    code = "sharing_off"
