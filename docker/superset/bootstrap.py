"""Brings a Superset to what the repository says, in one process, as often as one likes.

Run by Superset's own Python: `bootstrap.py BUNDLE`. Migrates, sets roles and accounts, imports the
bundle, prunes what the bundle no longer has, then reads back and prints one line of JSON.
"""

import json
import os
import sys
import uuid
from pathlib import Path

from superset.app import create_app

ACCOUNTS = {
    "administrateur": ("Admin", "VIGIE_SUPERSET_ADMIN_PASSWORD"),
    "analyste": ("Analyste", "VIGIE_SUPERSET_ANALYST_PASSWORD"),
    "ingenieur": ("Ingénieur", "VIGIE_SUPERSET_ENGINEER_PASSWORD"),
}
SQL_DESK = {
    "SavedQuery", "SQLLab", "SQL Lab", "SQL Editor", "Saved Queries", "Query Search",
    "TabStateView", "TableSchemaView",
}  # fmt: skip
OUR_WORK = {
    "Dashboard", "Chart", "Dataset", "Annotation", "CssTemplate", "Theme", "Tag", "ReportSchedule",
    "DashboardFilterStateRestApi_",
}  # fmt: skip
CHANGES = {"can_write", "can_add", "can_edit", "can_delete", "can_import_", "muldelete"}
TAKE_AWAY = {
    ("can_csv", "Superset"), ("can_export_data", "Superset"), ("can_export_image", "Superset"),
    ("can_copy_clipboard", "Superset"), ("can_view_and_drill", "Dashboard"),
}  # fmt: skip
DESK = "Bureau"
READ_DESK = {("menu_access", DESK), ("can_read", DESK), ("can_review", DESK), ("can_contest", DESK), ("can_alerts", DESK)}
"""What any analyst may do on the desk; the quarantine is for those who know the feeds."""
DATA = "Données publiées"
READ_DATA = {("can_read", DATA)}
"""Reading the published tables by program: the rows that the dashboards show, and no more."""
LOGIN_PAGE = {("can_language_pack", "Superset")}
"""The one thing the anonymous may read: the words of the login page, which is English without them."""


def migrate() -> str:
    """Brings the metadata database to this Superset's schema; returns its revision."""
    import flask_migrate
    import superset
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from superset import db

    folder = str(Path(superset.__file__).parent / "migrations")
    heads = set(ScriptDirectory(folder).get_heads())
    with db.engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    if heads != current:
        flask_migrate.upgrade(folder)
        db.session.remove()
    return " ".join(sorted(heads))


def set_roles(security) -> None:
    """Roles as code: the whole list each time, so that a right given by hand does not stay."""
    from superset import db
    from superset.models.core import Database

    def rights(role: str) -> set[tuple[str, str]]:
        return {(right.permission.name, right.view_menu.name) for right in security.find_role(role).permissions}

    observatory = db.session.query(Database).filter_by(database_name="Observatoire").one()
    reading = {("database_access", observatory.perm)}
    looking = {
        (verb, thing)
        for verb, thing in rights("Gamma")
        if thing not in {*SQL_DESK, DESK, DATA} and not (verb in CHANGES and thing in OUR_WORK)
    }
    for name, granted in {
        "Analyste": looking | reading | TAKE_AWAY | READ_DESK | READ_DATA,
        "Ingénieur": rights("Alpha") | rights("sql_lab") | reading | READ_DESK | READ_DATA | {("can_quarantine", DESK)},
        "Public": LOGIN_PAGE,
    }.items():
        role = security.add_role(name)
        role.permissions = [security.add_permission_view_menu(*right) for right in sorted(granted)]
    db.session.commit()


def set_account(security, name: str, role_name: str, password: str) -> None:
    """One account with one role; the password follows the secret it comes from."""
    role, user = security.find_role(role_name), security.find_user(name)
    if user is None:
        user = security.add_user(name, name.capitalize(), "Vigie", f"{name}@vigie.invalid", role, password=password)
        if not user:
            raise SystemExit(f"Superset a refusé de créer le compte « {name} »")
        return
    user.roles = [role]
    security.reset_password(user.id, password)


def import_bundle(bundle: Path) -> None:
    """One transaction: all the assets, or none."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    ImportAssetsCommand({str(file.relative_to(bundle)): file.read_text() for file in bundle.rglob("*.yaml")}).run()


def windows() -> dict[str, type]:
    """The kinds of assets that the repository owns, by their folder in a bundle."""
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    return {"dashboards": Dashboard, "charts": Slice, "datasets": SqlaTable}


def ours(kind: type) -> list:
    """What the repository made: its uuid is computed from its path (version 5); people's is random."""
    from superset import db

    return [asset for asset in db.session.query(kind).all() if uuid.UUID(str(asset.uuid)).version == 5]


def prune(bundle: Path) -> list[str]:
    """Removes what the repository made and no longer has; what people make on the site stays."""
    import yaml
    from superset import db

    gone = []
    for folder, kind in windows().items():
        kept = {yaml.safe_load(file.read_text())["uuid"] for file in (bundle / folder).rglob("*.yaml")}
        for asset in ours(kind):
            if str(asset.uuid) not in kept:
                gone.append(f"{folder}/{asset}")
                db.session.delete(asset)
    db.session.commit()
    return sorted(gone)


def read_back() -> dict:
    """What Superset now holds of the repository, in its own words: the proof of the import."""
    held = {folder: ours(kind) for folder, kind in windows().items()}
    boards = held.pop("dashboards")
    return {
        "dashboards": {str(board.uuid): sorted(str(chart.uuid) for chart in board.slices) for board in boards},
        **{folder: sorted(str(asset.uuid) for asset in assets) for folder, assets in held.items()},
    }


def main(bundle: Path) -> None:
    from superset import security_manager as security
    from superset.extensions import appbuilder
    from superset.utils.core import override_user

    missing = sorted(variable for _, variable in ACCOUNTS.values() if not os.environ.get(variable))
    if missing:
        raise SystemExit(f"Mots de passe absents : {', '.join(missing)}. Aucun compte n'a de mot de passe par défaut.")
    revision = migrate()
    appbuilder.add_permissions(update_perms=True)
    security.sync_role_definitions()
    administrator, (role, variable) = next(iter(ACCOUNTS.items()))
    set_account(security, administrator, role, os.environ[variable])
    with override_user(security.find_user(administrator)):
        import_bundle(bundle)
        pruned = prune(bundle)
    set_roles(security)
    for name, (role, variable) in ACCOUNTS.items():
        set_account(security, name, role, os.environ[variable])
    print(json.dumps({"revision": revision, "pruned": pruned, **read_back()}))


if __name__ == "__main__":
    with create_app().app_context():
        main(Path(sys.argv[1]))
