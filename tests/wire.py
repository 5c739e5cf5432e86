"""What a widget sends to the browser, recorded: a comm that keeps its messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from comm.base_comm import BaseComm

from course.explorers.stage import Stage


@dataclass
class Update:
    """Hold one state message: the traits that changed."""

    state: dict[str, Any]
    buffers: dict[str, bytes] = field(default_factory=dict)


class Recorder(BaseComm):
    """Stand in for the connection to the browser."""

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        self.__dict__.setdefault("sent", []).append((msg_type, data or {}, buffers or []))


def updates(stage: Stage) -> list[Update]:
    """Return the state messages sent since the last call."""
    sent, stage.comm.sent = stage.comm.sent, []
    found = []
    for kind, data, buffers in sent:
        if kind == "comm_msg" and data.get("method") == "update":
            names = [path[0] for path in data["buffer_paths"]]
            found.append(Update(data["state"], dict(zip(names, buffers, strict=True))))
    return found


def post(stage: Stage, **message: Any) -> None:
    """Deliver a message as the browser's ``model.send`` does."""
    content = {"client": "browser", "seq": 1} | message
    stage._handle_msg(
        {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    )
