"""Fetching, against a real server on this machine: good, corrupt, cut-off and hostile files, a full disk, no network."""

import gzip
import hashlib
import http.server
import io
import logging
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pooch
import pytest

from tltutor.domains import (
    DiskFullError,
    DownloadError,
    UnsafeArchiveError,
    downloads,
    fetch,
    sets,
    verify,
)
from tltutor.domains.sets import Check, DataSet, Remote

GOOD = bytes(range(256)) * 1000


class Site:
    """What the server gives: path -> list of answers, one a request, the last one again and again; and what was asked."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.encodings = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                site.encodings.append(self.headers["Accept-Encoding"])
                answers = site.answers.get(self.path)
                if not answers:
                    return self.send_error(404)
                body, length = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(200)
                if length is not None:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(body)
                return None

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def gives(self, path, *bodies, length="true"):
        self.answers[f"/{path}"] = [
            (body, len(body) if length == "true" else length) for body in bodies
        ]
        return f"{self.address}{path}"


@pytest.fixture
def site():
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def md5(body):
    return f"md5:{hashlib.md5(body, usedforsecurity=False).hexdigest()}"


def remote(address, body=GOOD, *, path="set/file.bin", **more):
    return Remote((address,), path, md5(body), **more)


def files(root):
    return sorted(str(p.relative_to(root)) for p in Path(root).rglob("*") if not p.is_dir())


def test_a_good_file_arrives_whole_and_alone(site, tmp_path):
    downloads.fetch_remote(remote(site.gives("a", GOOD)), tmp_path)
    assert files(tmp_path) == ["set/file.bin"]
    assert (tmp_path / "set/file.bin").read_bytes() == GOOD


def test_progress_counts_up_to_the_whole(site, tmp_path):
    seen = []
    downloads.fetch_remote(
        remote(site.gives("a", GOOD)), tmp_path, progress=lambda *fact: seen.append(fact)
    )
    assert seen[-1] == ("file.bin", len(GOOD), len(GOOD))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert len(seen) > 2


def test_progress_says_when_the_whole_is_not_told(site, tmp_path):
    seen = []
    address = site.gives("a", GOOD, length=None)
    downloads.fetch_remote(remote(address), tmp_path, progress=lambda *fact: seen.append(fact))
    assert seen[-1] == ("file.bin", len(GOOD), None)


@pytest.mark.parametrize("bad", [GOOD[:-1] + b"!", GOOD[:1000], b""])
def test_a_corrupt_or_short_file_is_kept_aside_and_fetched_anew(site, tmp_path, bad):
    downloads.fetch_remote(remote(site.gives("a", bad, GOOD)), tmp_path)
    assert (tmp_path / "set/file.bin").read_bytes() == GOOD
    assert (tmp_path / "set/file.bin.broken").read_bytes() == bad
    assert site.asked == ["/a", "/a"]


def test_a_connection_that_breaks_off_counts_as_short(site, tmp_path):
    address = site.gives("a", GOOD)
    site.answers["/a"] = [(GOOD[:70000], len(GOOD)), (GOOD, len(GOOD))]
    downloads.fetch_remote(remote(address), tmp_path)
    assert (tmp_path / "set/file.bin").read_bytes() == GOOD
    kept = (tmp_path / "set/file.bin.broken").read_bytes()
    assert 0 < len(kept) <= 70000
    assert GOOD.startswith(kept)


def test_twice_corrupt_is_an_error_that_says_where_the_file_can_be_placed(site, tmp_path):
    address = site.gives("a", b"bad")
    with pytest.raises(
        DownloadError, match=re.escape(f"file.bin must have the checksum {md5(GOOD)}")
    ) as caught:
        downloads.fetch_remote(remote(address), tmp_path)
    assert address in str(caught.value)
    assert f"place a good copy at {tmp_path / 'set/file.bin'}" in str(caught.value)
    assert site.asked == ["/a", "/a"]
    assert files(tmp_path) == ["set/file.bin.broken", "set/file.bin.broken2"]


def test_a_file_placed_by_hand_is_used_if_it_is_good(site, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/file.bin").write_bytes(GOOD)
    downloads.fetch_remote(remote(site.gives("a", GOOD)), tmp_path)
    assert site.asked == []
    (tmp_path / "set/file.bin").write_bytes(b"bad")
    downloads.fetch_remote(remote(site.gives("a", GOOD)), tmp_path)
    assert (tmp_path / "set/file.bin").read_bytes() == GOOD
    assert (tmp_path / "set/file.bin.broken").read_bytes() == b"bad"


def test_the_next_address_is_tried(site, tmp_path):
    two = replace(
        remote(site.gives("b", GOOD)), addresses=(f"{site.address}none", f"{site.address}b")
    )
    downloads.fetch_remote(two, tmp_path)
    assert site.asked == ["/none", "/b"]


def test_no_network_is_one_sentence_with_address_and_place(tmp_path):
    closed = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    address = f"http://127.0.0.1:{closed.server_address[1]}/a"
    closed.server_close()
    with pytest.raises(DownloadError, match=re.escape(f"no answer from {address} (")) as caught:
        downloads.fetch_remote(remote(address), tmp_path)
    assert f"place it at {tmp_path / 'set/file.bin'} and run this again" in str(caught.value)
    assert files(tmp_path) == []


def test_an_address_that_is_gone_is_named(site, tmp_path):
    with pytest.raises(DownloadError, match=re.escape(f"{site.address}gone (Not Found)")):
        downloads.fetch_remote(remote(f"{site.address}gone"), tmp_path)


def test_only_the_web_is_asked(tmp_path):
    (tmp_path / "secret").write_bytes(GOOD)
    with pytest.raises(
        ValueError, match="an address must begin with https:// or http://, got 'file:///"
    ):
        downloads.fetch_remote(remote(f"file://{tmp_path}/secret"), tmp_path)


def test_a_file_larger_than_the_disk_is_not_begun(site, tmp_path):
    address = site.gives("a", GOOD, length=10**17)
    with pytest.raises(
        DiskFullError,
        match=r"file\.bin needs 100000000000\.0 MB, and .* has [0-9.]+ MB free: make room",
    ):
        downloads.fetch_remote(remote(address), tmp_path)
    assert files(tmp_path) == []


def test_a_disk_that_fills_up_is_one_sentence_and_leaves_no_part(site, tmp_path, monkeypatch):
    def fills_up(downloader, address, part, _):
        downloader.progressbar.total = len(GOOD)
        Path(part).write_bytes(b"a few bytes")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fills_up)
    with pytest.raises(DiskFullError, match=r"file\.bin needs more, and .* MB free: make room"):
        downloads.fetch_remote(remote(site.gives("a", GOOD)), tmp_path)
    assert files(tmp_path) == []


def test_a_disk_that_fills_up_while_unpacking_leaves_the_archive_alone(tmp_path, monkeypatch):
    (tmp_path / "a.gz").write_bytes(gzip.compress(GOOD))

    def full(content, place, *_):
        place.write(content.read(10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(DiskFullError, match="MB free: make room"):
        downloads.unpack(tmp_path / "a.gz", "gz")
    assert files(tmp_path) == ["a.gz"]


def test_an_archive_that_would_fill_the_disk_is_not_begun(tmp_path, monkeypatch):
    bodies = {
        "tar": tar_of((tar_member("a"), bytes(10**6))),
        "zip": zip_of(("a", bytes(10**6), 0o100644)),
    }
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6 - 1))
    for kind, body in bodies.items():
        (tmp_path / kind).write_bytes(body)
        with pytest.raises(
            DiskFullError, match=r"needs 1\.0 MB, and .* has 1\.0 MB free: make room"
        ):
            downloads.unpack(tmp_path / kind, kind)
    assert files(tmp_path) == ["tar", "zip"]


def test_other_faults_of_the_disk_are_not_hidden(site, tmp_path, monkeypatch):
    def failing(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", failing)
    with pytest.raises(OSError, match="Input/output error"):
        downloads.fetch_remote(remote(site.gives("a", GOOD)), tmp_path)
    assert files(tmp_path) == []


def test_files_have_the_usual_rights_whatever_an_archive_says(site, tmp_path):
    member = tar_member("a")
    member.mode = 0o6777  # runs with its owner's rights
    packed = tar_of((member, b"A"))
    downloads.fetch_remote(
        remote(site.gives("t", packed), packed, path="t/x.tar.gz", unpack="tar"), tmp_path
    )
    downloads.fetch_remote(remote(site.gives("a", GOOD)), tmp_path)
    (tmp_path / "usual").write_bytes(b"")
    usual = (tmp_path / "usual").stat().st_mode
    assert oct((tmp_path / "t/a").stat().st_mode) == "0o100644"
    assert (tmp_path / "set/file.bin").stat().st_mode == usual, (
        "others read it too, where a class shares a folder"
    )


def test_what_a_server_packs_for_the_way_is_not_asked_for(site, tmp_path):
    """A .gz that the client unpacks on its way would have another checksum."""
    packed = gzip.compress(GOOD)
    downloads.fetch_remote(remote(site.gives("a", packed), packed, path="x.gz"), tmp_path)
    assert (tmp_path / "x.gz").read_bytes() == packed
    assert site.encodings == ["identity"]


def test_a_folder_that_may_not_be_written_is_named(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(
        PermissionError,
        match=re.escape(f"{tmp_path / 'set'} must be a folder that may be written to"),
    ):
        downloads.fetch_remote(remote("http://127.0.0.1:1/a"), tmp_path)


def tar_of(*members):
    """A tar.gz of (TarInfo, bytes)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for info, body in members:
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return out.getvalue()


def tar_member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def zip_of(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, body, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            packed.writestr(info, body)
    return out.getvalue()


def test_archives_are_unpacked_and_removed(site, tmp_path):
    packed = tar_of(
        (tar_member("in", tarfile.DIRTYPE), b""),
        (tar_member("in/a.txt"), b"A"),
        (tar_member("b.txt"), b"B"),
    )
    downloads.fetch_remote(
        remote(site.gives("a", packed), packed, path="t/x.tar.gz", unpack="tar"), tmp_path
    )
    packed = zip_of(("in/", b"", 0o40755), ("in/a.txt", b"A", 0o100644))
    downloads.fetch_remote(
        remote(site.gives("b", packed), packed, path="z/x.zip", unpack="zip"), tmp_path
    )
    packed = gzip.compress(GOOD)
    downloads.fetch_remote(
        remote(site.gives("c", packed), packed, path="g/x.gz", unpack="gz"), tmp_path
    )
    assert files(tmp_path) == ["g/x", "t/b.txt", "t/in/a.txt", "z/in/a.txt"]
    assert (tmp_path / "g/x").read_bytes() == GOOD
    assert (tmp_path / "t/in/a.txt").read_bytes() == b"A"


@pytest.mark.parametrize(
    ("body", "kind", "named"),
    [
        (tar_of((tar_member("ok"), b"x"), (tar_member("../escaped"), b"x")), "tar", "../escaped"),
        (tar_of((tar_member("/etc/escaped"), b"x")), "tar", "/etc/escaped"),
        (tar_of((tar_member("in/../../escaped"), b"x")), "tar", "in/../../escaped"),
        (tar_of((tar_member("link", tarfile.SYMTYPE, "/etc"), b"")), "tar", "link"),
        (tar_of((tar_member("link", tarfile.LNKTYPE, "../escaped"), b"")), "tar", "link"),
        (tar_of((tar_member("pipe", tarfile.FIFOTYPE), b"")), "tar", "pipe"),
        (zip_of(("ok", b"x", 0o100644), ("../escaped", b"x", 0o100644)), "zip", "../escaped"),
        (zip_of(("..\\escaped", b"x", 0o100644)), "zip", "../escaped"),
        (zip_of(("C:/escaped", b"x", 0o100644)), "zip", "C:/escaped"),
        (zip_of(("link", b"/etc", 0o120777)), "zip", "link"),
    ],
    ids=[
        "up",
        "root",
        "up-from-within",
        "symbolic-link",
        "hard-link",
        "pipe",
        "zip-up",
        "zip-backslash",
        "zip-drive",
        "zip-link",
    ],
)
def test_an_archive_that_reaches_outside_writes_nothing(tmp_path, body, kind, named):
    folder = tmp_path / "below"
    folder.mkdir()
    (folder / "evil").write_bytes(body)
    with pytest.raises(
        UnsafeArchiveError, match="must hold plain files below its own folder"
    ) as caught:
        downloads.unpack(folder / "evil", kind)
    assert named in str(caught.value).replace("\\\\", "/").replace("\\", "/")
    assert files(tmp_path) == ["below/evil"]


def made_set(site, monkeypatch, *, good=GOOD, layouts=(("set/file.bin",),)):
    """A set of one file, known to the package as "made"."""

    def examine(root, path):
        whole = (root / path).read_bytes() == good
        return Check(path, "published" if whole else "broken", "")

    source = remote(site.gives("made", good), good, gives=("set/file.bin",))
    data_set = DataSet("made", "A made set", "1 MB", layouts, lambda: (source,), examine)
    monkeypatch.setitem(sets.SETS, "made", data_set)


def test_fetch_makes_a_set_present_and_leaves_a_whole_one_alone(site, tmp_path, monkeypatch):
    made_set(site, monkeypatch)
    assert fetch("made", tmp_path / "new") == tmp_path / "new"
    assert all(check.ok for check in verify("made", tmp_path / "new"))
    fetch("made", tmp_path / "new")
    assert site.asked == ["/made"]


def test_fetch_goes_to_the_first_place_unless_the_set_lies_elsewhere(site, tmp_path, monkeypatch):
    made_set(site, monkeypatch)
    monkeypatch.setenv("TLTUTOR_DATA", str(tmp_path / "named"))
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "user")
    (tmp_path / "user/set").mkdir(parents=True)
    (tmp_path / "user/set/file.bin").write_bytes(GOOD)
    assert fetch("made") == tmp_path / "user"
    assert site.asked == []
    (tmp_path / "user/set/file.bin").unlink()
    assert fetch("made") == tmp_path / "named"


def test_fetch_mends_a_broken_file_and_keeps_it_aside(site, tmp_path, monkeypatch):
    made_set(site, monkeypatch)
    (tmp_path / "set").mkdir()
    (tmp_path / "set/file.bin").write_bytes(b"old")
    fetch("made", tmp_path)
    assert (tmp_path / "set/file.bin").read_bytes() == GOOD
    assert (tmp_path / "set/file.bin.broken").read_bytes() == b"old"


def test_fetch_is_content_with_another_whole_layout(site, tmp_path, monkeypatch):
    made_set(site, monkeypatch, layouts=(("set/file.bin",), ("set/other.bin",)))
    (tmp_path / "set").mkdir()
    (tmp_path / "set/other.bin").write_bytes(GOOD)
    fetch("made", tmp_path)
    assert site.asked == []
    (tmp_path / "set/other.bin").write_bytes(b"bad")
    fetch("made", tmp_path)
    assert files(tmp_path) == ["set/file.bin", "set/other.bin.broken"]


def test_a_broken_folder_goes_where_it_is_no_class(tmp_path):
    (tmp_path / "photos/train/ants").mkdir(parents=True)
    for _ in range(2):
        (tmp_path / "photos/train/ants").mkdir(exist_ok=True)
        downloads._set_aside_below(tmp_path, Path("photos/train/ants"))
    assert list((tmp_path / "photos/train").iterdir()) == []
    assert (tmp_path / "photos.broken/train/ants").is_dir()
    assert (tmp_path / "photos.broken2/train/ants").is_dir()


def test_an_unknown_set_gets_the_nearest_known_ones(tmp_path):
    with pytest.raises(ValueError, match="no data set is called 'uspss': did you mean 'usps'"):
        fetch("uspss", tmp_path)


def test_fetching_needs_no_loader_that_prints(site, tmp_path, monkeypatch, capfd):
    made_set(site, monkeypatch)
    heard, handler, logger = [], logging.Handler(), pooch.get_logger()
    monkeypatch.setattr(handler, "emit", heard.append)
    monkeypatch.setattr(logger, "handlers", [*logger.handlers, handler])
    logger.setLevel(logging.INFO)  # as pooch has it
    fetch("made", tmp_path)
    assert capfd.readouterr() == ("", "")
    assert heard == []


def test_pooch_is_loaded_for_a_download_only():
    code = "import sys, tltutor, tltutor.domains, tltutor.cli.data; print({'pooch', 'requests', 'loky', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
