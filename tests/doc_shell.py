"""Blocks of commands of the documentation, run by a real bash whose programs ask the test.

Loops, variables and redirections are bash's; what ``vosplug``, ``python``, ``make``, ... do is decided by a
function of the test, in the test's process, where torch is imported already.
"""

import json
import os
import re
import runpy
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

REPO = Path(__file__).parents[1]
PROGRAM = """#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
call = dict(program=os.path.basename(sys.argv[0]), arguments=sys.argv[1:])
call |= dict(cwd=os.getcwd(), env=dict(os.environ))
server.sendall(json.dumps(call).encode())
server.shutdown(socket.SHUT_WR)
code, text = json.loads(b''.join(iter(lambda: server.recv(65536), b'')))
sys.stdout.write(text)
sys.exit(code)
"""
# what bash does not find is asked for too
PREAMBLE = 'command_not_found_handle() { local name=$1; shift; "$ANY" "$name" "$@"; }\n'


@dataclass
class Block:
    """A fenced block of a page, starting at a line of it."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f'{self.page.relative_to(REPO)}:{self.line}'


@dataclass
class Call:
    """A program that a block starts."""

    program: str
    arguments: list[str]
    cwd: str
    env: dict[str, str]


def pages() -> list[Path]:
    """All pages that show commands."""
    site = ('*.md', 'docs/*.md', 'docs/[!_r]*/*.md')  # not what a build of the site makes
    patterns = (*site, 'configs/*/README.md', 'vosplug/zoo/*.md', 'projects/*/README.md')
    return [path for pattern in patterns for path in sorted(REPO.glob(pattern))]


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    """Fenced blocks of a page, in order."""
    text = page.read_text(encoding='utf-8')
    for match in re.finditer(r'(?ms)^( *)```(\w+)\n(.*?)^\1```', text):
        if match[2] in languages:
            code = re.sub(f'(?m)^{match[1]}', '', match[3])
            yield Block(page, text.count('\n', 0, match.start()) + 1, match[2], code)


def variables(page: Path) -> set[str]:
    """Environment variables that a page supposes to be set."""
    return set(re.findall(r'\$([A-Z0-9_]+(?:ROOT|WEIGHTS|TASK_ID))', page.read_text(encoding='utf-8')))


def run(
    script: str,
    folder: Path,
    programs: tuple[str, ...],
    answer: Callable[[Call], tuple[int, str]],
    **env: str,
) -> str:
    """Run a script in ``folder``; ``programs``, and those that bash does not find, are calls of ``answer``.

    Args:
        script: bash code; it ends at the first error.
        folder: working directory.
        programs: names that are asked for even where the machine has them.
        answer: gives the exit code and the standard output of a call.
        env: variables besides the test's own.

    Returns:
        str: standard output.

    Raises:
        AssertionError: the script failed.
    """
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as server:
        address = f'{name}/socket'
        server.bind(address)
        server.listen()
        program = Path(name, 'any')
        program.write_text(PROGRAM.format(python=sys.executable, address=address))
        program.chmod(0o755)
        for each in programs:
            Path(name, each).symlink_to(program)
        env = {**os.environ, **env, 'PATH': f'{name}:/usr/bin:/bin', 'ANY': str(program)}
        with tempfile.TemporaryFile('w+') as out:
            command = ['bash', '-euo', 'pipefail', '-c', PREAMBLE + script]
            bash = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
            while bash.poll() is None:
                if select.select([server], [], [], 0.01)[0]:
                    _serve(server, answer)
            out.seek(0)
            text = out.read()
    assert bash.returncode == 0, f'{script}\nended with {bash.returncode}:\n{text}'
    return text


def _serve(server: socket.socket, answer: Callable[[Call], tuple[int, str]]) -> None:
    connection, _ = server.accept()
    with connection:
        fields = json.loads(b''.join(iter(lambda: connection.recv(65536), b'')))
        call = Call(**fields)
        if call.program == 'any':
            call.program, *call.arguments = call.arguments
        connection.sendall(json.dumps(answer(call)).encode())


def run_script(script: str, arguments: Sequence[str]) -> object:
    """Run a script of the repository in this process."""
    path = REPO / script
    with (
        mock.patch.object(sys, 'argv', [script, *arguments]),
        mock.patch.object(sys, 'path', [str(path.parent), *sys.path]),
    ):
        return runpy.run_path(str(path), run_name='__main__')
