"""Why something was not imported, in words for people."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.chat.engine.transfer import Format, Reason
from apps.chat.models import TransferJob


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not taken, and why."""

    title: str
    reason: str


def notes_of(job: TransferJob) -> list[Note]:
    """This will put into words what an import did not take."""
    return [
        Note(
            title=" · ".join(filter(None, (entry.get("title", ""), entry.get("detail", "")))) or _("Without a title"),
            reason=reason_in_words(entry.get("reason", "")),
        )
        for entry in job.report
    ]


def format_in_words(name: str) -> str:
    """This will name the product an import comes from."""
    names = {
        Format.CHATGPT.value: "ChatGPT",
        Format.CLAUDE.value: "Claude",
        Format.OPEN_WEBUI.value: "Open WebUI",
        Format.LIBRECHAT.value: "LibreChat",
        Format.OLYMPUS.value: "Olympus",
        Format.MARKDOWN.value: "Markdown",
    }
    return names.get(name, name)


def reason_in_words(reason: str) -> str:
    """This will tell a person why something was not taken, and what to do."""
    return _reasons().get(reason, _("It could not be read."))


def _reasons() -> dict[str, str]:
    return {
        Reason.UNKNOWN_FORMAT: _(
            "This is no export Olympus knows. Take the zip or the conversations.json of ChatGPT or Claude, the JSON of"
            " Open WebUI or LibreChat, or an export of Olympus."
        ),
        Reason.EMPTY: _("There are no conversations in this file."),
        Reason.NOT_JSON: _("This is not JSON from here on. Export it again, and take the file as it comes."),
        Reason.CUT_OFF: _("The file ends in the middle. Download it again; what came before was taken."),
        Reason.BROKEN_ARCHIVE: _("The zip file is damaged. Download it again."),
        Reason.ENCRYPTED_ARCHIVE: _("The zip file has a password. Unpack it and take what is in it."),
        Reason.ARCHIVE_BOMB: _("The zip file swells beyond reason when it is read, so it was left alone."),
        Reason.ARCHIVE_TOO_LARGE: _("The zip file holds more than 2 GB or too many files. Import it in parts."),
        Reason.TOO_LARGE: _("This conversation is larger than one can be here."),
        Reason.NOT_A_CONVERSATION: _("This part of the file is no conversation."),
        Reason.NO_MESSAGES: _("Nothing was said in it."),
        Reason.TOO_MANY_MESSAGES: _("This conversation has more than 50,000 messages."),
        Reason.DELETED_HERE: _("You deleted it here. Restore it first to import it again."),
        Reason.FILE_MISSING: _("The file is not in the export."),
        Reason.FILE_REFUSED: _("Files of this kind cannot be attached here."),
        Reason.FAILED: _("Something went wrong. Try again; what was done is not done twice."),
    }
