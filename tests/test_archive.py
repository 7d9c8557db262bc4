"""Archives are opened member by member, within their own folder and their caps."""

import gzip
import io
import stat
import tarfile
import zipfile

import pytest

from vigie.feed import DocumentError
from vigie.readers import archive

FOLDER = tarfile.DIRTYPE
LINK = tarfile.SYMTYPE


def tarred(*files: tuple[str, bytes], mode: str = "w:gz") -> bytes:
    """A tar of these files; a type of member in place of bytes makes a member of that type."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as target:
        for path, content in files:
            info = tarfile.TarInfo(path)
            if content in (FOLDER, LINK, tarfile.CHRTYPE, tarfile.LNKTYPE):
                info.type, info.linkname = content, "/etc/passwd"
                target.addfile(info)
            else:
                info.size = len(content)
                target.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in files:
            target.writestr(path, content)
    return buffer.getvalue()


def zip_link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("lien")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def locked() -> bytes:
    """A zip that says its only member is encrypted."""
    content = bytearray(zipped(("a", b"x")))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


PLAIN_TAR = tarred(("a", b"x" * 999), ("b", b"y" * 999), mode="w:")


def matryoshka(levels: int) -> bytes:
    content = zipped(("a", b"1"))
    for _ in range(levels):
        content = zipped(("dedans.zip", content))
    return content


def test_members_come_in_order_with_archives_opened_in_their_place():
    inside = tarred(("r", b"un"))
    assert list(archive.members(tarred((".", FOLDER), ("a/b.xml", b"x"), ("c", b"yy")))) == [("a/b.xml", b"x"), ("c", b"yy")]
    assert list(archive.members(PLAIN_TAR)) == [("a", b"x" * 999), ("b", b"y" * 999)]
    assert list(archive.members(zipped(("a/", b""), ("a/b", b"x"), ("in.tar.gz", inside)))) == [
        ("a/b", b"x"),
        ("in.tar.gz!/r", b"un"),
    ]
    assert [m.path for m in archive.members(zipped(("a.xml", b""), ("b.pdf", b"")), lambda path: path.endswith(".xml"))] == [
        "a.xml"
    ]


REFUSED = {
    "a path above the archive": (tarred(("../x", b"")), "sort du dossier"),
    "an absolute path": (tarred(("/x", b"")), "sort du dossier"),
    "a path of Windows": (zipped(("a\\..\\..\\b", b"")), "sort du dossier"),
    "a drive": (zipped(("C:\\x", b"")), "sort du dossier"),
    "a link": (tarred(("l", LINK)), "lien"),
    "a hard link": (tarred(("l", tarfile.LNKTYPE)), "lien"),
    "a device": (tarred(("d", tarfile.CHRTYPE)), "périphérique"),
    "a link in a zip": (zipped((zip_link(), b"/etc/passwd")), "lien"),
    "a tar bomb": (tarred(("big", bytes(20 << 20))), "bombe"),
    "a zip bomb": (zipped(("big", bytes(20 << 20))), "bombe"),
    "archives in archives": (matryoshka(3), "emboîtées sur plus de 2"),
    "a tar cut short": (tarred(("a", b"x" * 9999))[:-20], "tronquée"),
    "a zip cut short": (zipped(("a", b"x" * 9999))[:-20], "tronquée"),
    "a tar cut between two members": (PLAIN_TAR[:1536], "tronquée"),
    "a tar damaged at its second header": (PLAIN_TAR[:1546] + b"!" + PLAIN_TAR[1547:], "tronquée"),
    "a password": (locked(), "mot de passe"),
    "a page": (b"<html><title>Erreur</title>", "Erreur"),
    "nothing": (b"", "vide"),
    "a compressed text": (gzip.compress(b"<xml/>"), "tronquée"),
    "another format": (b"hello", "68 65 6c 6c"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_archive_that_is_not_honest_is_refused_in_one_sentence(case):
    content, named = REFUSED[case]
    with pytest.raises(DocumentError, match=named) as refused:
        list(archive.members(content))
    assert "\n" not in str(refused.value)


def test_a_member_too_many_and_a_member_too_big_are_refused():
    with pytest.raises(DocumentError, match="plus de 3 fichiers"):
        list(archive.members(zipped(*((str(n), b"") for n in range(4))), caps=archive.Caps(members=3)))
    with pytest.raises(DocumentError, match="annonce 1048577 octets"):
        list(archive.members(tarred(("a", bytes(1048577))), caps=archive.Caps(member=1 << 20)))


def test_no_bomb_takes_more_memory_than_its_caps():
    import tracemalloc

    announced = tarfile.TarInfo("x" * 50)
    announced.type, announced.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    long_name = gzip.compress(announced.tobuf() + bytes(64 << 20))
    tracemalloc.start()
    for content in (long_name, tarred(("big", bytes(8 << 20))), zipped(("big", bytes(8 << 20)))):
        tracemalloc.reset_peak()
        with pytest.raises(DocumentError, match="bombe"):
            list(archive.members(content))
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()
