"""What can go wrong with a conversation."""

from olympus.kernel.errors import Conflict, Invalid, NotFound


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


class AttachmentRefused(Invalid):
    """This file cannot be attached."""

    code = "attachment_refused"
