"""Which addresses are taken for repositories, and which hosts may be asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Rejected
from grader.intake import Access, credentials, hosts, url
from tests.unit.intake_repos import Taker


@pytest.mark.parametrize(
    ("source", "host", "port", "given_to_git"),
    [
        ("https://example.org/a/b.git", "example.org", 443, "https://example.org/a/b.git"),
        ("https://example.org:8443/a/~b", "example.org", 8443, "https://example.org:8443/a/~b"),
        ("https://u:p%40@example.org/a", "example.org", 443, "https://example.org/a"),
        ("https://[2001:db8::1]/a", "2001:db8::1", 443, "https://[2001:db8::1]/a"),
        ("git@example.org:team/repo.git", "example.org", 22, "git@example.org:team/repo.git"),
        ("ssh://git@example.org:2222/a", "example.org", 2222, "ssh://git@example.org:2222/a"),
    ],
)
def test_addresses_are_taken(source: str, host: str, port: int, given_to_git: str) -> None:
    address = url.parse(source)
    assert (address.host, address.port, address.url) == (host, port, given_to_git)
    assert "p@" not in repr(address)


REFUSED = [
    "--upload-pack=touch canary;false",
    "-x",
    "ext::sh -c touch% canary",
    "fd::17",
    "git://example.org/a",
    "http://example.org/a",
    "file:///srv/hidden",
    "FILE:///srv/hidden",
    "ftp://example.org/a",
    "ssh://-oProxyCommand=touch/a",
    "ssh://git@-oProxyCommand=touch/a",
    "-oProxyCommand=x@example.org:a",
    "git@-oProxyCommand=touch:a",
    "git@example.org:-x",
    "example.org:a/b",
    "https://",
    "https://example.org",
    "https://example.org/",
    "https://-x.example.org/a",
    "https://example.org/a b",
    "https://example.org/a\nhost=evil.example",
    "https://example.org/a\r",
    "https://example.org/a?x",
    "https://example.org/a#x",
    "https://example.org\\@evil.example/a",
    "https://example.org:0/a",
    "https://example.org:99999/a",
    "https://ex%61mple.org/a",
    "https://user:secret@@/a",
    "https://user:secret@example.org/a b",
    "user:secret@example.org:a",
    "https:example.org/a",
    "https::https://example.org/a",
]


@pytest.mark.parametrize("source", REFUSED)
def test_everything_else_is_refused(source: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        Taker(tmp_path)(source)
    text = caught.value.render()
    assert caught.value.code == "source-url"
    assert "is not a repository URL" in text
    assert "only https:// and git@host:path repositories are accepted" in text
    assert "secret" not in text


def parsed(source: str) -> url.Address | str:
    try:
        return url.parse(source)
    except Rejected as error:
        return error.code


@given(st.text(max_size=30) | st.text("-@:/.[]%ag\\\n ", max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for source in (text, "https://" + text, "git@" + text, "ssh://" + text):
        address = parsed(source)
        if isinstance(address, str):
            assert address == "source-url"
        else:
            assert not address.url.startswith("-")
            assert not address.host.startswith("-")
            assert address.url.isascii()
            assert address.url.isprintable()


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1:2:3:4:80ff:fffe",
    ],
)
def test_our_own_networks_are_not_public(number: str) -> None:
    assert not hosts.is_public(number)


@pytest.mark.parametrize("number", ["8.8.8.8", "2606:4700::1", "64:ff9b::808:808"])
def test_other_addresses_are_public(number: str) -> None:
    assert hosts.is_public(number)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "0"])
def test_a_host_that_is_ours_is_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        Taker(tmp_path)(f"https://{host}/a")
    assert caught.value.code == "source-host"


@pytest.mark.parametrize(
    "source", ["https://user:secret@example.org/a", "https://secret@example.org/a"]
)
def test_a_secret_in_the_url_is_refused_and_never_shown(source: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        Taker(tmp_path)(source)
    assert caught.value.code == "source-auth"
    assert "secret" not in caught.value.render()
    assert "https://example.org/a has a user name or password in it" in caught.value.render()


def test_ssh_needs_leave_to_use_keys(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="needs your ssh key") as caught:
        Taker(tmp_path)("git@example.org:a/b")
    assert caught.value.code == "source-auth"
    credentials.check(url.parse("git@example.org:a/b"), Access(credentials=True))


def test_ssh_goes_to_the_address_that_was_checked_and_runs_nothing() -> None:
    command = credentials.ssh_command(url.parse("ssh://git@example.org:2222/a"), "192.0.2.7")
    assert command.startswith("ssh -F /dev/null ")
    for option in ("HostName=192.0.2.7", "ProxyCommand=none", "BatchMode=yes"):
        assert f"-o{option}" in command
    assert "'-oHostKeyAlias=[example.org]:2222'" in command
