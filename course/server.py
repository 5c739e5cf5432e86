"""The Jupyter server extension: quick widgets and notebooks that reopen as pictures.

It is on wherever the course is installed (see jupyter/jupyter_server_config.d) and does four
things, each of which only logs and steps aside when a newer server no longer offers what it needs:

1. Kernel websockets send small messages at once. Nagle's algorithm holds each back for about
   40 ms, which caps a dragged handle at 18 frames a second.
2. A kernel that answers a widget quickly is not called busy in between. For each change of that
   status JupyterLab draws its indicators anew and loads another icon of the page, which takes the
   browser as long as everything that the widget has to show.
3. A saved notebook drops the live view from every output that also carries a picture and says so.
   Opened again without its kernel, it shows the picture and not "Error displaying widget".
4. Opened again while its kernel lives, it is sent with these views: the explorers go on.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async

from course import __version__ as __version__
from course.live_views import WIDGET_VIEW, LiveViews, is_ours, process_of, with_live_views

SETTING = "kernel_websocket_connection_class"
PATIENCE = 0.2  # seconds that a kernel may work for a widget before it is called busy


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "course.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    live = LiveViews()
    for install, *needed in ((quicken, live.hear), (save_pictures,), (reopen_live, live)):
        try:
            install(serverapp, *needed)
        except Exception as error:
            serverapp.log.warning("course.server: %s is off: %r", install.__name__, error)


# ------------------------------------------------------------ 1., 2. kernel websockets
Heard = Callable[[Any, list[Any]], None]


def quicken(serverapp: Any, heard: Heard | None = None) -> None:
    """Make the server's kernel websockets `quick`."""
    settings = serverapp.web_app.settings
    settings[SETTING] = quick(settings[SETTING], heard)


def quick(connection: type, heard: Heard | None = None) -> type:
    """Return a subclass of a kernel connection that neither delays messages nor tells too many.

    It sets TCP no-delay when it connects. Of a kernel that works for a widget (a ``comm_msg``) it
    tells "busy" only after `PATIENCE`, and not at all if it is idle again by then: "idle" is what
    JupyterLab and ipywidgets wait for. Every other message goes its way at once, "busy" with a
    cell too.

    Parameters
    ----------
    connection : type
        Whatever connection class the server is configured with.
    heard : callable, optional
        Is given the connection and each message that the kernel sends.

    Returns
    -------
    type
        The subclass, or `connection` itself when it is one already.
    """
    if getattr(connection, "course_quick", False):
        return connection

    class QuickConnection(connection):
        course_quick = True

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._busy: dict[str, asyncio.TimerHandle] = {}

        def connect(self) -> Any:
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception as error:
                self.log.warning("course.server: no TCP no-delay here: %r", error)
            return super().connect()

        def disconnect(self) -> Any:
            for timer in self._busy.values():
                timer.cancel()
            self._busy.clear()
            return super().disconnect()

        def handle_outgoing_message(self, *message: Any) -> Any:
            tell = super().handle_outgoing_message
            if heard:
                try:
                    heard(self, message[1])
                except Exception as error:  # a message that is told as it is
                    self.log.debug("course.server: not understood: %r", error)
            status, asked = self._work_for_a_widget(message)
            if timer := self._busy.pop(asked, None):
                timer.cancel()
            if status != "busy":
                return tell(*message)

            def tell_late() -> None:
                del self._busy[asked]
                tell(*message)

            self._busy[asked] = asyncio.get_running_loop().call_later(PATIENCE, tell_late)

        def _work_for_a_widget(self, message: tuple[Any, ...]) -> tuple[str, str]:
            """Return "busy" or "idle" and the widget's message that it is about, or two ""."""
            try:
                _, outgoing_msg = message  # a gateway's connection has another form
                parts = self.session.feed_identities(outgoing_msg)[1]
                _, header, parent, _, content = parts[:5]
                if len(content) < 100:  # a status is short; longer ones are not worth reading
                    header, parent = self.session.unpack(header), self.session.unpack(parent)
                    if header["msg_type"] == "status" and parent["msg_type"] == "comm_msg":
                        return self.session.unpack(content)["execution_state"], parent["msg_id"]
            except Exception as error:  # a message that is told as it is
                self.log.debug("course.server: not understood: %r", error)
            return "", ""

    return QuickConnection


# ------------------------------------------------------------- 3. saved pictures
def save_pictures(serverapp: Any) -> None:
    """Register the hook that runs before a notebook is saved; other hooks stay."""
    contents = serverapp.contents_manager

    def course_pictures(model: dict[str, Any], **_: Any) -> None:
        try:
            if model.get("type") == "notebook" and isinstance(model.get("content"), dict):
                model["content"] = without_live_views(model["content"])
        except Exception as error:  # a save must never fail because of us
            contents.log.warning("course.server: notebook saved as it is: %r", error)

    contents.register_pre_save_hook(course_pictures)


def without_live_views(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook whose course outputs keep their picture and drop the live view.

    An output is ours when its metadata carries ``{"course": {"static": true}}``, which promises
    that its other representations say the same. Other widgets, and the state that they need,
    stay. The argument is not changed; without such outputs it is returned itself.

    Parameters
    ----------
    notebook : dict
        The notebook as JSON, format 4.

    Returns
    -------
    dict
        The same notebook, new where it differs.

    Examples
    --------
    >>> data = {WIDGET_VIEW: {"model_id": "0"}, "image/png": "...", "text/plain": "w = 1"}
    >>> output = {"output_type": "display_data", "data": data}
    >>> output["metadata"] = {"course": {"static": True}}
    >>> saved = without_live_views({"cells": [{"cell_type": "code", "outputs": [output]}]})
    >>> sorted(saved["cells"][0]["outputs"][0]["data"])
    ['image/png', 'text/plain']
    """
    cells = [_still(cell) for cell in notebook.get("cells", [])]
    if all(new is old for new, old in zip(cells, notebook.get("cells", []), strict=True)):
        return notebook
    still = {**notebook, "cells": cells}
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    if not any(WIDGET_VIEW in output.get("data", {}) for output in outputs):
        metadata = notebook.get("metadata", {})
        still["metadata"] = {key: value for key, value in metadata.items() if key != "widgets"}
    return still


def _still(cell: dict[str, Any]) -> dict[str, Any]:
    if not any(_is_live(output) for output in cell.get("outputs", [])):
        return cell
    outputs = []
    for output in cell["outputs"]:
        if _is_live(output):
            data = {kind: value for kind, value in output["data"].items() if kind != WIDGET_VIEW}
            output = {**output, "data": data}
        outputs.append(output)
    return {**cell, "outputs": outputs}


def _is_live(output: dict[str, Any]) -> bool:
    return is_ours(output) and WIDGET_VIEW in output["data"] and len(output["data"]) > 1


# ------------------------------------------------------------- 4. live again
def reopen_live(serverapp: Any, live: LiveViews) -> None:
    """Let a notebook that is read while its kernel lives have its live views again.

    Only a contents manager that answers asynchronously is wrapped, as JupyterLab's own is: a
    synchronous one also reads for itself.
    """
    contents, kernels = serverapp.contents_manager, serverapp.kernel_manager
    read = contents.get
    if not asyncio.iscoroutinefunction(read):
        serverapp.log.info("course.server: explorers do not come back live here")
        return

    async def get(path: str, *args: Any, **options: Any) -> dict[str, Any]:
        model: dict[str, Any] = await read(path, *args, **options)
        try:
            if model.get("type") == "notebook" and isinstance(model.get("content"), dict):
                kernel = await _kernel_of(serverapp.session_manager, path.strip("/"))
                if kernel in kernels:
                    views = live.of(kernel, process_of(kernels.get_kernel(kernel)))
                    model["content"] = with_live_views(model["content"], views)
        except Exception as error:  # a notebook must open whatever is wrong with us
            contents.log.warning("course.server: notebook opened as it is: %r", error)
        return model

    contents.get = get


async def _kernel_of(sessions: Any, path: str) -> str:
    """Return the kernel of the notebook at a path, or "" if none runs."""
    for session in await ensure_async(sessions.list_sessions()):
        if session["path"].strip("/") == path:
            return str(session["kernel"]["id"])
    return ""
