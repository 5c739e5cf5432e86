"""Words of others, made safe for where they go: a line of text, a terminal, a page of HTML."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Final

from course.exercises.outcome import paragraphs

#: these join letters, as Persian and many emoji need; every other format character is dropped
JOINERS: Final = "\u200c\u200d"


def plain(text: str, longest: int = 500) -> str:
    r"""Return text as one line that neither a terminal nor a reader's eye can be tricked with.

    Control characters, marks that turn the direction of writing, and lone surrogates are gone;
    line breaks and tabs become blanks; what is too long is cut.

    Examples
    --------
    >>> plain("\x1b[31mada\x1b[0m\n\u202eslx.exe"), plain("x" * 9, longest=5)
    ('[31mada[0m slx.exe', 'xxxx…')
    """
    kept = "".join(map(_visible, str(text)[: longest + 1]))
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def _visible(character: str) -> str:
    if character.isprintable() or character in JOINERS:
        return character
    if character.isspace():
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cs", "Co", "Cn") else ""


def name_of(learner: str) -> str:
    r"""Return a learner's name to be shown: one plain line, and never nothing.

    Examples
    --------
    >>> name_of("ada"), name_of("\x07")
    ('ada', '(no name)')
    """
    return plain(learner, 80).strip() or "(no name)"


def points_of(points: float) -> str:
    """Write points with at most two digits behind the point.

    Examples
    --------
    >>> points_of(2.0), points_of(1.125)
    ('2', '1.12')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")


# ------------------------------------------------------------------------------------ HTML
def html(text: str, longest: int = 500) -> str:
    """Return text of others for a page: plain, and with nothing in it that is markup.

    Examples
    --------
    >>> html("<script>alert('!')</script>")
    '&lt;script&gt;alert(&#x27;!&#x27;)&lt;/script&gt;'
    """
    return escape(plain(text, longest), quote=True)


def html_lines(lines: Iterable[str]) -> str:
    r"""Return lines as paragraphs, those that are indented as code; of each line all breaks.

    Examples
    --------
    >>> html_lines(["Look at `b`:", "    a < b\n    b"])
    '<p>Look at <code>b</code>:</p><pre>a &lt; b\nb</pre>'
    """
    return paragraphs(plain(part) for line in lines for part in re.split("[\r\n]+", line))


def page(title: str, body: str) -> str:
    """Return a whole page that needs nothing else: no script, no font, no picture from elsewhere.

    The policy in its head forbids whatever is not this style: the second lock behind the escapes.

    Parameters
    ----------
    title
        Text, not yet escaped.
    body
        HTML.
    """
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{html(title)}</title>
<style>{CSS}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


# the colours are those of the course's pictures: each at least 4.5 : 1 against its page
CSS: Final = """
:root { color-scheme: light dark; --ink: #1a1a1a; --muted: #5f6368; --page: #ffffff;
  --soft: #f3f4f6; --line: #d5d8dc; --right: #00704a; --partly: #8a5a00; --wrong: #b84600;
  --raised: #b3261e; --link: #0060a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f0; --muted: #b0b5bb; --page: #111111;
  --soft: #1e2023; --line: #3c4043; --right: #4fd8a4; --partly: #f2c14e; --wrong: #ff9a52;
  --raised: #ff8a80; --link: #6cb8f0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 2rem; line-height: 1.2; margin: .1rem 0 .4rem; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.6rem 0 .8rem; }
h3 { font-size: 1.1rem; margin: 0; }
p { margin: .5rem 0; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono",
  monospace; font-size: .92em; }
pre { margin: .5rem 0; padding: .6rem .9rem; white-space: pre-wrap; background: var(--soft);
  border: 1px solid var(--line); border-radius: 6px; }
.over, .small, footer { color: var(--muted); font-size: .94rem; }
.over { margin: 0; }
.total { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: center;
  margin: 1.4rem 0 .4rem; }
.total strong { font-size: 1.8rem; line-height: 1.2; }
progress { width: 14rem; max-width: 100%; height: .8rem; accent-color: var(--right); }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-variant-numeric:
  tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0;
  border-bottom: 1px solid var(--line); }
thead th, caption { color: var(--muted); font-size: .94rem; font-weight: 600; }
caption { text-align: left; padding-bottom: .3rem; }
thead th { overflow-wrap: normal; white-space: normal; }
tbody th { font-weight: 400; }
.number { text-align: right; padding-right: 0; padding-left: .75rem; }
td.number { white-space: nowrap; }
.question { border: 1px solid var(--line); border-left: 5px solid var(--muted);
  border-radius: 6px; padding: .9rem 1.2rem; margin: 1rem 0; }
.question > header { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline;
  justify-content: space-between; }
.state { font-weight: 600; }
.right { --state: var(--right); } .partly { --state: var(--partly); }
.wrong { --state: var(--wrong); } .raised, .alarm { --state: var(--raised); }
.none { --state: var(--muted); }
.state, .alarm strong { color: var(--state); }
.question, .alarm { border-left-color: var(--state); }
.alarm { border: 3px solid var(--state); border-radius: 6px; padding: .6rem 1.2rem;
  margin: 1.5rem 0; }
.again { border-top: 1px solid var(--line); padding-top: .5rem; margin-top: .8rem; }
ul { padding-left: 1.3rem; } li { margin: .35rem 0; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; }
@media (max-width: 36rem) { main { padding: 1.5rem 1rem 3rem; } table { font-size: .88rem; }
  th, td { padding-right: .4rem; } .number { padding-left: .3rem; } td.number { white-space:
  normal; } }
@media print { :root { color-scheme: light; --ink: #000; --muted: #444; --page: #fff;
  --soft: #fff; --line: #999; --right: #00704a; --partly: #8a5a00; --wrong: #b84600;
  --raised: #b3261e; --link: #000; } body { font-size: 10.5pt; } main { max-width: none;
  padding: 0; } .question, tr, .alarm { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""
