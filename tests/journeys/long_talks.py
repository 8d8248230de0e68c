"""Long conversations, put into the product's own database at once."""

from tests.journeys.conftest import Product

_MAKE = """
from uuid import uuid4
from django.utils import timezone
from apps.accounts.models import User
from apps.chat.models import Conversation, Message
from olympus.kernel.ids import uuid7

user = User.objects.get(email={email!r})
organization = user.memberships.get().organization
conversation = Conversation.objects.create(
    organization=organization, owner=user, title="A long talk", updated_at=timezone.now()
)
messages = []
for depth in range({length}):
    is_answer = depth % 2 == 1
    number = depth + 1
    text = f"Question {{number}}" if not is_answer else f"Answer {{number}}\\n\\n" + "Words that fill a line or two of the page. " * (number % 9)
    messages.append(Message(
        id=uuid7(), conversation=conversation, organization=organization, owner=user, depth=depth,
        parent=messages[-1] if messages else None, role="assistant" if is_answer else "user", text=text,
    ))
Message.objects.bulk_create(messages, batch_size=1000)
Conversation.objects.filter(pk=conversation.pk).update(active_leaf=messages[-1])
print(conversation.pk)
print(messages[{marked}].pk)
"""


def long_talk(product: Product, email: str, *, length: int, marked: int = 0) -> tuple[str, str]:
    """This will store a conversation of that many messages; gives its id and that of the message `marked` stands for."""
    done = product.stack.manage("shell", "-c", _MAKE.format(email=email, length=length, marked=marked))
    assert done.returncode == 0, done.stdout + done.stderr
    conversation, message = done.stdout.split()[-2:]
    return conversation, message
