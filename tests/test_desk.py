"""The desk in a real Superset, opened in a real Chromium: who may act, what an act leaves, and what is refused."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.superset_site import serving, sign_in
from vigie import alert_acts, cli, objections, quarantine, reviews

pytestmark = pytest.mark.real
PAGES = {"": "Ce qui attend", "evenements": "Événements à relire", "alertes": "Alertes en cours", "chiffres": "Les chiffres",
         "quarantaine": "Ce que la porte retient", "recus": "Vérifier un reçu"}  # fmt: skip
ENGINEERS = {"quarantaine"}


@pytest.fixture(scope="module")
def site(observatory, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    with serving(observatory.data, folder / "data") as running:
        broken = folder / "wb_indicators.json"
        broken.write_text("rien")
        assert cli.main(["collect", "wb_indicators", "--from", str(broken), "--data", str(running.run.data.root)]) == 1
        yield running


@pytest.fixture(scope="module")
def analyst(site, chromium) -> Page:
    return sign_in(chromium, site, "analyste")


@pytest.fixture(scope="module")
def engineer(site, chromium) -> Page:
    return sign_in(chromium, site, "ingenieur")


def opened(page: Page, site, path: str) -> int:
    answer = page.goto(f"{site.address}/vigie/bureau/{path}")
    return answer.status


def said(page: Page) -> str:
    return " ".join(page.locator(".said").all_inner_texts())


def test_nobody_sees_the_desk_without_signing_in(site, chromium):
    page = chromium.new_context(locale="fr-FR").new_page()
    for path in PAGES:
        opened(page, site, path)
        assert "/login/" in page.url, path


def test_each_page_opens_for_those_whose_role_allows_it_and_says_so_to_the_others(site, analyst, engineer):
    views = Path(__file__).parents[1].joinpath("docker/superset/vigie_desk.py").read_text()
    exposed = {path.strip("/").split("/")[0] for path in re.findall(r'@expose\("([^"]*)"', views)}
    assert exposed == set(PAGES) and len(PAGES) > 5
    for path, title in PAGES.items():
        assert opened(engineer, site, path) == 200 and title in engineer.locator("h1").inner_text(), path
        refused = path in ENGINEERS
        assert opened(analyst, site, path) == (403 if refused else 200), path
        assert ("ne peut pas" if refused else title) in analyst.locator("h1").inner_text(), path


def test_an_alert_is_taken_care_of_read_and_put_to_sleep_in_the_name_of_the_account(site, analyst):
    opened(analyst, site, "alertes")
    before = alert_acts.under_way(site.run)
    assert len(before) > 3 and not any(line["acts"] for line in before)
    for button, note, until in (
        ("Prendre en charge", "appel au cabinet <b>demain</b>", ""),
        ("Écrire la lecture économique", "un reclassement, non un recul", ""),
        ("Mettre en veille", "chiffre attendu", "14j"),
    ):
        analyst.fill("#note-1", note)
        analyst.fill("#until-1", until)
        analyst.locator("article").first.get_by_role("button", name=button).click()
        analyst.wait_for_selector(".success")
    acts = [act for line in alert_acts.under_way(site.run) for act in line["acts"]]
    assert [(act["kind"], act["by"]) for act in acts] == [(kind, "analyste") for kind in ("acknowledge", "read", "snooze")]
    assert acts[0]["note"] == "appel au cabinet <b>demain</b>" and acts[2]["until"] is not None
    assert "appel au cabinet <b>demain</b>" in analyst.locator("article").first.inner_text(), "le texte n'est pas du HTML"
    analyst.locator("article").first.get_by_role("button", name="Faire taire la règle").click()
    analyst.wait_for_selector(".danger")
    assert "--note" in analyst.locator(".danger").first.inner_text()


def test_a_figure_is_contested_with_its_source_and_not_without(site, analyst):
    opened(analyst, site, "chiffres")
    analyst.fill("#reason", "le périmètre n'est pas dit")
    analyst.get_by_role("button", name="Contester").click()
    assert "ajouter --source" in said(analyst) and objections.of(site.run.data) == []
    assert analyst.input_value("#reason") == "le périmètre n'est pas dit", "rien de ce qui est écrit n'est perdu"
    analyst.fill("#source", "https://example.org/etude")
    analyst.get_by_role("button", name="Contester").click()
    analyst.wait_for_selector(".success")
    (made,) = objections.of(site.run.data)
    assert (made.made_by, made.reason) == ("analyste", "le périmètre n'est pas dit")


def test_an_event_of_the_press_is_read_corrected_and_leaves_the_queue(site, analyst):
    opened(analyst, site, "evenements")
    waiting = analyst.locator("tbody tr").count()
    assert waiting > 10 and waiting == len(reviews.candidates(site.run))
    analyst.locator("tbody tr", has_text="Fès").first.locator("a").click()
    assert analyst.locator("blockquote mark").count() and analyst.get_by_role("button", name="Rejeter").count()
    analyst.fill("#jobs", "61")
    analyst.get_by_role("button", name="Accepter corrigé").click()
    assert "ajouter --reason" in said(analyst) and analyst.input_value("#jobs") == "61"
    analyst.fill("#reason", "compté par le relecteur")
    analyst.get_by_role("button", name="Accepter corrigé").click()
    analyst.wait_for_selector(".success")
    assert analyst.locator("tbody tr").count() == waiting - 1
    (dropped,) = (site.run.data.inbox / reviews.FEED).glob("*.csv")
    assert ",correct," in dropped.read_text() and ",61," in dropped.read_text() and ",analyste," in dropped.read_text()


def test_what_the_door_holds_is_rejected_from_the_desk_with_a_reason(site, engineer):
    opened(engineer, site, "quarantaine")
    engineer.locator("table a").first.click()
    engineer.get_by_role("button", name="Rejeter").click()
    assert "motif" in said(engineer).lower() and list(quarantine.open_loads(site.run.data, "wb_indicators"))
    engineer.fill("#reason", "essai")
    engineer.get_by_role("button", name="Rejeter").click()
    engineer.wait_for_selector(".success")
    assert not list(quarantine.open_loads(site.run.data, "wb_indicators"))


def test_a_receipt_is_verified_and_a_forged_one_is_not(site, analyst, tmp_path, capsys):
    made = tmp_path / "recu.json"
    data = ["--data", str(site.run.data.root)]
    assert cli.main(["receipt", "eco_export_revenue", "--period", "2024", "-o", str(made), *data]) == 0
    capsys.readouterr()
    for content, sentence in ((made.read_text(), "Le reçu est vrai"), (forged(made.read_text()), "ne se vérifie pas")):
        made.write_text(content)
        opened(analyst, site, "recus")
        analyst.set_input_files("#receipt", str(made))
        analyst.get_by_role("button", name="Vérifier").click()
        assert sentence in analyst.locator("main").inner_text()


def forged(receipt: str) -> str:
    found = json.loads(receipt)
    found["row"]["value"] = (found["row"]["value"] or 0) + 1
    return json.dumps(found)


def test_a_form_of_another_site_and_a_name_that_is_an_option_are_refused(site, analyst):
    alert = alert_acts.under_way(site.run)[1]["alert_id"]
    address = f"{site.address}/vigie/bureau/alertes"
    unsigned = analyst.request.post(address, form={"alert": alert, "note": "x"})
    assert not unsigned.url.startswith(f"{site.address}/vigie/bureau"), "sans jeton, la demande est renvoyée ailleurs"
    opened(analyst, site, "alertes")
    token = analyst.locator("input[name=csrf_token]").first.get_attribute("value")
    taken = analyst.request.post(
        address, form={"csrf_token": token, "alert": "--by=autre", "verb": "acknowledge"}, headers={"Referer": address}
    )
    assert taken.status == 404
    assert len([act for line in alert_acts.under_way(site.run) for act in line["acts"]]) == 3


def test_the_desk_runs_no_script_and_passes_no_secret_on(site, analyst):
    assert analyst.goto(f"{site.address}/vigie/bureau/").headers["content-security-policy"].startswith("default-src 'none'")
    log = (site.run.data.root / "superset.log").read_text()
    assert "VIGIE_SUPERSET_ADMIN_PASSWORD" not in log
    pages = list(Path(__file__).parents[1].joinpath("docker/superset/desk").glob("*.html"))
    assert len(pages) > len(PAGES) and not [page.name for page in pages if "<script" in page.read_text()]
