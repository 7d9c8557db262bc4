"""The tree agrees with itself: each failure says which file to create, rename or shorten."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
SHAPELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
NOT_PACKAGES = ("dbt_project", "dashboards", "expectations", "docker")
FORBIDDEN_TEXTS = {
    # written in pieces, so that this file is not its own finding
    "hôte d'un registre de paquets": re.compile(
        "|".join((
            "py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "yarn" + r"pkg\.com", "crates" + r"\.io",
            "proxy" + r"\.golang\.org", "conda" + r"\.anaconda\.org", "docker" + r"\.io", "gh" + r"cr\.io", "qu" + r"ay\.io",
        ))
    ),
    "chemin d'une machine": re.compile("/(work" + "/(main|shared)|tmp" + "/w/|root" + r"/[\w.]|home" + r"/\w|Users" + r"/\w)"),
}  # fmt: skip


def tracked(root: Path = ROOT) -> list[Path]:
    """What the repository holds or is about to hold; never what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [root / line for line in listed.splitlines() if (root / line).is_file()]


def feed_files(root: Path) -> dict[str, dict[str, str]]:
    """For each kind of file a feed needs: the feeds that have it → nothing, and what to create."""

    def stems(folder: str, pattern: str, prefix: str = "") -> set[str]:
        return {path.name.split(".")[0].removeprefix(prefix) for path in (root / folder).glob(pattern)}

    modules = {path.stem for path in (root / "vigie/feeds").glob("*.py")} - {"__init__"}
    documents = stems("vigie/feeds/samples", "[!.]*") | stems("sectors", "*/registers/*.csv")
    return {
        "module": (modules, "vigie/feeds/{0}.py"),
        "suite": (stems("expectations", "*.yml"), "expectations/{0}.yml"),
        "document": (
            documents,
            "vigie/feeds/samples/{0}.<AAAA-MM-JJ>.<ext> (ou, pour un registre, sectors/<secteur>/registers/{0}.<AAAA-MM-JJ>.csv)",
        ),
        "modèle de préparation": (
            stems("dbt_project/models/staging", "stg_*.sql", "stg_"),
            "dbt_project/models/staging/stg_{0}.sql",
        ),
        "contrat de préparation": (
            stems("dbt_project/models/staging", "stg_*.yml", "stg_"),
            "dbt_project/models/staging/stg_{0}.yml",
        ),
    }


def disagreements(root: Path) -> list[str]:
    """Every feed that lacks one of its files, with the file to create."""
    kinds = feed_files(root)
    every = set().union(*(feeds for feeds, _ in kinds.values()))
    return [
        f"le flux {feed} n'a pas de {kind} : créer {wanted.format(feed)}"
        for kind, (feeds, wanted) in kinds.items()
        for feed in sorted(every - feeds)
    ]


def spelled(findings: Iterable[str]) -> str:
    return "\n" + "\n".join(findings)


def test_modules_suites_documents_and_staging_models_are_the_same_feeds():
    found = disagreements(ROOT)
    assert not found, spelled(found)
    modules, _ = feed_files(ROOT)["module"]
    assert len(modules) >= 6


def copied(root: Path, target: Path) -> Path:
    for folder in ("vigie/feeds", "expectations", "dbt_project/models/staging", "sectors"):
        shutil.copytree(root / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_each_missing_file_of_a_feed_is_named_with_what_to_create(tmp_path):
    tree = copied(ROOT, tmp_path)
    removed = 0
    modules, _ = feed_files(tree)["module"]
    for feed in sorted(modules):
        for kind, (_, wanted) in feed_files(tree).items():
            path = wanted.format(feed)
            if "<" in path:
                continue
            (tree / path).rename(tree / "aside")
            assert disagreements(tree) == [f"le flux {feed} n'a pas de {kind} : créer {path}"]
            (tree / "aside").rename(tree / path)
            removed += 1
    assert removed == 4 * len(modules)


def test_a_feed_without_any_document_is_named(tmp_path):
    tree = copied(ROOT, tmp_path)
    modules, _ = feed_files(tree)["module"]
    for feed in sorted(modules):
        for path in [*tree.glob(f"vigie/feeds/samples/{feed}.*"), *tree.glob(f"sectors/*/registers/{feed}.*")]:
            path.unlink()
    found = disagreements(tree)
    assert [line.split(" : ")[0] for line in found] == [f"le flux {feed} n'a pas de document" for feed in sorted(modules)]


def test_every_bundled_document_is_declared_and_every_declared_document_is_there():
    from vigie import feed as feeds

    assert feeds.names()
    for name in feeds.names():
        declared = feeds.load(name)
        there = {path.name for path in feeds.SAMPLES.glob(f"{name}.*")}
        assert set(declared.samples) == there, f"vigie/feeds/{name}.py, samples={{…}} ne dit pas les fichiers de feeds/samples"
        assert declared.register == (not there), f"{name} est un registre ou a des échantillons, pas les deux"
        assert feeds.sample_documents(name)


def test_staging_holds_nothing_but_the_two_files_of_each_feed():
    modules, _ = feed_files(ROOT)["module"]
    folder = ROOT / "dbt_project/models/staging"
    models = {path.name for path in folder.glob("*.sql")}
    assert models == {f"stg_{feed}.sql" for feed in modules}


def test_no_name_is_shapeless():
    found = [
        f"{path.relative_to(ROOT)} : un nom dit ce que c'est ; « {part} » ne dit rien"
        for path in tracked()
        for part in path.relative_to(ROOT).parts
        if part.split(".")[0].lower() in SHAPELESS_NAMES
    ]
    assert not found, spelled(found)


def test_folders_of_files_are_not_packages_and_no_file_looks_like_a_dbt_plugin():
    packages = [path for path in tracked() if path.name == "__init__.py" and path.relative_to(ROOT).parts[0] in NOT_PACKAGES]
    assert not packages, f"supprimer {packages} : ces dossiers tiennent des fichiers, pas du code importé"
    plugins = [path for path in tracked() if re.fullmatch(r"dbt_.*\.py", path.name)]
    assert not plugins, f"renommer {plugins} : dbt importe tout module dbt_* comme une extension"


def environment_readers(folder: Path) -> list[str]:
    """The modules that touch the process environment, by any spelling."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            attribute = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb", "putenv")
            imported = isinstance(node, ast.ImportFrom) and node.module == "os"
            if attribute or (imported and {"environ", "getenv"} & {alias.name for alias in node.names}):
                found.append(str(path.relative_to(folder)))
                break
    return found


def test_only_settings_reads_the_environment():
    assert environment_readers(ROOT / "vigie") == ["settings.py"], "lire les réglages par vigie.settings, qui les nomme tous"


@pytest.mark.parametrize("text", ["import os\nos.environ['A']", "from os import environ", "import os as o\no.getenv('A')"])
def test_any_spelling_of_the_environment_is_seen(tmp_path, text):
    (tmp_path / "module.py").write_text(text)
    assert environment_readers(tmp_path) == ["module.py"]


def imports_of_vigie(path: Path) -> set[str]:
    """The modules of vigie that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
            assert not node.level, f"{path.name} : écrire le nom entier du module importé"
    return {name for name in found if name.split(".")[0] == "vigie"}


def test_a_feed_imports_only_what_a_feed_is_and_the_readers():
    modules = sorted(path for path in (ROOT / "vigie/feeds").glob("*.py") if path.stem != "__init__")
    assert modules
    for path in modules:
        imported = imports_of_vigie(path)
        assert any(name.startswith("vigie.feed.") for name in imported), f"{path.name} ne déclare pas de Feed"
        foreign = {name for name in imported if not name.startswith(("vigie.feed.", "vigie.readers."))}
        assert not foreign, f"{path.name} importe {foreign} : un flux ne connaît que vigie.feed et vigie.readers"


def forbidden_texts(paths: Iterable[Path], root: Path) -> list[str]:
    found = []
    for path in paths:
        text = path.read_bytes().decode(errors="replace")
        for kind, pattern in FORBIDDEN_TEXTS.items():
            found += [f"{path.relative_to(root)} : {kind} « {match[0]} »" for match in pattern.finditer(text)]
    return found


def test_no_registry_host_and_no_path_of_a_machine_is_written():
    found = forbidden_texts(tracked(), ROOT)
    assert not found, spelled(found)


@pytest.mark.parametrize("text", ["https://py" + "pi.org/simple", "/work" + "/main/x", "/home" + "/moi/x", "gh" + "cr.io/a"])
def test_a_written_host_or_path_is_found(tmp_path, text):
    path = tmp_path / "note.md"
    path.write_text(f"voir {text} pour la suite")
    assert len(forbidden_texts([path], tmp_path)) == 1


def test_no_file_of_the_library_is_long():
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "vigie").rglob("*.py")}
    assert lengths
    long = [
        f"{path.relative_to(ROOT)} : {count} lignes ; {LONGEST} au plus, couper selon le sens"
        for path, count in lengths.items()
        if count > LONGEST
    ]
    assert not long, spelled(long)


def locked(name: str) -> dict[str, str]:
    """Package → its locked block (version line and hashes) of one requirements file."""
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text().strip())
    return {re.split(r"[=\[ @;]", block, maxsplit=1)[0]: block for block in blocks}


def test_both_environments_lock_one_version_of_duckdb():
    versions = {re.match(r"duckdb==(\S+)", locked(name)["duckdb"])[1] for name in ("pipeline.txt", "superset.txt")}
    (version,) = versions
    assert f'"duckdb=={version}"' in (ROOT / "pyproject.toml").read_text()
    assert f"duckdb=={version}" in (ROOT / "requirements/superset.in").read_text().splitlines()


@pytest.mark.parametrize("name", ["pipeline.txt", "superset.txt", "uv.txt"])
def test_requirements_are_locked_by_hash_and_name_no_address(name):
    packages = locked(name)
    assert packages
    unhashed = [package for package, block in packages.items() if "--hash=sha256:" not in block or "==" not in block]
    assert not unhashed, f"requirements/{name} : make lock ; sans empreinte ou sans version : {unhashed}"
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_the_readme_tells_what_every_top_folder_is_for():
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    told = set(re.findall(r"^\| `([\w.]+)/` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert told == folders | {"data"}
