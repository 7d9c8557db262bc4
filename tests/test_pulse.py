"""An observatory that stops is seen from outside."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from vigie import cli, pulse
from vigie.lake import Lake


@pytest.fixture
def lake(tmp_path):
    return Lake.open(tmp_path / "data", "sample")


def test_a_beat_is_fresh_then_stale_and_no_beat_is_stale(lake, capsys):
    data = ["--data", str(lake.root)]
    assert cli.main(["pulse", *data]) == 1
    assert "jamais" in capsys.readouterr().out
    pulse.beat(lake)
    assert cli.main(["pulse", *data]) == 0
    assert not pulse.read(lake, timedelta(minutes=1)).is_stale
    old = json.loads((lake.root / "pulse.json").read_text())["beat_at"].replace("202", "201", 1)
    (lake.root / "pulse.json").write_text(json.dumps({"beat_at": old}))
    assert cli.main(["pulse", "--json", *data]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["is_stale"] is True
    assert cli.main(["pulse", "--max-minutes", "99999999", *data]) == 0


def test_a_half_written_beat_is_no_beat(lake):
    (lake.root / "pulse.json").write_text("{")
    assert pulse.read(lake, timedelta(days=9)).is_stale


def test_whoever_listens_is_asked_at_each_beat_and_may_be_away(lake, monkeypatch):
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("VIGIE_PULSE_URL", f"http://127.0.0.1:{server.server_port}/battement")
    pulse.beat(lake)
    server.shutdown()
    server.server_close()
    pulse.beat(lake)
    assert asked == ["/battement"] and not pulse.read(lake, timedelta(minutes=1)).is_stale
