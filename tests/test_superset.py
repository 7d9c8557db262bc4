"""The real Superset, opened by an analyst in a real Chromium."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
import uuid
from dataclasses import dataclass, replace
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.superset_site import Site, serving, sign_in
from vigie import dashboards, keys, settings, windows

pytestmark = pytest.mark.real

RAW = re.compile(r"(?<![\w'’])(null|<null>|n/a|nan|undefined|none|aucun résultat|no results|no data)(?![\w'’])", re.IGNORECASE)
ENGLISH = re.compile(
    r"\b(the|of|and|with|jobs|employment|unknown|landed|refused|retyped|recorded|invented|measured|bounded|modelled"
    r"|claimed|press|union|official|company|opt_in|opt_out|medium|high|low|critical|headcount|growth|share|updated|latest|sample|live|row|rows|feed|known|published)\b"
)


@pytest.fixture(scope="module")
def site(observatory, tmp_path_factory):
    with serving(observatory.data, tmp_path_factory.mktemp("superset") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def analyst(site, chromium):
    """A page where the analyst is signed in."""
    return sign_in(chromium, site, "analyste")


@dataclass
class Visit:
    """What a reader met on one dashboard, tab after tab."""

    charts: set[str]
    text: str
    answers: list[tuple[int, int]]
    foreign: list[str]
    failures: int


def visit(page: Page, site: Site, name: str) -> Visit:
    seen = Visit(set(), "", [], [], 0)

    def note(response):
        if "/api/v1/chart/data" in response.url:
            body = response.json() if response.ok else {}
            rows = min((result["rowcount"] for result in body.get("result", [])), default=0)
            seen.answers.append((response.status, rows))
        if urlsplit(response.url).hostname not in ("127.0.0.1", None):
            seen.foreign.append(response.url)

    page.on("response", note)
    page.set_viewport_size({"width": 1500, "height": 3200})
    page.goto(f"{site.address}/superset/dashboard/{name}/")
    page.wait_for_selector("[data-test=chart-grid-component]", timeout=60_000)
    tabs = page.locator(".dashboard-component-tabs .ant-tabs-tab")
    for number in range(max(1, tabs.count())):
        if tabs.count():
            tabs.nth(number).click()
        _settle(page)
        shown = page.locator("[data-test=chart-grid-component]:visible")
        seen.charts |= {shown.nth(i).get_attribute("data-test-chart-name") for i in range(shown.count())}
        seen.text += "\n".join(shown.all_inner_texts()) + "\n"
        seen.failures += page.locator("[data-test=chart-error]:visible, .ant-alert-error:visible, .ant-empty:visible").count()
    page.remove_listener("response", note)
    return seen


def _settle(page: Page) -> None:
    page.wait_for_timeout(1500)
    for _ in range(120):
        if not page.locator("[data-test=loading-indicator]:visible, .loading:visible, .ant-spin-spinning:visible").count():
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(1000)


@pytest.mark.parametrize("name", sorted(windows.read().dashboards))
def test_a_dashboard_opens_whole_in_french_and_without_a_raw_void(analyst, site, observatory, name):
    board, read = windows.read().dashboards[name], windows.read()
    seen = visit(analyst, site, name)
    assert seen.charts == {read.charts[path].title for path in board.charts()}
    assert seen.failures == 0
    assert len(seen.answers) >= len(board.charts())
    assert {status for status, _ in seen.answers} == {200}
    assert min(rows for _, rows in seen.answers) > 0
    assert RAW.findall(seen.text) == []
    ours = seen.text
    names = "select instrument from regulations union select title from notices"
    names += " union select origin_by from loads union select unnest(matches) from notices"
    for (name_given,) in observatory.ask(f"select * from ({names}) as t(name) where name <> '' order by length(name) desc"):
        ours = ours.replace(name_given, "")  # laws, newspapers and searched terms keep their own language
    assert ENGLISH.findall(ours) == []
    assert seen.foreign == []


def test_the_first_screen_says_the_essential_without_scrolling(analyst, site):
    analyst.set_viewport_size({"width": 1500, "height": 1000})
    analyst.goto(f"{site.address}/superset/dashboard/vue-d-ensemble/")
    analyst.wait_for_selector('[data-test-chart-name="À la une"] tbody tr', timeout=60_000)
    _settle(analyst)
    cards = analyst.locator('[data-test-chart-name="À la une"] tbody tr')
    texts = cards.all_inner_texts()
    assert len(texts) == 6
    assert all("Puis-je le citer ?" in text and "Source" in text for text in texts)
    assert "2025-594" in texts[0] and "jours" in texts[0]
    assert "inconnu" in texts[1] and "CNSS" in texts[1] and "ANRT" in texts[1]
    assert "13" in texts[2] and "24" in texts[2] and "15" in texts[2] and "20" in texts[2]
    assert "provisoire" in texts[4] and "26,2" in texts[4]
    assert "Données d'exemple" in analyst.locator('[data-test-chart-name="Données affichées"]').inner_text()
    for title in ("Données affichées", "À la une", "Alertes actives", "Ce qui a changé"):
        box = analyst.locator(f'[data-test-chart-name="{title}"]').bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 1000, title
    for number in range(6):
        inside = cards.nth(number).evaluate("card => card.scrollHeight <= card.clientHeight + 1")
        assert inside, texts[number]


def choose(page: Page, label: str, day: str) -> None:
    """Picks a day in the bar of filters, as a reader does."""
    bar = page.locator("[data-test=form-item-value], .filter-item-wrapper, [data-test=filter-bar] *", has_text=label)
    bar.last.wait_for(timeout=60_000)
    names = [name.strip() for name in page.locator("[data-test=filter-control-name]").all_inner_texts()]
    page.locator(".ant-select:visible").nth(names.index(label)).click()
    page.keyboard.type(day)
    page.locator(".ant-select-item-option", has_text=day).first.click()
    page.locator("[data-test=filter-bar__apply-button]").click()
    _settle(page)


def shown(page: Page, title: str) -> str:
    chart = page.locator(f'[data-test-chart-name="{title}"]')
    chart.locator("tbody tr").first.wait_for(timeout=60_000)
    return chart.inner_text()


def test_a_chosen_day_shows_what_was_known_at_its_end(analyst, site):
    analyst.set_viewport_size({"width": 1500, "height": 2400})
    analyst.goto(f"{site.address}/superset/dashboard/exportations-et-dependances/")
    _settle(analyst)
    analyst.locator(".dashboard-component-tabs .ant-tabs-tab", has_text="Détail").click()
    _settle(analyst)
    assert "ministère de la transition numérique" in shown(analyst, "Toutes les valeurs d'exportation")
    choose(analyst, "Connu au", "31/03/2025")
    then = shown(analyst, "Toutes les valeurs d'exportation")
    assert "15,800" in then and "15,700" not in then, "the second release had come that day"
    assert "Nouveau périmètre" not in then, "nobody knew the new perimeter then"
    analyst.locator(".dashboard-component-tabs .ant-tabs-tab", has_text="Exportations").first.click()
    assert "Vu du 31/03/2025" in shown(analyst, "Données affichées")
    analyst.locator(".dashboard-component-tabs .ant-tabs-tab", has_text="Détail").click()
    choose(analyst, "Connu au", "31/05/2024")
    then = shown(analyst, "Toutes les valeurs d'exportation")
    assert "15,700" in then and "15,800" not in then


def test_the_page_of_revisions_counts_from_the_chosen_day(analyst, site):
    analyst.set_viewport_size({"width": 1500, "height": 2600})
    analyst.goto(f"{site.address}/superset/dashboard/fiabilite/")
    _settle(analyst)
    analyst.locator(".dashboard-component-tabs .ant-tabs-tab", has_text="Révisions").click()
    _settle(analyst)
    assert "1 441 266 760 USD" in shown(analyst, "Valeurs révisées")
    assert "23/11/2025" in shown(analyst, "Depuis le jour choisi")
    choose(analyst, "Comparé au", "14/07/2026")
    assert "Aucune valeur n'a changé depuis ce jour" in shown(analyst, "Valeurs révisées")
    assert "aucune valeur révisée" in shown(analyst, "Depuis le jour choisi")


def test_only_the_day_is_written_in_a_question_and_no_template_is_evaluated():
    script = """
from superset.exceptions import QueryObjectValidationError
from vigie_superset import ChosenDay
def ask(sql, *chosen):
    day = object.__new__(ChosenDay)
    day._context, day._removed_filters, day._applied_filters = {"filter": list(chosen)}, [], []
    return day.process_template(sql), day._removed_filters, day._applied_filters
plain = "select getvariable('known_on'), '{{ 7 * 7 }}', getvariable('other')"
assert ask(plain) == (plain, [], [])
summer = {"col": "known_on", "op": "IN", "val": ["20/10/2025"]}
written, removed, applied = ask(plain, summer, {"col": "segment", "op": "IN", "val": ["x"]})
assert written == plain.replace("getvariable('known_on')", "timestamp '2025-10-20 22:59:59.999999'"), written
assert removed == applied == ["known_on"]
# Casablanca is one hour behind itself during Ramadan
assert "2025-03-15 23:59:59.999999" in ask(plain, {"col": "known_on", "op": "==", "val": "15/03/2025"})[0]
for text in ("2025-10-20", "1'); drop table x; --", "", "31/02/2025", None):
    try:
        ask(plain, {"col": "known_on", "op": "IN", "val": [text]})
        raise SystemExit(f"accepté : {text}")
    except QueryObjectValidationError as refusal:
        assert "en choisir un dans la liste" in str(refusal)
print("fini")
"""
    done = subprocess.run(
        [settings.read().superset_python, "-c", script],
        env={**os.environ, "PYTHONPATH": str(dashboards.SUPERSET)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("fini"), done.stderr


def test_the_map_is_drawn_without_tiles(analyst, site):
    analyst.goto(f"{site.address}/superset/dashboard/emplois-et-territoires/")
    analyst.locator(".dashboard-component-tabs .ant-tabs-tab", has_text="Lieux").click()
    drawing = analyst.locator('[data-test-chart-name="Où sont les emplois connus"] canvas').first
    drawing.wait_for(timeout=60_000)
    _settle(analyst)
    blank = len(analyst.locator('[data-test-chart-name="Effectifs relevés par ville"] [data-test=slice-header]').screenshot())
    assert len(drawing.screenshot()) > 2 * blank


def test_the_analyst_reads_and_changes_nothing(analyst, site):
    for path, allowed in {
        "/api/v1/dashboard/": True, "/api/v1/chart/": True,
        "/api/v1/sqllab/": False, "/api/v1/database/1/connection": False, "/api/v1/security/users/": False,
    }.items():  # fmt: skip
        status = analyst.request.get(f"{site.address}{path}").status
        assert (status == 200) is allowed, (path, status)
    token = analyst.request.get(f"{site.address}/api/v1/security/csrf_token/").json()["result"]
    answer = analyst.request.put(
        f"{site.address}/api/v1/dashboard/1",
        data={"dashboard_title": "autre"}, headers={"X-CSRFToken": token, "Referer": site.address},
    )  # fmt: skip
    assert answer.status == 403


def test_the_login_page_is_french_for_those_who_are_not_signed_in(site, chromium):
    page = chromium.new_context(locale="fr-FR").new_page()
    page.goto(f"{site.address}/superset/dashboard/vue-d-ensemble/")
    page.wait_for_selector("input#username, input[name=username]")
    page.get_by_text("Mot de passe").first.wait_for()
    assert "/login" in page.url


def test_a_new_publication_is_seen_at_the_next_query(analyst, site):
    def told() -> str:
        analyst.goto(f"{site.address}/superset/dashboard/fiabilite/")
        ribbon = analyst.locator('[data-test-chart-name="Données affichées"] tbody tr').first
        ribbon.wait_for(timeout=60_000)
        return ribbon.inner_text()

    with duckdb.connect(str(site.run.data.published.resolve()), read_only=True) as connection:
        ((version,),) = connection.execute("select version from publication").fetchall()
    assert f"Publication n° {version} " in told()
    _publish(site, version + 1)
    assert f"Publication n° {version + 1} " in told()


def _publish(site: Site, version: int) -> None:
    """The next version of the file behind the link, as publish makes it."""
    data = site.run.data
    target = data.root / f"published-{version}.duckdb"
    shutil.copy(data.published.resolve(), target)
    with duckdb.connect(str(target)) as connection:
        connection.execute("update publication set version = ?", [version])
    link = data.root / ".published.new"
    link.symlink_to(target.name)
    link.replace(data.published)


def test_a_second_start_finds_everything_in_place(site):
    began = time.monotonic()
    again = dashboards.deploy(site.run, keys.superset(site.run.data))
    assert again == replace(site.first, is_new=False, pruned=[])
    assert time.monotonic() - began < 5
    assert site.first.is_new and site.first.dashboards == len(windows.read().dashboards) > 0


def assets(site: Site) -> dict[str, list]:
    """The identities that the metadata database holds."""
    with sqlite3.connect(site.home / "superset.db") as connection:
        return {
            table: sorted(connection.execute(f"select id, uuid from {table}").fetchall())
            for table in ("dashboards", "slices", "tables", "dbs")
        }


def test_importing_again_changes_nothing_and_pruning_spares_what_people_made(site, monkeypatch):
    before = assets(site)
    (site.home / "bootstrap.json").unlink()
    assert dashboards.deploy(site.run, keys.superset(site.run.data)).pruned == []
    assert assets(site) == before

    with sqlite3.connect(site.home / "superset.db") as connection:
        connection.execute(
            "insert into slices (slice_name, viz_type, params, created_on, changed_on, uuid) "
            "values ('à moi', 'table', '{}', '2026-11-23 08:00:00', '2026-11-23 08:00:00', ?)",
            [uuid.uuid4().bytes],
        )
    connection.close()
    read = windows.read()
    board = read.dashboards["fiabilite"]
    gone = "triangle-des-revisions"
    less = replace(
        board, tabs=[{**tab, "rows": [row for row in tab["rows"] if gone not in row.get("charts", {})]} for tab in board.tabs]
    )
    monkeypatch.setattr(
        windows, "read",
        lambda: replace(
            read,
            dashboards={**read.dashboards, "fiabilite": less},
            charts={name: chart for name, chart in read.charts.items() if name != "fiabilite/triangle-des-revisions"},
            datasets={name: dataset for name, dataset in read.datasets.items() if name != "triangle_des_revisions"},
        ),
    )  # fmt: skip
    pruned = dashboards.deploy(site.run, keys.superset(site.run.data)).pruned
    assert [name.split("/")[0] for name in pruned] == ["charts", "datasets"]
    after = assets(site)
    assert len(after["slices"]) == len(before["slices"]) and len(after["tables"]) == len(before["tables"]) - 1


def test_superset_refuses_to_start_without_its_secrets():
    bare = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    done = subprocess.run(
        [settings.read().superset_python, "-c", "import superset_config"],
        env={**bare, "PYTHONPATH": str(dashboards.SUPERSET)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "VIGIE_SUPERSET_SECRET_KEY manque" in done.stderr


def test_guessing_passwords_is_slowed_down(site):
    def attempt() -> int:
        body = json.dumps({"username": "analyste", "password": "faux", "provider": "db"}).encode()
        request = Request(f"{site.address}/api/v1/security/login", data=body, headers={"Content-Type": "application/json"})
        try:
            return urlopen(request, timeout=30).status
        except HTTPError as refusal:
            return refusal.code

    answers = [attempt() for _ in range(24)]  # ten for each of the two workers, and some
    assert set(answers) == {401, 429}


def test_each_load_leads_to_its_checks_for_those_who_are_signed_in_only(analyst, site):
    with duckdb.connect(str(site.run.data.published.resolve()), read_only=True) as connection:
        ((path,),) = connection.execute(
            "select checks_path from loads where checks_path is not null order by all limit 1"
        ).fetchall()
    analyst.goto(f"{site.address}/superset/dashboard/fiabilite/")
    analyst.locator(".dashboard-component-tabs .ant-tabs-tab", has_text="Flux et chargements").click()
    link = analyst.locator('[data-test-chart-name="Derniers chargements"] a', has_text="détail").first
    link.wait_for(timeout=60_000)
    assert link.get_attribute("href").startswith("/vigie/controles/")
    answer = analyst.request.get(f"{site.address}{path}")
    assert answer.status == 200 and "Contrôles de la porte" in answer.text()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    for bad in ("/vigie/controles/oc_exports/absent", "/vigie/controles/..%2f..%2fsecrets/x", "/vigie/controles/a/%2e%2e"):
        assert analyst.request.get(f"{site.address}{bad}").status == 404, bad
    with urlopen(f"{site.address}{path}", timeout=30) as stranger:
        assert "/login" in stranger.url


def test_each_number_leads_to_its_provenance_and_its_bytes_are_hashed_again(analyst, site):
    analyst.goto(f"{site.address}/superset/dashboard/vue-d-ensemble/")
    link = analyst.locator('[data-test-chart-name="À la une"] a', has_text="reçu").first
    link.wait_for(timeout=60_000)
    assert link.get_attribute("href").startswith("/vigie/recu/")
    with duckdb.connect(str(site.run.data.published.resolve()), read_only=True) as connection:
        ((exports,),) = connection.execute("select receipt_ids[1] from headlines where tile = 'exportations'").fetchall()
        ((lost,),) = connection.execute("select receipt_ids[1] from headlines where tile = 'pertes'").fetchall()
        ((feed, document),) = connection.execute(
            "select feed, document from indicator_inputs where receipt_id = ? limit 1", [exports]
        ).fetchall()
    page = f"{site.address}/vigie/recu/{exports}"
    answer = analyst.request.get(page)
    assert answer.status == 200
    assert "Office des changes" in answer.text() and document in answer.text() and "Formule" in answer.text()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    kept = site.run.data.document(feed, document)
    whole = kept.read_bytes()
    assert "✔" in analyst.request.get(f"{page}?verifier=1").text()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        changed = analyst.request.get(f"{page}?verifier=1").text()
        assert "✘ le document a changé" in changed and "✔" not in changed
    finally:
        kept.write_bytes(whole)
    assert "inconnu (non publié)" in analyst.request.get(f"{site.address}/vigie/recu/{lost}").text()
    for bad in ("absent", "..%2f..%2fsecrets", "a%20b"):
        assert analyst.request.get(f"{site.address}/vigie/recu/{bad}").status == 404, bad
    with urlopen(page, timeout=30) as stranger:
        assert "/login" in stranger.url


def test_the_note_of_the_version_is_read_here_by_those_who_are_signed_in_and_each_receipt_opens(analyst, site):
    analyst.goto(f"{site.address}/superset/dashboard/vue-d-ensemble/")
    link = analyst.locator(".dashboard-markdown a", has_text="la note du mois")
    link.wait_for(timeout=60_000)
    assert link.get_attribute("href").endswith("/vigie/bulletin")
    answer = analyst.request.get(f"{site.address}/vigie/bulletin")
    text = answer.text()
    assert answer.status == 200 and "novembre 2026" in text and "<svg" in text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    receipts = re.findall(r"href='(/vigie/recu/[^']+)'", text)
    assert len(receipts) > 100
    assert analyst.request.get(f"{site.address}{receipts[0]}").status == 200
    assert analyst.request.get(f"{site.address}/vigie/bulletin.pdf").body().startswith(b"%PDF-")
    assert {path.suffix for path in (site.home / "bulletins").iterdir()} == {".html", ".pdf"}
    with urlopen(f"{site.address}/vigie/bulletin", timeout=30) as stranger:
        assert "/login" in stranger.url


def test_axe_finds_nothing_serious_on_the_start_page(analyst, site):
    analyst.goto(f"{site.address}/superset/dashboard/vue-d-ensemble/")
    analyst.locator('[data-test-chart-name="À la une"] td').first.wait_for(timeout=60_000)
    found = Axe().run(analyst).response
    assert len(found["passes"]) > 20
    grave = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert {rule["id"]: [node["html"][:120] for node in rule["nodes"]] for rule in grave} == {}
