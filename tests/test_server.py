import asyncio
import copy
import json
import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import websocket
from jupyter_client.session import Session

from course import server

TOKEN = "only-for-this-test"
PATIENCE = 1.0  # of the real server: a busy machine is not to be mistaken for a busy kernel


def output(ours=True, **data):
    metadata = {"course": {"static": True}} if ours else {}
    return {"output_type": "display_data", "metadata": metadata, "data": data}


def view(**others):
    return {server.WIDGET_VIEW: {"model_id": "a", "version_major": 2}, **others}


def notebook(*outputs):
    cell = {"cell_type": "code", "execution_count": 1, "id": "c", "metadata": {}, "source": "1"}
    text = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "text"}
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}}
    cells = [text, {**cell, "outputs": list(outputs)}]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


# --------------------------------------------------------------- saved pictures
def test_our_output_keeps_its_picture_and_text():
    before = notebook(output(**view(**{"image/png": "aGVsbG8=", "text/plain": "w = 1"})))
    untouched = copy.deepcopy(before)
    after = server.without_live_views(before)
    assert before == untouched
    assert after["cells"][1]["outputs"][0]["data"] == {
        "image/png": "aGVsbG8=",
        "text/plain": "w = 1",
    }
    assert after["metadata"] == {}


def test_widgets_of_others_stay_with_their_state():
    ours = output(**view(**{"text/plain": "w = 1"}))
    theirs = output(ours=False, **view(**{"text/plain": "IntSlider()"}))
    after = server.without_live_views(notebook(ours, theirs))
    assert server.WIDGET_VIEW not in after["cells"][1]["outputs"][0]["data"]
    assert server.WIDGET_VIEW in after["cells"][1]["outputs"][1]["data"]
    assert "widgets" in after["metadata"]


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [output(ours=False, **view(**{"text/plain": "IntSlider()"}))],
        [output(**view())],  # nothing would be left
        [{"output_type": "stream", "name": "stdout", "text": "1"}],
        [{"output_type": "display_data", "metadata": {"course": "mine"}, "data": view(a=1)}],
    ],
)
def test_any_other_notebook_is_returned_itself(outputs):
    before = notebook(*outputs)
    assert server.without_live_views(before) is before


def test_a_broken_notebook_is_saved_as_it_is(caplog):
    hooks = []
    contents = SimpleNamespace(
        register_pre_save_hook=hooks.append, log=logging.getLogger("contents")
    )
    server.save_pictures(SimpleNamespace(contents_manager=contents))
    for content in ({"cells": 5}, {"cells": [None]}):
        model = {"type": "notebook", "content": content}
        hooks[0](model=model, path="a.ipynb", contents_manager=contents)
        assert model["content"] is content
    assert "saved as it is" in caplog.text


# ------------------------------------------------------------ quick connections
class Connection:
    log = logging.getLogger("connection")
    session = Session(key=b"")

    def __init__(self, handler=None):
        self.websocket_handler, self.told = handler, []

    def connect(self):
        return "connected"

    def disconnect(self):
        return "disconnected"

    def handle_outgoing_message(self, stream, outgoing_msg):
        self.told.append(outgoing_msg)


def from_kernel(kind, content, asked="a", by="comm_msg"):
    """A message as it comes from the kernel, in answer to the message `asked` of the kind `by`."""
    parent = {"header": {"msg_id": asked, "msg_type": by}}
    message = Connection.session.msg(kind, content, parent=parent)
    return [b"kernel.status", *Connection.session.serialize(message)]


def status(state, asked="a", by="comm_msg"):
    return from_kernel("status", {"execution_state": state}, asked, by)


def run(coroutine):
    """Run a coroutine on a thread of its own: Playwright's loop runs on the main thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


def told(*messages, then=0.0, connection=None):
    """What a quick connection tells of these messages, and `then` seconds later."""
    connection = connection or server.quick(Connection)()

    async def hear():
        for message in messages:
            connection.handle_outgoing_message("iopub", message)
        await asyncio.sleep(then)
        return connection.told

    return run(hear())


def test_no_delay_reaches_the_socket():
    with socket.socket() as plain:
        handler = SimpleNamespace(
            set_nodelay=lambda on: plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, on)
        )
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        assert server.quick(Connection)(handler).connect() == "connected"
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_quick_is_applied_once():
    quick = server.quick(Connection)
    assert issubclass(quick, Connection)
    assert server.quick(quick) is quick


def test_a_widget_that_is_answered_soon_never_makes_the_kernel_busy():
    update, idle = from_kernel("comm_msg", {"comm_id": "1", "data": {}}), status("idle")
    assert told(status("busy"), update, idle, then=2 * server.PATIENCE) == [update, idle]


def test_a_widget_that_takes_long_does(monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.01)
    quick = server.quick(Connection)()
    assert told(status("busy"), connection=quick) == []
    busy, idle = status("busy", "b"), status("idle", "b")
    assert told(busy, then=0.05, connection=quick) == [busy]
    assert told(idle, connection=quick) == [busy, idle]


def test_each_message_is_waited_for_by_itself(monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.01)
    long, short = status("busy", "long"), status("busy", "short")
    idle = status("idle", "short")
    assert told(long, short, idle, then=0.05) == [idle, long]


@pytest.mark.parametrize(
    "message",
    [
        status("busy", by="execute_request"),
        status("idle", by="execute_request"),
        status("idle"),
        status("starting"),
        from_kernel("stream", {"name": "stdout", "text": "busy"}),
        from_kernel("comm_msg", {"execution_state": "busy"}),
        from_kernel("comm_msg", {"data": "x" * 1000}),
        [b"kernel.status", b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"],
        [b"what is this?"],
        [],
    ],
)
def test_every_other_message_is_told_at_once_as_it_is(message):
    assert told(message) == [message]


def test_a_gateways_connection_is_left_as_it_is():
    from jupyter_server.gateway.connections import GatewayWebSocketConnection
    from tornado.websocket import WebSocketHandler

    sent = []
    handler = WebSocketHandler.__new__(WebSocketHandler)
    handler.write_message = sent.append
    connection = server.quick(GatewayWebSocketConnection)(websocket_handler=handler)
    message = json.dumps({"header": {"msg_type": "status"}, "content": {}})
    connection.handle_outgoing_message(message)
    assert sent == [message]


def test_nothing_is_told_after_the_end(monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.01)
    connection = server.quick(Connection)()

    async def leave():
        connection.handle_outgoing_message("iopub", status("busy"))
        assert connection.disconnect() == "disconnected"
        await asyncio.sleep(0.05)

    run(leave())
    assert connection.told == []


def test_a_changed_server_is_only_logged(caplog):
    assert server.quick(Connection)(SimpleNamespace()).connect() == "connected"
    assert "no TCP no-delay here" in caplog.text
    server._load_jupyter_server_extension(SimpleNamespace(log=logging.getLogger("server")))
    assert "quicken is off" in caplog.text
    assert "save_pictures is off" in caplog.text


def test_the_class_of_this_jupyter_server_has_what_we_use():
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    for name in ("connect", "disconnect", "handle_outgoing_message"):
        assert callable(getattr(ZMQChannelsWebsocketConnection, name))
    assert callable(KernelWebsocketHandler.set_nodelay)
    quick = server.quick(ZMQChannelsWebsocketConnection)
    assert issubclass(quick, ZMQChannelsWebsocketConnection)


# ---------------------------------------------------------------- a real server
@pytest.fixture(scope="module")
def real_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").mkdir()
    # A hook of the user's own, which must go on working; and what is done to websockets is logged.
    (folder / "config" / "jupyter_server_config.py").write_text(
        "from tornado.websocket import WebSocketHandler\n"
        "plain = WebSocketHandler.set_nodelay\n"
        "def logged(self, on):\n"
        "    print('no-delay:', on, flush=True)\n"
        "    plain(self, on)\n"
        "WebSocketHandler.set_nodelay = logged\n"
        "import course.server\n"
        f"course.server.PATIENCE = {PATIENCE}\n"
        "def hook(model, **_):\n"
        "    if model['type'] == 'notebook':\n"
        "        model['content']['metadata']['hooked'] = True\n"
        "c.FileContentsManager.pre_save_hook = hook\n"
    )
    (folder / "root").mkdir()
    command = [sys.executable, "-m", "jupyter_server", f"--port={port}", "--no-browser"]
    command += [f"--ServerApp.root_dir={folder / 'root'}", f"--IdentityProvider.token={TOKEN}"]
    command += ["--ServerApp.jpserver_extensions={'course.server': True}", "--allow-root"]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config")}
    log = folder / "log.txt"
    with log.open("w") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address, process, log)
            yield SimpleNamespace(address=address, port=port, log=log, root=folder / "root")
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(address, process, log):
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            request(f"{address}/api/status")
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def request(url, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    question = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(question, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def test_a_real_server_saves_the_picture(real_server):
    url = f"{real_server.address}/api/contents/saved.ipynb"
    content = notebook(output(**view(**{"image/png": "aGVsbG8=", "text/plain": "w = 1"})))
    request(url, "PUT", {"type": "notebook", "format": "json", "content": content})
    saved = request(url)["content"]
    assert sorted(saved["cells"][1]["outputs"][0]["data"]) == ["image/png", "text/plain"]
    assert "widgets" not in saved["metadata"]
    assert saved["metadata"]["hooked"] is True

    # Checkpoints and other files go their usual way.
    checkpoint = request(f"{url}/checkpoints", "POST")
    request(f"{url}/checkpoints/{checkpoint['id']}", "POST")
    assert request(url)["content"]["cells"] == saved["cells"]
    plain = f"{real_server.address}/api/contents/notes.txt"
    request(plain, "PUT", {"type": "file", "format": "text", "content": "widget-view"})
    assert request(plain)["content"] == "widget-view"


WIDGET = f"""
import time
def opened(comm, _):
    @comm.on_msg
    def _(message):
        time.sleep({1.5 * PATIENCE} * message["content"]["data"]["long"])
        comm.send("done")
get_ipython().kernel.comm_manager.register_target("widget", opened)
"""


def test_a_real_kernel_websocket_is_quick(real_server):
    kernel = request(f"{real_server.address}/api/kernels", "POST", {"name": "python3"})
    path = f"api/kernels/{kernel['id']}/channels?session_id=a&token={TOKEN}"
    connection = websocket.create_connection(
        f"ws://127.0.0.1:{real_server.port}/{path}", timeout=60
    )
    cell = {"code": WIDGET, "silent": False, "user_expressions": {}}
    try:
        assert answers(connection, "execute_request", cell) == ["busy", "execute_input", "idle"]
        answers(connection, "comm_open", {"comm_id": "1", "target_name": "widget", "data": {}})
        short, long = ({"comm_id": "1", "data": {"long": long}} for long in (0, 1))
        assert answers(connection, "comm_msg", short) == ["comm_msg", "idle"]
        assert answers(connection, "comm_msg", long) == ["busy", "comm_msg", "idle"]
    finally:
        connection.close()
        request(f"{real_server.address}/api/kernels/{kernel['id']}", "DELETE")
    log = real_server.log.read_text()
    assert "no-delay: True" in log
    assert "no TCP no-delay here" not in log


def answers(connection, kind, content):
    """What the kernel publishes in answer to a message, until it is idle: states, other kinds."""
    identifier = os.urandom(8).hex()
    header = {"msg_id": identifier, "msg_type": kind, "version": "5.3"}
    header |= {"session": "a", "username": "", "date": "2026-01-01T00:00:00Z"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    connection.send(json.dumps({**message, "channel": "shell"}))
    found = []
    while "idle" not in found:
        answer = json.loads(connection.recv())
        if answer["parent_header"].get("msg_id") == identifier and answer["channel"] == "iopub":
            found.append(answer["content"].get("execution_state", answer["msg_type"]))
    return found
