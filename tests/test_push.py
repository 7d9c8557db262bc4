"""A pushed document: only the signed, the recent and the new enter the inbox, whole."""

import json
import os
import time

import pytest

from vigie import feed as feeds
from vigie import inbox, push
from vigie.lake import Lake

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FEED = "operator_sites"
BODY = "opérateur;ville\nA;Rabat\n".encode()
NOW = 1_795_000_000.0


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake.open(tmp_path / "data")


def headers(body: bytes = BODY, identifier: str = "msg_1", stamp: float = NOW, secret: str = SECRET) -> dict[str, str]:
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(stamp)),
        "webhook-signature": push.signature(push.key(secret), identifier, int(stamp), body),
    }


def send(lake, signed, body=BODY, feed=FEED, name="sites.csv", secret=SECRET, now=NOW):
    with push.Push(lake, secret, feed, name, signed, now) as message:
        for start in range(0, len(body), 7):
            message.take(body[start : start + 7])
        return message.finish()


def files(lake) -> list[str]:
    return sorted(path.name for path in lake.inbox.glob("*/*"))


def test_a_signature_is_the_one_of_the_standard():
    # the example that the Standard Webhooks libraries share as their test
    signing = push.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert push.signature(signing, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_signed_document_enters_the_inbox_whole_and_is_receipted(lake):
    receipt, is_new = send(lake, headers())
    (path,) = lake.inbox.glob("*/*")
    assert is_new and path.read_bytes() == BODY and path.parent.name == FEED
    assert (receipt.file, receipt.bytes, len(receipt.sha256)) == (path.name, len(BODY), 64)
    assert path.name.startswith("sites.") and path.suffix == ".csv"


def test_a_message_sent_again_is_answered_alike_and_enters_once(lake):
    first, _ = send(lake, headers())
    next(lake.inbox.glob("*/*")).unlink()
    again, is_new = send(lake, headers(stamp=NOW + 60), now=NOW + 61)
    assert (again, is_new, files(lake)) == (first, False, [])


def test_a_message_cut_short_before_its_receipt_writes_the_same_file_again(lake):
    send(lake, headers())
    next((lake.root / "pushes").glob("*.json")).unlink()
    _, is_new = send(lake, headers())
    assert is_new and len(files(lake)) == 1


def test_an_identifier_serves_one_document_only(lake):
    send(lake, headers())
    with pytest.raises(push.Refusal, match="déjà servi") as refused:
        send(lake, headers(b"autre"), b"autre")
    assert refused.value.status == 409
    with pytest.raises(push.Refusal, match="déjà servi"):
        send(lake, headers(), feed="regulations")
    assert len(files(lake)) == 1


def test_several_signatures_may_be_given_while_a_secret_changes(lake):
    signed = headers()
    signed["webhook-signature"] = "v1,AAAA v2,é " + signed["webhook-signature"]
    assert send(lake, signed)[1]


def tampered() -> dict[str, tuple[dict, bytes, int]]:
    good = headers()
    return {
        "body": (good, BODY + b"x", 401),
        "identifier": (good | {"webhook-id": "msg_2"}, BODY, 401),
        "timestamp": (good | {"webhook-timestamp": str(int(NOW) + 1)}, BODY, 401),
        "signature": (good | {"webhook-signature": "v1," + "A" * 43 + "="}, BODY, 401),
        "other key": (headers(secret="x" * 40), BODY, 401),
        "unsigned": ({}, BODY, 401),
        "too old": (headers(stamp=NOW - 301), BODY, 401),
        "too early": (headers(stamp=NOW + 301), BODY, 401),
        "no date": (good | {"webhook-timestamp": "hier"}, BODY, 400),
        "bad id": (good | {"webhook-id": "../x"}, BODY, 400),
        "empty": (headers(b""), b"", 400),
    }


@pytest.mark.parametrize("case", tampered())
def test_what_is_not_signed_as_sent_leaves_nothing(lake, case):
    signed, body, status = tampered()[case]
    with pytest.raises(push.Refusal) as refused:
        send(lake, signed, body)
    assert refused.value.status == status
    assert files(lake) == [] and not list(lake.root.glob("pushes/*"))


@pytest.mark.parametrize("secret", ["", "court", "whsec_???"])
def test_without_a_good_secret_pushing_is_off(lake, secret):
    with pytest.raises(push.Refusal, match="VIGIE_PUSH_SECRET") as refused:
        send(lake, headers(), secret=secret)
    assert refused.value.status == 503


def test_an_unknown_feed_is_not_found(lake):
    with pytest.raises(push.Refusal, match="flux inconnu") as refused:
        send(lake, headers(), feed="../secrets")
    assert refused.value.status == 404


@pytest.mark.parametrize("declared", [True, False])
def test_a_document_too_heavy_is_cut_as_it_comes(lake, monkeypatch, declared):
    monkeypatch.setitem(feeds.load(FEED).__dict__, "max_bytes", 10)
    signed = headers() | ({"content-length": str(len(BODY))} if declared else {})
    with pytest.raises(push.Refusal) as refused:
        send(lake, signed)
    assert refused.value.status == 413 and files(lake) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sites.csv", "sites.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\bureau\\Été 2026.xlsx", "Été_2026.xlsx"),
        (".caché", "caché"),
        ("film.part", "document"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("", "document"),
        ("x" * 300 + ".csv", "x" * 80 + ".csv"),
    ],
)
def test_a_pushed_name_becomes_a_plain_one(given, kept):
    assert push.sanitised(given) == kept


def test_old_receipts_are_forgotten(lake):
    send(lake, headers())
    (receipt,) = (lake.root / "pushes").glob("*.json")
    past = time.time() - push.KEPT_SECONDS - 1
    os.utime(receipt, (past, past))
    send(lake, headers(identifier="msg_2"))
    assert [json.loads(path.read_text())["id"] for path in (lake.root / "pushes").glob("*.json")] == ["msg_2"]


def drop(lake: Lake, name: str, content: bytes, feed: str = FEED) -> None:
    (lake.inbox / feed).mkdir(parents=True, exist_ok=True)
    (lake.inbox / feed / name).write_bytes(content)


def test_a_file_is_announced_once_when_two_listings_show_it_alike(lake):
    watch = inbox.Watch(lake)
    assert watch.look() == []
    drop(lake, "a.csv", b"x")
    assert watch.look() == []
    assert [found.name for found in watch.look()] == ["a.csv"]
    assert watch.look() == []


def test_a_file_that_grows_waits_and_one_that_changes_is_announced_again(lake):
    watch = inbox.Watch(lake)
    for size in range(1, 4):
        drop(lake, "a.csv", b"x" * size)
        assert watch.look() == []
    assert len(watch.look()) == 1
    drop(lake, "a.csv", b"nouveau")
    assert watch.look() == []
    assert len(watch.look()) == 1


@pytest.mark.parametrize("name", [".a.csv", "a.csv.part", "a.TMP", "a.crdownload"])
def test_what_says_that_its_copy_is_not_over_is_not_announced(lake, name):
    watch = inbox.Watch(lake)
    drop(lake, name, b"x")
    assert [watch.look(), watch.look()] == [[], []]


def test_links_folders_and_unknown_feeds_wake_nobody(lake):
    drop(lake, "a.csv", b"x", feed="inconnu")
    (lake.inbox / FEED / "dossier").mkdir(parents=True)
    (lake.inbox / FEED / "lien.csv").symlink_to("/etc/passwd")
    watch = inbox.Watch(lake)
    assert [watch.look(), watch.look()] == [[], []]


def test_five_hundred_files_are_announced_by_one_look(lake):
    for number in range(500):
        drop(lake, f"{number}.csv", b"x")
    watch = inbox.Watch(lake)
    watch.look()
    assert len(watch.look()) == 500
