"""The content folders as they stood at a git revision."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import ContentError, Problem, Unavailable, WrongUse

FOLDERS: Final = ("tables", "queries", "business")
ELSEWHERE: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
SECONDS: Final = 60  # a partial clone fetches what it lacks
_COMMIT: Final = re.compile(r"[0-9a-f]{40,64}")
_FILES: Final = ("100644", "100755")  # modes; the others are links and submodules


@dataclass(frozen=True, slots=True)
class PastContent:
    """asked: the revision as it was named. commit: its full hash.

    catalog: None where those files do not hold together by today's rules; `problems` says why.
    """

    asked: str
    commit: str
    catalog: Catalog | None
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """'HEAD~1 (3f2a91c04d)', a hash by itself."""
        short = self.commit[:10]
        return short if self.commit.startswith(self.asked) else f"{self.asked} ({short})"


def past_content(folder: Path, revision: str) -> PastContent:
    """The catalogue that `folder`, somewhere in a git repository, held at a revision.

    Raises WrongUse where the folder is in no repository or the revision is not there, Unavailable without git.
    """
    git = _Git(folder)
    prefix = git.prefix()
    commit = git.commit(revision)
    with TemporaryDirectory(prefix="dash-revision-") as kept:
        root = Path(kept)
        _write(git, commit, prefix, root)
        if not (root / "tables").is_dir():
            problem = Problem(f"{prefix}tables", "", "the revision has no such folder")
            return PastContent(revision, commit, None, (problem,))
        try:
            return PastContent(revision, commit, load_catalog(root))
        except ContentError as error:
            return PastContent(revision, commit, None, error.problems)


def _write(git: _Git, commit: str, prefix: str, root: Path) -> None:
    """The content files of a commit, under `root`.

    Read as objects, not as an archive: attributes such as export-ignore would leave some out.
    """
    files = list(git.files(commit, [prefix + folder for folder in FOLDERS]))
    for (path, _), content in zip(files, git.contents([blob for _, blob in files]), strict=True):
        target = root / path.relative_to(PurePosixPath(prefix))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


class _Git:
    """Git's own commands on the repository that holds a folder. No shell; every word that is given is checked."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("git")
        if found is None:
            raise Unavailable("git is not installed, and earlier content is read from it", "install git")
        self._git = found
        self._folder = folder.resolve()

    def prefix(self) -> str:
        """The folder as the repository names it: '' for its root, else with a slash at the end. Raises WrongUse."""
        done = self._run("rev-parse", "--show-prefix")
        if done.returncode:
            said = _first_line(done.stderr)
            raise WrongUse(
                f"the content folder {self._folder} is in no git repository that can be read ({said})",
                "--against works where the content files are kept in git",
            )
        return os.fsdecode(done.stdout).removesuffix("\n")

    def commit(self, revision: str) -> str:
        """The full hash. Raises WrongUse for what is no commit here."""
        # A leading dash would be an option, and a NUL ends a word: no name of a revision has either.
        if not revision.startswith("-") and "\0" not in revision:
            done = self._run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", "--")
            found = done.stdout.decode("ascii", "replace").strip()
            if not done.returncode and _COMMIT.fullmatch(found):
                return found
        if self._shallow():
            raise WrongUse(
                f"this clone is shallow and does not hold the revision '{revision}'", "git fetch --unshallow, and again"
            )
        raise WrongUse(f"git knows no revision '{revision}' here", "name a commit, a tag or a branch, such as HEAD~1")

    def _shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def files(self, commit: str, folders: list[str]) -> Iterator[tuple[PurePosixPath, str]]:
        """Path and blob of every plain file under the folders."""
        done = self._checked("ls-tree", "-r", "-z", "--full-tree", commit, "--", *folders)
        for entry in done.split(b"\0")[:-1]:
            about, _, name = entry.partition(b"\t")
            mode, _, blob = about.decode("ascii").split(" ")
            path = PurePosixPath(os.fsdecode(name))
            if mode in _FILES and ".." not in path.parts:
                yield path, blob

    def contents(self, blobs: list[str]) -> Iterator[bytes]:
        """Bytes of each blob, in order."""
        given = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
        told = self._checked("cat-file", "--batch", given=given)
        at = 0
        for _ in blobs:
            end = told.index(b"\n", at)
            size = told[at:end].rsplit(b" ", 1)[-1]
            if not size.isdigit():
                raise Unavailable("git lacks a file of that revision", "git fsck tells more")
            yield told[end + 1 : end + 1 + int(size)]
            at = end + int(size) + 2

    def _checked(self, *words: str, given: bytes = b"") -> bytes:
        done = self._run(*words, given=given)
        if done.returncode:
            raise Unavailable(f"git {words[0]} failed: {_first_line(done.stderr)}", "git fsck tells more")
        return done.stdout

    def _run(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [self._git, "-C", str(self._folder), *words]
        try:
            return subprocess.run(  # noqa: S603
                command, input=given, capture_output=True, timeout=SECONDS, check=False, env=_environment()
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"git {words[0]} took longer than {SECONDS} seconds") from error


def _environment() -> dict[str, str]:
    """Ours without what ties git to another repository, as hooks set it, and without questions to a terminal."""
    return {**{k: v for k, v in os.environ.items() if k not in ELSEWHERE}, "GIT_TERMINAL_PROMPT": "0"}


def _first_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "it does not say why"
