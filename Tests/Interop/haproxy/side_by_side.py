#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same haproxy.cfg, origins and script against HAProxy and against this program.

    side_by_side.py [--only TEXT] [--jobs 8] [--list] [--show]

Compares statuses, fields, bodies, which server answered, log lines and counters. Exit code 0 if
nothing differs but what cases.py names as known, with its reason; 1 otherwise.
"""
import argparse
import concurrent.futures
import difflib
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback

import cases
import outlook  # noqa: F401 (these add their cases)
import protocol  # noqa: F401
import rules  # noqa: F401
import sticky  # noqa: F401
from sides import Side


def run(case, label, program, work):
    side = Side(label, program, f"{work}/{case.name}-{label}")
    try:
        case.body(side)
    except Exception:
        side.note("exception", traceback.format_exc().strip().split("\n")[-1])
        if os.environ.get("VERBOSE"):
            traceback.print_exc()
    finally:
        side.stop()
    return side.trace


def both(case, programs, work):
    began = time.monotonic()
    traces = {}

    def one(label):
        traces[label] = run(case, label, programs[label], work)

    threads = [threading.Thread(target=one, args=(label,)) for label in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return case, traces["haproxy"], traces["ours"], time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="cases whose name has this text")
    parser.add_argument("--jobs", type=int, default=6)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what HAProxy did")
    options = parser.parse_args()
    chosen = [case for case in cases.ALL if options.only in case.name]
    if options.list:
        for case in chosen:
            print(case.name)
        print(f"{len(chosen)} cases")
        return 0
    haproxy = os.environ.get("HAPROXY") or shutil.which("haproxy") or "/usr/sbin/haproxy"
    ours = os.environ["FALSEWORK"]
    programs = {
        "haproxy": lambda path: [haproxy, "-db", "-f", path],
        "ours": lambda path: [ours, "proxy", "-f", path],
    }
    work = tempfile.mkdtemp(prefix="sides-")
    differing, known, stale = [], [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, theirs, mine, seconds in pool.map(
                lambda case: both(case, programs, work), chosen):
            same = theirs == mine
            if same and case.differs:
                stale.append(case.name)
            if not same:
                (known if case.differs else differing).append(case.name)
            word = "same" if same else "known" if case.differs else "DIFFERS"
            print(f"{word:8} {case.name} ({len(theirs)} seen, {seconds:.1f} s)", flush=True)
            if options.show:
                print("\n".join("    " + line for line in theirs))
            if not same and (not case.differs or options.show):
                for line in difflib.unified_diff(theirs, mine, "haproxy", "ours", lineterm="", n=1):
                    print("    " + line)
    shutil.rmtree(work, ignore_errors=True)
    print(f"{len(chosen)} cases: {len(chosen) - len(differing) - len(known)} same, "
          f"{len(known)} differ as known, {len(differing)} differ")
    page = os.path.join(os.path.dirname(__file__), "../../../specs/proxy-differences.md")
    with open(page) as file:
        listed = file.read()
    for case in cases.ALL:
        if case.differs and f"| `{case.name}` | {case.differs} |" not in listed:
            differing.append(case.name)
            print(f"specs/proxy-differences.md lacks: | `{case.name}` | {case.differs} |")
    for name in stale:
        print(f"named as differing, but the same: {name}")
    return 1 if differing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
