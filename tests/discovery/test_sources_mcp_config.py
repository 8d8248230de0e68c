"""MCP servers in the files of Claude, Cursor and VS Code: read, bounded, without their secrets, never started."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources import mcp_config
from apps.discovery.sources.context import SourceContext
from apps.discovery.sources.files.mcp_format import parse_mcp_file
from apps.discovery.sources.files.reading import MAX_BYTES
from olympus.kernel.errors import Invalid

CLAUDE = {
    "mcpServers": {
        "github": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-github"],
            "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "ghp_verysecretverysecret12345"},
        }
    },
    "projects": {
        "/home/ada/shop": {"mcpServers": {"stock": {"type": "http", "url": "http://192.168.1.20:9000/mcp"}}},
        "/home/ada/empty": {"history": []},
    },
}
CURSOR = """{
  "mcpServers": {
    "orders": {
      "url": "http://10.0.0.4:3000/mcp/",  // Streamable HTTP
      "headers": {"Authorization": "Bearer ${env:ORDERS_TOKEN}", "X-Team": "blue"},
    },
  }
}"""
VSCODE = """{
  /* servers of this profile */
  "inputs": [{"type": "promptString", "id": "key", "description": "Key", "password": true}],
  "servers": {
    "memory": {"type": "stdio", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"]},
    "search": {"type": "sse", "url": "https://10.0.0.5/sse?api_key=topsecretvalue"},
  },
}"""


def found_in(content: str | bytes | dict[str, Any], label: str = "Claude") -> list[Candidate]:
    if isinstance(content, dict):
        content = json.dumps(content)
    return list(parse_mcp_file(content.encode() if isinstance(content, str) else content, label).candidates)


def problems_in(content: dict[str, Any]) -> list[str]:
    return [problem.message for problem in parse_mcp_file(json.dumps(content).encode(), "Claude").problems]


def server(**entry: Any) -> dict[str, Any]:
    return {"mcpServers": {"it": entry}}


def test_a_program_of_claude_is_listed_with_its_command_and_without_the_values_of_its_variables() -> None:
    github = found_in(CLAUDE)[0]

    assert github.command == ("npx", "-y", "@modelcontextprotocol/server-github")
    assert github.env_names == ("GITHUB_PERSONAL_ACCESS_TOKEN",)
    assert (github.kind, github.host, github.port, github.name) == (ServiceKind.MCP, "", 0, "github")
    assert "ghp_" not in repr(github)


def test_the_servers_of_a_project_in_claudes_file_are_found_too() -> None:
    stock = found_in(CLAUDE)[1]

    assert (stock.scheme, stock.host, stock.port, stock.path) == ("http", "192.168.1.20", 9000, "/mcp")
    assert stock.is_named


def test_a_server_of_cursor_is_read_past_comments_and_trailing_commas() -> None:
    [orders] = found_in(CURSOR, "Cursor")

    assert (orders.host, orders.port, orders.path) == ("10.0.0.4", 3000, "/mcp")
    assert orders.env_names == ("Authorization", "X-Team")
    assert orders.identity == "Cursor:orders"


def test_the_servers_of_vs_code_are_read_and_a_key_in_an_address_is_left_out() -> None:
    memory, search = found_in(VSCODE, "VS Code")

    assert memory.command == ("npx", "-y", "@modelcontextprotocol/server-memory")
    assert (search.scheme, search.host, search.port, search.path) == ("https", "10.0.0.5", 443, "/sse")
    assert search.env_names == ("api_key",)
    assert "topsecret" not in repr(search)


def test_the_older_place_in_vs_codes_settings_is_read_too() -> None:
    [memory] = found_in({"editor.fontSize": 12, "mcp": {"servers": {"memory": {"command": "mcp-memory"}}}})

    assert memory.command == ("mcp-memory",)


def test_a_disabled_server_is_not_listed() -> None:
    assert found_in(server(command="npx", disabled=True)) == []


def test_a_default_in_an_address_is_used() -> None:
    [it] = found_in(server(type="http", url="${API_BASE:-http://127.0.0.1:4444}/mcp"))

    assert (it.host, it.port, it.path) == ("127.0.0.1", 4444, "/mcp")


@pytest.mark.parametrize("url", ["http://10.0.0.9/${SECRET_KEY}", "${env:PATH}/mcp", "http://h/${input:key}"])
def test_variables_of_the_server_are_never_put_into_an_address(url: str) -> None:
    content = server(type="http", url=url)

    assert found_in(content) == []
    assert "variable" in problems_in(content)[0]


@pytest.mark.parametrize(
    ("command", "arguments", "secret"),
    [
        ("npx", ["-y", "@acme/mcp", "--api-key", "hunter2"], "hunter2"),
        ("npx", ["-y", "@acme/mcp", "--api-key=hunter2"], "hunter2"),
        ("npx", ["-y", "@acme/mcp", "hunter2"], "hunter2"),
        ("docker", ["run", "-i", "--rm", "-e", "TOKEN=hunter2", "acme/mcp"], "hunter2"),
        ("env", ["TOKEN=hunter2", "acme-mcp"], "hunter2"),
        ("TOKEN=hunter2 npx acme-mcp", [], "hunter2"),
        ("bash", ["-c", "export TOKEN=hunter2; acme-mcp"], "hunter2"),
        ("uvx", ["dbhub", "--dsn", "postgresql://ada:hunter2@db/shop"], "hunter2"),
        ("npx", ["mcp-remote", "https://ada:hunter2@10.0.0.1/mcp?key=hunter2"], "hunter2"),
        ("npx", ["mcp-remote", "http://10.0.0.1/sse", "--header", "Authorization: Bearer hunter2"], "hunter2"),
        ("acme-mcp", ["sk-ant-REDACTED"], "sk-ant"),
        ("npx", ["ghp_abcdefghijklmnopqrstuvwxyz012345"], "ghp_"),
        ("npx", ["ada:hunter2@host"], "hunter2"),
    ],
)
def test_what_may_be_a_secret_in_a_command_is_not_kept(command: str, arguments: list[str], secret: str) -> None:
    [it] = found_in(server(command=command, args=arguments))

    assert secret not in repr(it)


def test_what_a_command_starts_stays_readable() -> None:
    arguments = ["run", "-i", "--rm", "--port", "8080", "-v", "/srv/data:/data", "ghcr.io/github/github-mcp-server"]
    [it] = found_in(server(command="docker", args=arguments))

    assert it.command[:6] == ("docker", "run", "-i", "--rm", "--port", "8080")
    assert it.command[-1] == "ghcr.io/github/github-mcp-server"


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"command": ""},
        {"command": 7},
        {"command": ["npx"]},
        {"command": "npx", "args": "all"},
        {"command": "npx", "args": [1]},
        {"command": "npx", "env": ["A=b"]},
        {"url": "unix:///run/mcp.sock"},
        {"url": "http://"},
        {"url": "http://a b/"},
        {"url": "http://" + "a" * 3000},
        {"url": "http://h:99999/"},
        {"type": "http", "url": 5},
    ],
)
def test_an_entry_that_cannot_be_used_is_told_of_and_the_others_stay(entry: dict[str, Any]) -> None:
    content = {"mcpServers": {"bad": entry, "good": {"command": "mcp-memory"}}}

    assert [each.name for each in found_in(content)] == ["good"]
    assert "bad" in problems_in(content)[0]


@pytest.mark.parametrize("entry", [None, 3, "npx", [], True])
def test_an_entry_of_another_type_is_told_of(entry: object) -> None:
    assert problems_in({"mcpServers": {"bad": entry}}) != []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"3",
        b"null",
        b'{"other": 1}',
        b'{"mcpServers": []}',
        b'{"mcpServers": {"a": {"command": "x\x00y"}}}',
        b"\xff\xfe{\x00}\x00",
        b'{"mcpServers": {"\xed\xa0\x80": {}}}',
        b'{"mcpServers": ' + b"[" * 200_000,
        b'{"mcpServers": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
        b'{"mcpServers": {"a": "unclosed',
        b'{"mcpServers": /* unclosed',
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse_mcp_file(content, "Claude")

    assert refused.value.message.endswith(".")


@pytest.mark.parametrize("piece", ["/*", '"', "//", ",", '\\"', "[", "${a", '"\\'])
def test_reading_takes_time_that_grows_with_the_file_alone(piece: str) -> None:
    began = time.perf_counter()

    with pytest.raises(Invalid):
        parse_mcp_file((piece * (1024 * 1024 // len(piece))).encode(), "Claude")

    assert time.perf_counter() - began < 10  # a pattern that goes back would take hours


def test_a_list_of_thousands_is_cut_and_says_so() -> None:
    content = {"mcpServers": {f"s{number}": {"command": "x"} for number in range(5000)}}

    assert len(found_in(content)) == 200
    assert "200" in problems_in(content)[0]


def test_a_file_over_the_limit_is_refused_before_it_is_taken_apart() -> None:
    with pytest.raises(Invalid, match="larger than"):
        parse_mcp_file(b" " * (MAX_BYTES + 1), "Claude")


async def read_home(home: Path) -> tuple[list[str], list[str]]:
    named = await mcp_config.candidates(SourceContext(now=datetime(2026, 11, 21, tzinfo=UTC), home=home))
    return [each.name for each in named.candidates], [each.message for each in named.problems]


async def test_the_files_of_the_account_are_read(tmp_path: Path) -> None:
    (tmp_path / ".claude.json").write_text(json.dumps(CLAUDE))
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text(CURSOR)
    (tmp_path / ".config/Code/User").mkdir(parents=True)
    (tmp_path / ".config/Code/User/mcp.json").write_text(VSCODE)

    names, problems = await read_home(tmp_path)

    assert names == ["github", "stock", "orders", "memory", "search"]
    assert problems == []


async def test_an_account_without_such_files_has_none(tmp_path: Path) -> None:
    assert await read_home(tmp_path) == ([], [])


async def test_a_file_of_fifty_megabytes_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    with (tmp_path / ".claude.json").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text(CURSOR)

    names, problems = await read_home(tmp_path)

    assert names == ["orders"]
    assert "larger than 8 MB" in problems[0]


async def test_a_circle_of_links_a_pipe_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".claude.json").symlink_to(tmp_path / ".claude.json")
    (tmp_path / ".cursor").mkdir()
    os.mkfifo(tmp_path / ".cursor/mcp.json")
    (tmp_path / ".config/Code/User/mcp.json").mkdir(parents=True)

    names, problems = await read_home(tmp_path)

    assert names == []
    assert len(problems) == 3


async def test_nothing_is_read_where_the_owner_turned_it_off(tmp_path: Path) -> None:
    (tmp_path / ".claude.json").write_text(json.dumps(CLAUDE))
    context = SourceContext(now=datetime(2026, 11, 21, tzinfo=UTC), home=None)

    named = await mcp_config.candidates(context)

    assert list(named.candidates) == []


async def test_files_the_owner_named_are_read_and_a_missing_one_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "team.json").write_text(CURSOR)
    paths = (f"{tmp_path}/team.json", f"{tmp_path}/gone.json", "nul\x00byte")

    named = await mcp_config.candidates(SourceContext(now=datetime(2026, 11, 21, tzinfo=UTC), mcp_paths=paths))

    assert [each.identity for each in named.candidates] == ["team.json:orders"]
    assert len(named.problems) == 2
