"""Projects over REST: themselves, their files and their members."""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access.projects import project_for_reading, project_for_using, readable_projects
from apps.chat.selectors.projects import files_of, members_of, projects_named, with_counts
from apps.chat.serializers.attachments import UploadSerializer
from apps.chat.serializers.projects import (
    MemberSerializer,
    NewMemberSerializer,
    NewProjectSerializer,
    ProjectChangeSerializer,
    ProjectFileSerializer,
    ProjectQuery,
    ProjectSerializer,
)
from apps.chat.services import projects
from olympus.kernel.actor import Actor
from olympus.kernel.rest import PageQuery, answer, check_unchanged, once_by_key, operation, page_of, query_of
from olympus.kernel.rest import page_serializer as page
from olympus.kernel.rest.query import body_of

TAGS = ["projects"]


class MembersSerializer(serializers.Serializer[Any]):
    """All of a project's people."""

    results = MemberSerializer(many=True)


def _shown(actor: Actor, project_id: UUID) -> dict[str, Any]:
    project = with_counts(readable_projects(actor), actor.user_id).get(pk=project_id)
    return dict(ProjectSerializer(project).data)


class ProjectsView(APIView):
    """The projects one may use."""

    @operation(
        "projects_list", summary="List projects", tags=TAGS, query=ProjectQuery, answers=page(ProjectSerializer),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List your projects and those you are a member of, by name."""
        actor: Actor = request.actor
        query = query_of(request, ProjectQuery)
        rows = projects_named(with_counts(readable_projects(actor), actor.user_id), query.get("q", ""))
        if "is_archived" in query:
            rows = rows.filter(archived_at__isnull=not query["is_archived"])
        return page_of(request, rows, ProjectSerializer, order="name")

    @operation(
        "projects_create", summary="Begin a project", tags=TAGS, request=NewProjectSerializer,
        answers={201: ProjectSerializer}, errors=(429,), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Begin a project of your own."""
        actor: Actor = request.actor
        body = body_of(request, NewProjectSerializer)
        return once_by_key(
            request, lambda: answer(request, _shown(actor, projects.create_project(actor, **body).pk), status=201)
        )


class ProjectView(APIView):
    """One project."""

    @operation(
        "projects_retrieve", summary="Read a project", tags=TAGS, answers=ProjectSerializer, errors=(404,),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, project_id: UUID) -> Response:
        """Show a project with its instructions."""
        actor: Actor = request.actor
        project_for_reading(actor, project_id)
        return answer(request, _shown(actor, project_id))

    @operation(
        "projects_update", summary="Change a project", tags=TAGS, request=ProjectChangeSerializer,
        answers=ProjectSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request, project_id: UUID) -> Response:
        """Change what is given."""
        actor: Actor = request.actor
        body = body_of(request, ProjectChangeSerializer)
        project_for_using(actor, project_id)
        check_unchanged(request, lambda: _shown(actor, project_id))
        projects.change_project(actor, project_id=project_id, **body)
        return answer(request, _shown(actor, project_id))

    @operation("projects_destroy", summary="Delete a project", tags=TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, project_id: UUID) -> Response:
        """Put a project to rest; for 30 days it can be restored. Its conversations go on without it."""
        actor: Actor = request.actor
        projects.delete_project(actor, project_id=project_id)
        return Response(status=204)


class ProjectRestoreView(APIView):
    """A deleted project, taken back."""

    @operation(
        "projects_restore", summary="Restore a deleted project", tags=TAGS, answers=ProjectSerializer, errors=(404,),
        is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request, project_id: UUID) -> Response:
        """Take a deletion back, within 30 days."""
        actor: Actor = request.actor
        return once_by_key(
            request,
            lambda: answer(request, _shown(actor, projects.restore_project(actor, project_id=project_id).pk)),
        )


class ProjectFilesView(APIView):
    """A project's files."""

    parser_classes = (MultiPartParser,)

    @operation(
        "projects_files", summary="List a project's files", tags=TAGS, query=PageQuery,
        answers=page(ProjectFileSerializer), errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, project_id: UUID) -> Response:
        """List the files, the newest first."""
        query_of(request, PageQuery)
        rows = files_of(project_for_reading(request.actor, project_id))
        return page_of(request, rows, ProjectFileSerializer, order="-id")

    @operation(
        "projects_add_file", summary="Add a file", tags=TAGS, request=UploadSerializer,
        answers={201: ProjectFileSerializer}, errors=(404, 429), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request, project_id: UUID) -> Response:
        """Add a text file of 2 MB at most; pictures belong to messages."""
        actor: Actor = request.actor
        project_for_using(actor, project_id)
        file = body_of(request, UploadSerializer)["file"]

        def store() -> Response:
            added = projects.add_file(
                actor, project_id=project_id, name=file.name, size_bytes=file.size, file=file.file
            )
            return Response(ProjectFileSerializer(added).data, status=201)

        return once_by_key(request, store)


class ProjectFileView(APIView):
    """One file of a project."""

    @operation("projects_remove_file", summary="Remove a file", tags=TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, project_id: UUID, file_id: UUID) -> Response:
        """Remove a file; the next turn no longer has it."""
        actor: Actor = request.actor
        projects.remove_file(actor, project_id=project_id, file_id=file_id)
        return Response(status=204)


class ProjectMembersView(APIView):
    """A project's people."""

    @operation(
        "projects_members", summary="List a project's people", tags=TAGS, answers=MembersSerializer, errors=(404,),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, project_id: UUID) -> Response:
        """List the owner and all members, of whom there are 200 at most."""
        query_of(request)
        people = members_of(project_for_reading(request.actor, project_id))
        return answer(request, {"results": MemberSerializer(people, many=True).data})

    @operation(
        "projects_add_member", summary="Let somebody in", tags=TAGS, request=NewMemberSerializer,
        answers={201: MemberSerializer}, errors=(404, 429), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request, project_id: UUID) -> Response:
        """Let a person of your organization use the project, or change a member's role."""
        actor: Actor = request.actor
        body = {"role": "viewer", **body_of(request, NewMemberSerializer)}

        def let_in() -> Response:
            member = projects.add_member(actor, project_id=project_id, **body)
            people = members_of(project_for_reading(actor, project_id))
            shown = next(person for person in people if person.user == member.user_id)
            return Response(MemberSerializer(shown).data, status=201)

        return once_by_key(request, let_in)


class ProjectMemberView(APIView):
    """One member of a project."""

    @operation(
        "projects_remove_member", summary="Take a member out, or leave", tags=TAGS, answers={204: None},
        errors=(404, 409),
    )  # fmt: skip
    def delete(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        """Take a member out; a member may leave. The next turn of theirs no longer has the project."""
        actor: Actor = request.actor
        projects.remove_member(actor, project_id=project_id, user_id=user_id)
        return Response(status=204)
