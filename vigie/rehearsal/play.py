"""Plays a plan: at each of its steps the clock leaps, the faults fall, and Airflow's scheduler does the chain as on any day.

Nothing leaves the machine: the mail server is the rehearsal's own, and no other way out, store or door is open.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from vigie import alert_acts, build, clock, notify, publish, routes, scene, scheduled, scheduler, serve, settings
from vigie.clock import CallError, Run
from vigie.inputs import SECTOR
from vigie.lake import Lake, Load
from vigie.rehearsal import mailbox, timeline
from vigie.rehearsal.mailbox import HOST, Mailbox
from vigie.rehearsal.plan import FAULT_FR, Fault, HumanAct, Plan, Step
from vigie.rehearsal.timeline import Timeline
from vigie.scene import Scene, Trouble
from vigie.scheduler import Airflow
from vigie.serve import say
from vigie.servers import ServerError, Servers, any_port
from vigie.wording import french_date

FOLDER = "rehearsal"
"""Where, in the data folder, a rehearsal leaves its mails and its timeline."""
DOMAIN = "repetition.invalid"
OWN = ("VIGIE_AIRFLOW_PORT", "VIGIE_SUPERSET_PYTHON")
STEP_SECONDS = 900
LOOK_SECONDS = 1
MID_BUILD_SECONDS = 4
"""How long a build works before it is killed: dbt has then begun to write."""
CAUSE = "vigie rehearse"


def rehearse(folder: Path, plan: Plan, pause: Callable[[], None] | None = None) -> Timeline:
    """Plays the plan in a new folder and says what came of it; `pause` is called between two steps.

    CallError when the folder has served; ServerError when a server or the chain gives up.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CallError(f"{folder} a déjà servi : une répétition se joue dans un dossier neuf ; en nommer un autre avec --data")
    lake = Lake.open(folder, "sample")
    with lake.lock("serve", wait=0), mailbox.listening(lake.root / FOLDER / "mail") as box, serve.asked_to_stop():
        settings.expose(**_isolation(box))
        servers = Servers(lake)
        try:
            serve.check(servers, windows=False)
            airflow, works = serve.start_airflow(servers, lake)
            servers.start(works)
            servers.wait("Airflow", airflow.is_healthy)
            say(f"  Airflow répond sur {airflow.address}")
            player = Player(plan, lake, servers, airflow, box)
            for number in range(len(plan.steps)):
                if pause and number:
                    pause()
                player.step(number)
        finally:
            servers.stop()
    run = clock.start(folder, "sample", caused_by=CAUSE)
    return Timeline(timeline.expected(plan), timeline.got(lake), (*player.untraced, *timeline.check(run, box.taken)))


def _isolation(box: Mailbox) -> dict[str, str]:
    """The settings under which nothing reaches anybody, nor the store or the doors of an observatory that serves.

    Every setting of this machine is closed but those of `OWN`: one that comes later is closed too.
    """
    told = {name: "" for name in settings.environment() if name.startswith("VIGIE_") and name not in OWN}
    told |= {"VIGIE_SMTP_URL": f"smtp://{HOST}:{box.port}", "VIGIE_FROM": f"vigie@{DOMAIN}"}
    if not settings.given("VIGIE_AIRFLOW_PORT"):
        # an observatory that works may hold the usual one
        told["VIGIE_AIRFLOW_PORT"] = str(any_port(HOST))
    return told | {route.to: f"{route.route}@{DOMAIN}" for route in reversed(routes.load(SECTOR).routes) if route.to}


@dataclass
class Player:
    """The playing of a plan; `untraced` tells of faults that nothing shows to have occurred, and of failures unasked for."""

    plan: Plan
    lake: Lake
    servers: Servers
    airflow: Airflow
    box: Mailbox
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    untraced: list[str] = field(default_factory=list)

    def step(self, number: int) -> None:
        """One step, from the leap of the clock to what people do of what was said."""
        step = self.plan.steps[number]
        refused, taken = self.box.refused, len(self.box.taken)
        say(f"\nÉtape {number + 1}/{len(self.plan.steps)} — {french_date(step.on)}\n{step.story.strip()}")
        for fault in step.faults:
            say(f"  Incident : {FAULT_FR[fault.kind]}{f' ({fault.feed})' if fault.feed else ''}. {fault.story.strip()}")
        self._settle()
        known = {(load.feed, load.load_id) for load in self.lake.loads()}
        self.box.refuses = any(fault.kind == "mail_refused" for fault in step.faults)
        before = self.plan.steps[number - 1].now if number else None
        troubles = tuple(Trouble(fault.feed, fault.of_feed) for fault in step.faults if fault.feed and fault.of_feed)
        self._collect(step, f"rehearsal__{number + 1:02d}__{step.on:%Y%m%d}", Scene(step.now, before, troubles))
        loads = [load for load in self.lake.loads() if (load.feed, load.load_id) not in known]
        landed = [load for load in loads if load.status == "landed"]
        say(f"  Collecte : {len(landed)} document(s) chargé(s), {len(loads) - len(landed)} incident(s) au registre")
        # nothing is decided before all that the day brings is there: the same messages leave at each rehearsal
        self.airflow.open(scheduled.WRITER_POOL, scheduler.POOLS[scheduled.WRITER_POOL])
        killed = self._kill(step)
        self._observe()
        for fault in step.faults:
            trace = self._trace(fault, loads, killed, self.box.refused - refused)
            if trace:
                say(f"  Trace : {trace}")
            else:
                self.untraced.append(f"{step.on:%d/%m/%Y} : rien ne montre que l'incident a eu lieu : {FAULT_FR[fault.kind]}")
        lines = [line for line in timeline.got(self.lake) if step.on in (line.on, line.arrives)]
        say(f"  Messages : {len(lines)}, dont {len(self.box.taken) - taken} reçu(s) par la messagerie")
        for line in lines:
            say(f"    {line.sentence()}")
        for act in step.acts:
            try:
                say(f"  Geste : {self._act(act)}")
            except CallError as error:
                self.untraced.append(f"{step.on:%d/%m/%Y} : geste impossible : {error}")

    def _settle(self) -> None:
        """Closes both pools between two chains: one that has begun ends on the day on which it began."""
        while True:
            self._until("la fin de la chaîne d'avant", lambda: not self._is_half_way())
            for pool in scheduler.POOLS:
                self.airflow.open(pool, 0)
            self._until("la fin du travail d'avant", lambda: not self.airflow.is_at_work())
            if not self._is_half_way():
                return
            for pool, slots in scheduler.POOLS.items():
                self.airflow.open(pool, slots)

    def _is_half_way(self) -> bool:
        running = [run for run in self.airflow.runs("observe", self.began) if run["state"] == "running"]
        return any(self.airflow.task("observe", run["dag_run_id"], "build")["state"] in ("running", "success") for run in running)

    def _run(self) -> Run:
        return clock.start(self.lake.root, "sample", caused_by=CAUSE)

    def _until(self, what: str, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            for line in self.servers.revive():
                say(f"  {line}")
            try:
                if happened():
                    return
            except (OSError, HTTPException, ServerError) as error:
                # the server that answers is busy or being restarted
                if time.monotonic() > deadline:
                    raise ServerError(f"{what} : {error}") from error
            if time.monotonic() > deadline:
                raise ServerError(f"{what} : pas fini après {STEP_SECONDS // 60} min ; lire {self.lake.root / 'logs'}")
            time.sleep(LOOK_SECONDS)

    def _collect(self, step: Step, name: str, set_scene: Scene) -> None:
        """The clock leaps, and each feed is collected; a publisher that was away for a moment answers once somebody noticed."""
        since = datetime.now(UTC).isoformat()
        scene.put(self.lake, set_scene)
        for dag_id in scheduler.collect_ids():
            self.airflow.trigger(dag_id, name)
        # no task reported meanwhile: on SQLite, Airflow stands still for a minute when it is asked and told at once
        self.airflow.open(scheduler.DEFAULT_POOL, scheduler.POOLS[scheduler.DEFAULT_POOL])
        brief = {fault.feed for fault in step.faults if fault.lasts == "moment"}
        states: dict[str, str] = {}

        def is_over() -> bool:
            noticed = {feed for feed in brief if feed and self._failures(feed, step.now)}
            if noticed:
                brief.difference_update(noticed)
                still = tuple(trouble for trouble in set_scene.troubles if trouble.feed not in noticed)
                scene.put(self.lake, replace(set_scene, troubles=still))
            runs = self.airflow.runs("~", since)
            states.update({run["dag_id"]: run["state"] for run in runs if run["dag_run_id"] == name})
            return len(states) == len(scheduler.collect_ids()) and set(states.values()) <= set(scheduler.ENDED)

        self._until("la collecte", is_over)
        failed = {dag_id.removeprefix("collect_") for dag_id, state in states.items() if state == "failed"}
        wanted = {fault.feed for fault in step.faults if fault.kind in ("unanswered", "truncated") and fault.lasts == "step"}
        self.untraced += [f"{step.on:%d/%m/%Y} : {feed} en échec sans incident voulu" for feed in sorted(failed - wanted)]

    def _failures(self, feed: str, now: datetime) -> list[Load]:
        return [load for load in self.lake.loads(feed) if load.status == "failed" and load.known_at >= now]

    def _kill(self, step: Step) -> str:
        """Kills what the step kills, in the middle of a build; returns the run whose build it was, empty when nothing is."""
        wanted = next((fault.kind for fault in step.faults if fault.kind in ("build_killed", "scheduler_killed")), None)
        if wanted is None:
            return ""
        found: dict[str, Any] = {}

        def is_building() -> bool:
            for run in [run for run in self.airflow.runs("observe", self.began) if run["state"] == "running"]:
                task = self.airflow.task("observe", run["dag_run_id"], "build")
                if task["state"] == "running" and task["pid"] and build.stamp(self.lake) is None:
                    found.update(task)
            return bool(found)

        self._until("le début de la construction", is_building)
        time.sleep(MID_BUILD_SECONDS)
        pid = found["pid"] if wanted == "build_killed" else self._scheduler_pid()
        os.kill(pid, signal.SIGKILL)
        say(f"  kill -9 {pid}, en pleine construction")
        return str(found["dag_run_id"])

    def _scheduler_pid(self) -> int:
        (pid,) = [one.process.pid for one in self.servers.running if one.name == "airflow-scheduler" and one.process]
        return pid

    def _observe(self) -> None:
        """Waits until all that is known is published by a run that has ended, and all is delivered that can be."""

        def is_over() -> bool:
            run, shown = self._run(), publish.current(self.lake)
            if shown is None or scheduled.is_unpublished(run) or (notify.is_due(run) and not self.box.refuses):
                return False
            # the runs that other events asked for find nothing to do, and are not waited for
            dag_id, _, name = shown.caused_by.removeprefix("airflow:").partition("/")
            return self.airflow.state(dag_id, name) in scheduler.ENDED

        self._until("construction, veille, publication, envoi", is_over)

    def _trace(self, fault: Fault, loads: list[Load], killed: str, refusals: int) -> str:
        """What shows that a fault occurred, and how it was met; empty when nothing does. `loads` are those of the step."""
        own = [load for load in loads if load.feed == fault.feed]
        match fault.kind:
            case "unanswered":
                told = next((load for load in own if load.status == "failed"), None)
                tries = self._tries(told) if told else 0
                return f"« {told.reason} » ; {tries} essais d'Airflow" if told and tries > 1 else ""
            case "truncated":
                return next((f"« {load.reason} »" for load in own if load.status == "refused"), "")
            case "repeated":
                landed = [load.document for load in own if load.status == "landed"]
                return f"{len(landed)} chargement(s), aucun en double" if landed and len(landed) == len(set(landed)) else ""
            case "silent":
                return "" if own else "aucun document, aucune erreur"
            case "mail_refused":
                return f"{refusals} connexion(s) refusée(s) ; les messages attendent" if refusals else ""
            case "build_killed" | "scheduler_killed":
                task = self.airflow.task("observe", killed, "build")
                return f"construction reprise à l'essai {task['try_number']} : {task['state']}" if task["try_number"] > 1 else ""

    def _tries(self, load: Load) -> int:
        """How many times Airflow tried the task that wrote a line of the ledger."""
        dag_id, _, name = load.caused_by.removeprefix("airflow:").partition("/")
        return int(self.airflow.task(dag_id, name, "collect")["try_number"])

    def _act(self, wanted: HumanAct) -> str:
        """What somebody does, by the code of `vigie alerts`."""
        run = self._run()
        lines = alert_acts.under_way(run, is_all=wanted.act == "reopen")
        own = [line["alert_id"] for line in lines if (line["rule"], line["entity"]) == (wanted.rule, wanted.entity)]
        if wanted.act == "silence":
            target = f"{wanted.rule}/{wanted.entity}" if wanted.entity else wanted.rule
        elif own:
            target = own[-1]
        else:
            there = ", ".join(sorted(f"{line['rule']} {line['entity']}" for line in lines)) or "aucune"
            raise CallError(f"{wanted.act} : aucune alerte {wanted.rule} sur {wanted.entity} ; il y a : {there}")
        until = alert_acts.moment(run, str(wanted.until)) if wanted.until else None
        return alert_acts.act(run, wanted.act, target, wanted.by, wanted.note, until).sentence()
