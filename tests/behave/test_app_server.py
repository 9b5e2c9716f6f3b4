"""The live page's server: loopback only, bounded, the newest move only, figures as the main job has them."""

import contextlib
import http.client
import json
import socket
import time

import live
import numpy as np
import pytest
import small_job
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from detente.analysis.job import from_prior
from detente.app.ask import BYTES, BadAsk, read
from detente.app.room import Room
from detente.app.serve import HOST, bind
from detente.scenario import ScenarioError


@pytest.fixture(scope="module")
def server():
    with live.served() as found:
        page = live.Page(found[0])
        page.send()
        page.next("answer", timeout=300.0)
        page.close()
        yield found


def get(port: int, path: str, host: str | None = None, method: str = "GET", **headers: str):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.putrequest(method, path, skip_host=True)
    link.putheader("Host", host or f"127.0.0.1:{port}")
    for name, value in headers.items():
        link.putheader(name, value)
    link.endheaders()
    answer = link.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def drain(page: live.Page, times: int = 0) -> None:
    """Send a move so many times, then read until the server ends it."""
    for k in range(times):
        page.send(levers={"restraint": 0.5 + 0.0001 * k})
    while True:
        page.socket.recv(timeout=20)


def test_it_listens_on_the_loopback_address_only():
    sock = bind(0)
    assert sock.getsockname()[0] == HOST == "127.0.0.1"
    sock.listen()
    with pytest.raises(ScenarioError, match="taken"):
        bind(sock.getsockname()[1])
    sock.close()


def test_every_file_comes_with_a_strict_policy(server):
    port, _ = server
    for path in ("/", "/main.js", "/page.css", "/room.json", "/cards.json", "/record.json", "/texts/en.json"):
        status, headers, body = get(port, path)
        assert status == 200, path
        assert body
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert f"ws://127.0.0.1:{port}" in policy
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["example.org", "example.org:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.example.org:{port}", ""])
def test_another_host_name_is_turned_away(server, host):
    port, _ = server
    assert get(port, "/room.json", host.format(port=port) or "-")[0] == 403


def test_another_origin_gets_neither_file_nor_socket(server):
    port, _ = server
    assert get(port, "/room.json", Origin="http://example.org")[0] == 403
    for origin in ("http://example.org", "null", None, f"http://127.0.0.1:{port}.example.org"):
        with pytest.raises(InvalidStatus):
            live.Page(port, origin)


@pytest.mark.parametrize("path", ["/../room.py", "/texts/../../room.py", "/%2e%2e/room.py", "/nothing", "/texts/"])
def test_only_listed_files_are_served(server, path):
    assert get(server[0], path)[0] == 404


def test_the_page_of_a_scenario_without_a_room_file_has_levers_charts_and_words(server):
    data = json.loads(get(server[0], "/room.json")[2])
    assert 1 <= len(data["first"]["levers"]) <= 8
    assert data["first"]["left"]
    assert data["first"]["right"]
    assert len(data["first"]["words"]) <= 5
    assert data["foot"].startswith("Share of simulated futures")
    assert data["front"][-1]["head"] == "What a figure is"


def test_no_change_shows_the_main_jobs_figures(server):
    """A page at rest and `detente run` of as many futures say the same: same luck, same particles, same estimates."""
    page = live.Page(server[0])
    result = small_job.job(futures=live.FUTURES, learn=from_prior(live.PARTICLES))
    items = [i.name for i in live.room().items]
    for _ in live.room().order:
        base = page.next("base")
        row = result.sel(theory=base["theory"], policy=result.attrs["no_change"])
        for name in ("crises[great]", "cohesion[league]"):
            if name in items:
                assert base["mean"][items.index(name)] == pytest.approx(float(row["mean"].sel(item=name)), rel=1e-3, abs=1e-6)
        for rung, name in ((2, "crisis[great]"), (3, "clash[great]"), (4, "war[great]")):
            here = row.sel(rung=rung, rivalry="great")
            assert base["mean"][items.index(name)] == pytest.approx(float(here["hazard_mean"]), rel=1e-3, abs=1e-6)
    page.close()


def test_a_package_whole_shows_the_main_jobs_paired_difference(server):
    page = live.Page(server[0])
    page.send(levers={"restraint": 1.0})
    done = page.next("answer", done=True)
    page.close()
    result = small_job.job(futures=live.FUTURES, learn=from_prior(live.PARTICLES))
    items = [i.name for i in live.room().items]
    checked = 0
    for theory, found in done["theories"].items():
        for k, name in enumerate(items):
            if name.startswith(("crisis", "clash", "war[")):
                continue
            row = result.sel(theory=theory, policy="restraint", item=name)
            assert found["d"][k] == pytest.approx(float(row["gain"]), rel=2e-3, abs=2e-3 * max(abs(float(row["mean"])), 1e-3)), name
            checked += 1
    assert checked > 20


def test_answers_sharpen_and_the_coarse_one_comes_first(server):
    page = live.Page(server[0])
    page.send(levers={"separation": 0.55})
    seen = []
    while not seen or not seen[-1]["done"]:
        seen.append(page.next("answer"))
    page.close()
    counts = [min(x["n"] for x in m["theories"].values()) for m in seen]
    assert counts[0] == 32
    assert counts == sorted(counts)
    assert counts[-1] == live.FUTURES
    k = [i.name for i in live.room().items].index("crises[great]")
    for theory in live.room().order:
        first, last = (m["theories"][theory] for m in (seen[0], seen[-1]))
        assert abs(first["d"][k] - last["d"][k]) < 6 * max(first["e"][k], 1e-3)


def test_the_newest_move_wins_and_a_left_one_is_never_finished(server):
    page = live.Page(server[0])
    for k in range(12):
        page.send(levers={"restraint": 0.05 * (k + 1)})
    last = page.next("answer", done=True)
    assert last["move"] == 12
    page.close()


def test_a_lever_at_nothing_is_no_change(server):
    page = live.Page(server[0])
    page.send(levers={"restraint": 0.0})
    done = page.next("answer", done=True)
    assert all(d in (0.0, None) for found in done["theories"].values() for d in found["d"])
    page.close()


def test_half_a_package_does_less_than_the_whole(server):
    page = live.Page(server[0])
    k = [i.name for i in live.room().items].index("crises[great]")
    found = []
    for x in (0.25, 0.5, 1.0):
        page.send(levers={"separation": x})
        done = page.next("answer", done=True)
        found.append(np.mean([v["d"][k] for v in done["theories"].values()]))
    page.close()
    assert found[2] < found[1] < found[0] < 0


def test_a_held_parameter_moves_the_theory_it_is_held_under_and_no_other(server):
    page = live.Page(server[0])
    one, other = live.room().order[:2]
    low, _ = live.room().known.parameters["danger"]
    page.send(held={one: {"danger": low}})
    done = page.next("answer", done=True)
    page.close()
    assert any(done["theories"][one]["d"])
    assert not any(done["theories"][other]["d"])


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "nonsense", '{"v": 2, "move": 1}', '{"v": 1}', '{"v": 1, "move": -1, "theories": ["calm"]}',
        '{"v": 1, "move": 1, "theories": []}', '{"v": 1, "move": 1, "theories": ["nobody"]}',
        '{"v": 1, "move": 1, "theories": ["calm"], "levers": {"nothing": 1}}',
        '{"v": 1, "move": 1, "theories": ["calm"], "levers": {"restraint": 2}}',
        '{"v": 1, "move": 1, "theories": ["calm"], "levers": {"restraint": NaN}}',
        '{"v": 1, "move": 1, "theories": ["calm"], "levers": {"restraint": true}}',
        '{"v": 1, "move": 1, "theories": ["calm"], "held": {"calm": {"danger": 1e9}}}',
        '{"v": 1, "move": 1, "theories": ["calm"], "held": {"nobody": {}}}',
        '{"v": 1, "move": 1, "theories": ["calm"], "more": 1}',
    ],
)  # fmt: skip
def test_a_message_that_is_not_an_ask_is_refused_in_a_sentence(text):
    with pytest.raises(BadAsk):
        read(text, live.room().known)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=3) | st.dictionaries(
    st.sampled_from(["v", "move", "levers", "theories", "held", "calm", "restraint", "x"]), x, max_size=4), max_leaves=12))  # fmt: skip
def test_any_json_is_an_ask_or_refused(value):
    with contextlib.suppress(BadAsk):
        read(json.dumps(value), live.room().known)


def test_a_message_too_large_ends_its_own_page_only(server):
    bad, good = live.Page(server[0]), live.Page(server[0])
    bad.socket.send("x" * (BYTES + 1))
    with pytest.raises(ConnectionClosed):
        drain(bad)
    good.send(levers={"restraint": 0.35})
    good.next("answer")
    good.close()


def test_a_page_that_floods_is_shut_out_and_another_is_answered(server):
    flood, good = live.Page(server[0]), live.Page(server[0])
    with pytest.raises(ConnectionClosed):
        drain(flood, times=2000)
    good.send(levers={"restraint": 0.15})
    good.next("answer", timeout=30)
    good.close()


def test_a_page_that_never_reads_does_not_hold_up_another(server):
    port, _ = server
    slow = socket.create_connection(("127.0.0.1", port))
    slow.sendall(b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # a handshake that is never finished
    stuck, good = live.Page(port), live.Page(port)
    for k in range(30):
        stuck.send(levers={"separation": 0.01 * (k + 1)})
    began = time.monotonic()
    good.send(levers={"restraint": 0.65})
    good.next("answer", timeout=30)
    assert time.monotonic() - began < 20
    slow.close()
    stuck.socket.close()
    good.close()


def test_a_room_file_with_an_unknown_name_is_refused_with_the_nearest(tmp_path):
    from detente import scenario as files
    from detente.app.layout import first
    from detente.engine.compose import compose

    folder = small_job.write(tmp_path / "small")
    (folder / "room.yaml").write_text("schema: 1\nlevers: [restrain]\nwords: []\nabsent: []\n")
    found = files.load(folder)
    with pytest.raises(ScenarioError, match="restraint"):
        first(Room(found, compose(found), 32))
