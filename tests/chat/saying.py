"""Short ways to say things in tests."""

from io import BytesIO
from uuid import UUID

from django.utils import timezone
from PIL import Image

from apps.agents.models import Run
from apps.chat.attaching import attach_file
from apps.chat.contracts import Receipt
from apps.chat.models import Message
from apps.chat.services import post_message
from olympus.kernel.ids import uuid7
from tests.support.cast import Someone


def post(who: Someone, text: str = "Tell me", **more: object) -> Receipt:
    """Post a message under a client id of its own."""
    return post_message(who.actor, client_id=uuid7().hex, text=text, **more)  # type: ignore[arg-type]


def answer(receipt: Receipt, text: str = "So it is.") -> None:
    """End the run of a stored answer as a worker would have."""
    Run.objects.filter(pk=receipt.run_id).update(state="complete", finished_at=timezone.now())
    Message.objects.filter(pk=receipt.answer).update(state="complete", text=text, model="demo", provider="Script")


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 4)) -> bytes:
    """Draw a picture."""
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def attach(who: Someone, data: bytes | None = None, name: str = "a.png") -> UUID:
    """Upload a file."""
    data = picture() if data is None else data
    return attach_file(who.actor, name=name, size_bytes=len(data), file=BytesIO(data)).pk
