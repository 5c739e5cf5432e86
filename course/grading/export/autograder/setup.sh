#!/usr/bin/env bash
# Run once by Gradescope, when it builds the image: Python 3.11 or newer, and what the course needs.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export DEBIAN_FRONTEND=noninteractive

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if new_enough "$name" && "$name" -c 'import venv, ensurepip' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  return 1
}

# the sandbox around each submission; without it grading works, and the result says so
command -v bwrap >/dev/null || {
  apt-get update -qq || true
  apt-get install -y -qq --no-install-recommends bubblewrap || true
}

if ! python="$(find_python)"; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3 python3-venv
  new_enough python3 || apt-get install -y -qq --no-install-recommends python3.11 python3.11-venv
  python="$(find_python)" || {
    echo "The course needs Python 3.11 or newer: choose a newer base image (Ubuntu 24.04)." >&2
    exit 1
  }
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --quiet -r "$root/source/requirements.txt"
"$root/venv/bin/python" -m compileall -q "$root/source/course"
