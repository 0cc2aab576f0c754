"""Repositories on a server: a real `git http-backend` behind TLS on loopback, and a rude server."""

from __future__ import annotations

import base64
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from grader.errors import GradeError, InfraError, Rejected
from grader.intake import Access, IntakeLimits, Source
from grader.intake.failures import failed
from grader.intake.url import parse
from grader.model.submission import SourceKind
from tests.unit.intake_repos import ENVIRONMENT, PROJECT, Repo, Taker


@dataclass
class Seen:
    """What the server was asked, and what it does about it."""

    root: Path = Path()
    address: str = ""
    certificate: Path = Path()
    requests: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    before_pack: Repo | None = None
    released: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Serves repositories below `/`, and misbehaves below `/rude/`."""

    protocol_version = "HTTP/1.1"

    @property
    def seen(self) -> Seen:
        return cast("Server", self.server).seen

    def do_GET(self) -> None:
        self.seen.requests.append(self.path)
        if authorization := self.headers.get("Authorization"):
            self.seen.credentials.append(authorization)
        rude = getattr(self, "rude_" + self.path.split("/")[2], None)
        if self.path.startswith("/rude/") and rude:
            rude()
        else:
            self.serve_repository()

    do_POST = do_GET

    def serve_repository(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.body()
        if self.seen.before_pack and b"command=fetch" in body:
            self.seen.before_pack.commit({"moved.ml": b""})
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            env={
                **ENVIRONMENT,
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROJECT_ROOT": str(self.seen.root),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REMOTE_ADDR": "127.0.0.1",
                "REQUEST_METHOD": self.command,
            },
        )
        head, _, data = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.answer(int(headers.pop("Status", "200 OK").split()[0]), headers, data)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size + 2)[:-2]
        return data

    def answer(self, status: int, headers: dict[str, str], data: bytes = b"") -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def rude_locked(self) -> None:
        self.answer(401, {"WWW-Authenticate": 'Basic realm="give me"'})

    def rude_moved(self) -> None:
        self.answer(302, {"Location": f"{self.seen.address}/work.git/info/refs"})

    def rude_slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.seen.released.wait(20)

    def rude_reset(self) -> None:
        self.close_connection = True

    def rude_loud(self) -> None:
        data = b"\x1b[2J\x1b]0;owned\x07 https://u:hunter2@h/"
        pack = b"001e# service=git-upload-pack\n0000" + b"%04xERR %s" % (len(data) + 8, data)
        self.answer(200, {"Content-Type": "application/x-git-upload-pack-advertisement"}, pack)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    seen: Seen

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # A client that gives up is part of these tests.


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make.split(), *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.seen = Seen(certificate=certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def seen(running: Server, tmp_path: Path) -> Iterator[Seen]:
    address = f"https://localhost:{running.server_address[1]}"
    running.seen = Seen(tmp_path / "served", address, running.seen.certificate)
    running.seen.root.mkdir()
    yield running.seen
    running.seen.released.set()


@pytest.fixture
def repo(seen: Seen) -> Repo:
    return Repo(seen.root / "work.git", bare=True)


@dataclass
class Fetcher:
    """`take` from the server, allowed to reach loopback and to trust its certificate."""

    take: Taker
    seen: Seen

    def __call__(
        self,
        path: str = "work.git",
        ref: str | None = None,
        limits: IntakeLimits | None = None,
        credentials: bool = False,
        home: str = "/",
    ) -> Source:
        environment = {
            "GIT_SSL_CAINFO": str(self.seen.certificate),
            "HOME": home,
            "PATH": ENVIRONMENT["PATH"],
        }
        access = Access(private_hosts=True, credentials=credentials, environment=environment)
        address = path if "://" in path else f"{self.seen.address}/{path}"
        return self.take(address, ref=ref, limits=limits, access=access)

    def refused(self, *arguments: str, **more: object) -> GradeError:
        with pytest.raises((Rejected, InfraError)) as caught:
            self(*arguments, **more)  # type: ignore[arg-type]
        assert caught.value.hint
        assert "\x1b" not in caught.value.render()
        return caught.value


@pytest.fixture
def fetch(tmp_path: Path, seen: Seen) -> Fetcher:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Fetcher(Taker(scratch), seen)


def test_the_head_of_a_repository_is_fetched(repo: Repo, fetch: Fetcher) -> None:
    repo.commit({"old.ml": b""})
    commit_id = repo.commit({"main.ml": b"let () = ()\n"})
    source = fetch()
    submission = source.submission
    assert submission.kind is SourceKind.GIT_URL
    assert submission.commit == commit_id
    assert submission.label.text == f"{fetch.seen.address}/work.git"
    assert fetch.seen.credentials == []
    assert list(fetch.take.scratch.iterdir()) == []
    assert fetch.take(repo.path).submission.digest == submission.digest
    assert fetch(ref=commit_id).submission.commit == commit_id


@pytest.mark.parametrize("ref", ["-x", "--output=x", "refs/pull/1/head", "v1"])
def test_a_ref_is_fetched_by_the_id_it_names(repo: Repo, fetch: Fetcher, ref: str) -> None:
    commit_id = repo.commit({"a.ml": b""})
    for name in ("heads/-x", "heads/--output=x", "pull/1/head"):
        repo.git("update-ref", f"refs/{name}", commit_id)
    repo.git("tag", "--annotate", "--message=x", "v1", commit_id)
    assert fetch(ref=ref).submission.commit == commit_id


def test_an_unknown_ref_and_an_empty_repository(repo: Repo, fetch: Fetcher) -> None:
    assert fetch.refused().code == "source-empty"
    repo.commit({}, branch="trunk")
    error = fetch.refused(ref="trnk")
    assert error.code == "source-ref"
    assert "it has: trunk" in error.render()
    assert "name a branch with --ref" in fetch.refused().render()
    assert "no longer, reachable" in fetch.refused(ref="1" * 40).render()


def test_a_branch_that_moves_is_graded_as_it_was_accepted(repo: Repo, fetch: Fetcher) -> None:
    accepted = repo.commit({"main.ml": b""})
    fetch.seen.before_pack = repo
    submission = fetch().submission
    assert submission.commit == accepted
    assert repo.git("rev-parse", "main") != accepted


def test_a_commit_that_is_gone_is_not_replaced_by_another(repo: Repo, fetch: Fetcher) -> None:
    repo.commit({"main.ml": b""})
    repo.git("config", "uploadpack.allowAnySHA1InWant", "false")
    gone = repo.commit({"other.ml": b""}, branch="gone")
    repo.git("update-ref", "-d", "refs/heads/gone")
    (repo.git_dir / "objects" / gone[:2] / gone[2:]).unlink()
    assert fetch.refused(ref=gone).code == "source-ref"


def test_a_missing_repository_is_named(fetch: Fetcher) -> None:
    error = fetch.refused("nothing.git")
    assert (type(error), error.code) == (Rejected, "source-fetch")
    assert "not found" in error.render()


def test_a_locked_repository_gets_no_credential(fetch: Fetcher) -> None:
    error = fetch.refused("rude/locked")
    assert (type(error), error.code) == (Rejected, "source-auth")
    assert fetch.seen.credentials == []


def test_a_redirect_is_not_followed(repo: Repo, fetch: Fetcher) -> None:
    repo.commit({})
    error = fetch.refused("rude/moved")
    assert (type(error), error.code) == (Rejected, "source-fetch")
    assert "redirects" in error.render()
    assert all(path.startswith("/rude/") for path in fetch.seen.requests)


def test_a_server_that_stalls_is_given_up(fetch: Fetcher) -> None:
    started = time.monotonic()
    error = fetch.refused("rude/slow", limits=IntakeLimits(fetch_seconds=0.3))
    assert (type(error), error.code) == (Rejected, "source-fetch")
    assert "timed out after 0.3 s" in error.render()
    assert time.monotonic() - started < 20


def test_a_broken_connection_is_worth_another_attempt(fetch: Fetcher) -> None:
    error = fetch.refused("rude/reset")
    assert (type(error), error.code) == (InfraError, "source-fetch")


def test_what_the_server_says_is_shown_escaped_and_without_secrets(fetch: Fetcher) -> None:
    assert "hunter2" not in fetch.refused("rude/loud").render()
    passed_on = "remote: \x1b[2J\x1b]0;owned\x07\nfatal: https://u:hunter2@h/ is gone\n"
    text = failed(parse("https://example.org/a"), passed_on).render()
    assert "remote: \\x1b[2J\\x1b]0;owned\\x07" in text
    assert "fatal: https://***@h/ is gone" in text


def test_a_pack_without_end_is_stopped(repo: Repo, fetch: Fetcher) -> None:
    noise = b"".join(base64.b64encode(n.to_bytes(4)) for n in range(1 << 15))
    repo.commit({"big": noise})
    limits = IntakeLimits(total_bytes=4096)
    assert fetch.refused(limits=limits).code == "source-size"


def test_objects_are_checked_on_arrival(repo: Repo, fetch: Fetcher) -> None:
    modules = b'[submodule "x"]\n\tpath = x\n\turl = -u./payload\n'
    repo.commit({".gitmodules": modules})
    assert fetch.refused().code == "source-objects"


def test_private_hosts_need_leave(repo: Repo, fetch: Fetcher) -> None:
    with pytest.raises(Rejected) as caught:
        fetch.take(f"{fetch.seen.address}/work.git")
    assert caught.value.code == "source-host"
    assert fetch.seen.requests == []


def test_an_unknown_certificate_is_refused(repo: Repo, fetch: Fetcher) -> None:
    repo.commit({})
    with pytest.raises(Rejected) as caught:
        fetch.take(f"{fetch.seen.address}/work.git", access=Access(private_hosts=True))
    assert caught.value.code == "source-fetch"
    assert "certificate" in caught.value.render()


def test_credentials_go_to_the_host_only_when_allowed(
    repo: Repo, fetch: Fetcher, tmp_path: Path
) -> None:
    repo.commit({"dune-project": PROJECT})
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    host = fetch.seen.address.removeprefix("https://")
    (home / ".git-credentials").write_text(f"https://ada:stored@{host}\n")
    fetch(home=str(home), credentials=True)
    assert set(fetch.seen.credentials) == {"Basic " + base64.b64encode(b"ada:stored").decode()}
    fetch.seen.credentials.clear()
    typed = f"https://ada:typed@{host}/work.git"
    source = fetch(typed, credentials=True)
    assert set(fetch.seen.credentials) == {"Basic " + base64.b64encode(b"ada:typed").decode()}
    assert "typed" not in source.submission.model_dump_json()
    shutil.rmtree(repo.path)
    assert "typed" not in fetch.refused(typed, credentials=True).render()
