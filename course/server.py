"""The Jupyter server extension: quick widgets and notebooks that reopen as pictures.

It is on wherever the course is installed (see jupyter/jupyter_server_config.d) and does two
things, each of which only logs and steps aside when a newer server no longer offers what it needs:

1. Kernel websockets send small messages at once. Nagle's algorithm holds each back for about
   40 ms, which caps a dragged handle at 18 frames a second.
2. A saved notebook drops the live view from every output that also carries a picture and says so.
   Opened again without its kernel, it shows the picture and not "Error displaying widget".
"""

from typing import Any

from course import __version__ as __version__

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SETTING = "kernel_websocket_connection_class"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "course.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    for install in (send_at_once, save_pictures):
        try:
            install(serverapp)
        except Exception as error:
            serverapp.log.warning("course.server: %s is off: %r", install.__name__, error)


# ------------------------------------------------------------------ 1. no delay
def send_at_once(serverapp: Any) -> None:
    """Make the server's kernel websockets send every message without waiting for more."""
    settings = serverapp.web_app.settings
    settings[SETTING] = no_delay(settings[SETTING])


def no_delay(connection: type) -> type:
    """Return a subclass of a kernel connection that sets TCP no-delay when it connects.

    Parameters
    ----------
    connection : type
        Whatever connection class the server is configured with.

    Returns
    -------
    type
        The subclass, or `connection` itself when it is one already.
    """
    if getattr(connection, "course_no_delay", False):
        return connection

    class NoDelayConnection(connection):
        course_no_delay = True

        def connect(self) -> Any:
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception as error:
                self.log.warning("course.server: no TCP no-delay here: %r", error)
            return super().connect()

    return NoDelayConnection


# ------------------------------------------------------------- 2. saved pictures
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
    if not any(_is_ours(output) for output in cell.get("outputs", [])):
        return cell
    outputs = []
    for output in cell["outputs"]:
        if _is_ours(output):
            data = {kind: value for kind, value in output["data"].items() if kind != WIDGET_VIEW}
            output = {**output, "data": data}
        outputs.append(output)
    return {**cell, "outputs": outputs}


def _is_ours(output: dict[str, Any]) -> bool:
    data = output.get("data", {})
    mark = output.get("metadata", {}).get("course", {})
    return (
        WIDGET_VIEW in data
        and len(data) > 1
        and isinstance(mark, dict)
        and mark.get("static") is True
    )
