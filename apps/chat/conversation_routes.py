"""Conversations, messages, branches and runs by address, below /api/v1/."""

from django.urls import path

from apps.chat.api.branches import BranchesView, BranchView, ForkView
from apps.chat.api.conversations import ConversationRestoreView, ConversationsView, ConversationView
from apps.chat.api.messages import (
    ConversationMessagesView,
    MessageEditView,
    MessageRegenerateView,
    MessageSiblingsView,
    MessageView,
)
from apps.chat.api.runs import RunCancelView, RunEventsView, RunsView, RunView

_CONVERSATION = "conversations/<uuid:conversation_id>"
_MESSAGE = "messages/<uuid:message_id>"
_RUN = "runs/<uuid:run_id>"

urlpatterns = [
    path("conversations", ConversationsView.as_view(), name="api_conversations"),
    path(_CONVERSATION, ConversationView.as_view(), name="api_conversation"),
    path(f"{_CONVERSATION}/restore", ConversationRestoreView.as_view(), name="api_conversation_restore"),
    path(f"{_CONVERSATION}/messages", ConversationMessagesView.as_view(), name="api_conversation_messages"),
    path(f"{_CONVERSATION}/branches", BranchesView.as_view(), name="api_branches"),
    path(f"{_CONVERSATION}/branch", BranchView.as_view(), name="api_branch"),
    path(f"{_CONVERSATION}/fork", ForkView.as_view(), name="api_fork"),
    path(_MESSAGE, MessageView.as_view(), name="api_message"),
    path(f"{_MESSAGE}/siblings", MessageSiblingsView.as_view(), name="api_message_siblings"),
    path(f"{_MESSAGE}/regenerate", MessageRegenerateView.as_view(), name="api_message_regenerate"),
    path(f"{_MESSAGE}/edit", MessageEditView.as_view(), name="api_message_edit"),
    path("runs", RunsView.as_view(), name="api_runs"),
    path(_RUN, RunView.as_view(), name="api_run"),
    path(f"{_RUN}/events", RunEventsView.as_view(), name="api_run_events"),
    path(f"{_RUN}/cancel", RunCancelView.as_view(), name="api_run_cancel"),
]
