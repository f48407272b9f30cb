#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same rotation behind our proxy (world live) and behind a real HAProxy (world field)."""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
FALSEWORK = os.environ["FALSEWORK"]
HAPROXY = os.environ["HAPROXY"]
NODES = {"keystone1": 16001, "keystone2": 16002, "keystone3": 16003}

# name, what --set changes, what the haproxy.cfg has besides, the interval of its checks
TRIALS = [
    ("restart", [], "", "1s"),
    ("kill", ["rotation.strategy=kill"], "", "1s"),
    ("maint-0", ["rotation.maint=0s"], "", "1s"),
    ("maint-1", ["rotation.maint=1s"], "", "1s"),
    ("drain-0", ["rotation.drain=0s"], "", "1s"),
    ("drain-1", ["rotation.drain=1s"], "", "1s"),
    ("drain-idle", ["rotation.drain=until idle, at most 5s"], "", "1s"),
    ("graceful", ["rotation.signal=graceful"], "", "1s"),
    ("down-20", ["rotation.down=20s"], "", "2s"),
    ("down-20-redispatch", ["rotation.down=20s"], "option redispatch", "2s"),
    ("down-8-redispatch-1", ["rotation.down=8s"], "option redispatch 1", "2s"),
    ("restart-retry-on", [], "option redispatch 1\n    retry-on all-retryable-errors", "1s"),
    ("restart-http-close", [], "option httpclose", "1s"),
    ("kill-two", ["rotation.strategy=kill", "rotation.batch=2", "rotation.down=5s"], "", "1s"),
    ("at-once", ["rotation.maint=1s", "rotation.ready=at once"], "", "1s"),
]


def wait_for(url, seconds=10):
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if time.monotonic() > end:
                raise SystemExit(f"{url} does not answer")
            time.sleep(0.02)


class Site:
    """HAProxy and three nodes, in a directory of their own."""

    def __init__(self, run, defaults, inter):
        self.run = run
        # The one line in which they differ: our proxy cannot send its log to a socket.
        for name, log in ("haproxy", "127.0.0.1:16514"), ("falsework", "stdout format raw"):
            text = (HERE / "haproxy.cfg").read_text()
            for key, value in (
                    ("RUN", str(run)), ("DEFAULTS", defaults), ("INTER", inter), ("LOG", log)):
                text = text.replace(f"%{key}%", value)
            (run / f"{name}.cfg").write_text(text)
            scenario = (HERE / "upgrade.yaml").read_text()
            (run / f"{name}.yaml").write_text(scenario.replace("haproxy.cfg", f"{name}.cfg"))
        (run / "site.yaml").write_text(f"""\
log: 127.0.0.1:16514
start: |
  {FALSEWORK} node {run}/falsework.yaml --alone --name {{node}} --release {{release}} \\
    --port {{port}} </dev/null >>{run}/{{node}}.out 2>&1 &
  echo $! >{run}/{{node}}.pid
stop: kill -TERM $(cat {run}/{{node}}.pid); {self.gone()}
kill: kill -KILL $(cat {run}/{{node}}.pid); {self.gone()}
graceful: kill -USR1 $(cat {run}/{{node}}.pid); {self.gone()}
""")

    def gone(self):
        return f"while kill -0 $(cat {self.run}/{{node}}.pid); do sleep 0.01; done 2>/dev/null"

    def __enter__(self):
        for name, port in NODES.items():
            node = subprocess.Popen(
                [FALSEWORK, "node", self.run / "falsework.yaml", "--alone", "--standing", "--name",
                 name, "--release", "yoga", "--port", str(port)],
                stdin=subprocess.DEVNULL, stdout=open(self.run / f"{name}.out", "w"),
                stderr=subprocess.STDOUT)
            (self.run / f"{name}.pid").write_text(f"{node.pid}\n")
            # A node that is stopped by the run's command is to vanish, not to wait for its parent.
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.haproxy = subprocess.Popen([HAPROXY, "-f", self.run / "haproxy.cfg", "-db"])
        try:
            for port in NODES.values():
                wait_for(f"http://127.0.0.1:{port}/v3")
            wait_for("http://127.0.0.1:16000/v3")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.haproxy.terminate()
        for name in NODES:
            try:
                os.kill(int((self.run / f"{name}.pid").read_text()), signal.SIGKILL)
            except ProcessLookupError:
                pass


def play(site, world, values, out):
    command = [FALSEWORK, "run", str(out) + ".yaml", "--world", world, "--quiet",
               "--out", str(out)]
    if world == "field":
        command += ["--field", str(site.run / "site.yaml")]
    for value in values:
        command += ["--set", value]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        print(done.stdout)
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="trials with this in their names")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the results in this directory")
    options = parser.parse_args()
    kept = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="field-"))
    kept.mkdir(exist_ok=True)
    kept = kept.resolve()
    try:
        for name, values, defaults, inter in TRIALS:
            if options.only and options.only not in name:
                continue
            run = kept / name
            run.mkdir(exist_ok=True)
            with Site(run, defaults, inter) as site:
                play(site, "field", values, run / "haproxy")
            play(site, "live", values, run / "falsework")
            print(f"== {name}: {' '.join(values)} {' '.join(defaults.split())} inter {inter}",
                  flush=True)
            subprocess.run([FALSEWORK, "compare", run / "haproxy/result.json",
                            run / "falsework/result.json"])
            print(flush=True)
    finally:
        if not options.keep:
            shutil.rmtree(kept)


if __name__ == "__main__":
    sys.exit(main())
