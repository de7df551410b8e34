#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ends runs of `ktstr test` at random moments and looks at what they leave.

    KTSTR_TEST_KERNEL=IMAGE aborted_runs.py KTSTR [RUNS [SEED]]

Each run has a mark in its environment. It gets SIGINT, SIGTERM or SIGKILL, alone, with its whole process group, or one of its
QEMUs gets it. Afterwards no process with the mark and no mount may be left, and after a signal that can be caught no file
either; what SIGKILL leaves must be gone once a later run was left alone. From time to time, and at the end, a run that is left
alone must pass with the cache as it is.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

MANIFEST = {
    "tests": [
        {"name": name, "topology": "1n1l2c1t", "duration_ms": 300, "cgroups": [{"name": "g", "work": {"type": "SpinWait"}}]}
        for name in ("one", "two")
    ]
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
PATIENCE_S = 30
UNFINISHED = (".tmp", ".partial", ".new", ".part")


class Site:
    """A project, a cache and a place for temporary files of their own."""

    def __init__(self, ktstr, kernel, root):
        self.ktstr, self.kernel, self.root = ktstr, kernel, root
        self.mark = f"KTSTR_ABORTED_RUNS={os.getpid()}"
        self.project = root / "project"
        self.excused = set()  # what killed runs left, for the next one to remove
        for name in ("project", "cache", "tmp", "config/ktstr"):
            (root / name).mkdir(parents=True)
        places = {"runner": {"use": "kvm", "options": {"scratch_dir": str(root / "tmp")}}}
        (root / "config/ktstr/config.json").write_text(json.dumps(places))
        (self.project / "ktstr.json").write_text(json.dumps({"tests": ["tests.json"]}))
        (self.project / "tests.json").write_text(json.dumps(MANIFEST))
        (self.project / ".gitignore").write_text("target/\n")
        for command in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "1"]):
            subprocess.run(["git", *command], cwd=self.project, check=True)

    def start(self):
        name, value = self.mark.split("=")
        environment = dict(os.environ, TMPDIR=str(self.root / "tmp"), KTSTR_CACHE_DIR=str(self.root / "cache"),
                           XDG_CONFIG_HOME=str(self.root / "config"))
        environment[name] = value
        return subprocess.Popen(
            [self.ktstr, "test", "--kernel", self.kernel, "-j", "2"],
            cwd=self.project, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, text=True)

    def processes(self):
        """Those with the mark, as {pid: name}."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if self.mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                pass  # gone, or not ours
        return found

    def files(self):
        """Temporary files, and whatever in cache and results has a name of something unfinished."""
        found = list((self.root / "tmp").rglob("*"))
        for place in (self.root / "cache", self.project / "target"):
            found += [path for path in place.rglob("*") if any(word in path.name for word in UNFINISHED)]
        return sorted(str(path.relative_to(self.root)) for path in found)


def mounts():
    return pathlib.Path("/proc/self/mountinfo").read_text().splitlines()


def undisturbed(site):
    """The problem of a run that is left alone, and how long it took."""
    begin = time.monotonic()
    run = site.start()
    output, _ = run.communicate(timeout=600)
    problems = [] if run.returncode == 0 else [f"a run that was left alone ended with {run.returncode}:\n{output}"]
    site.excused = set()
    problems += [f"after a run that was left alone: {what}" for what in left(site)]
    return problems, time.monotonic() - begin


def left(site):
    end = time.monotonic() + PATIENCE_S
    while site.processes() and time.monotonic() < end:
        time.sleep(0.05)
    problems = [f"process {pid} ({name})" for pid, name in site.processes().items()]
    return problems + [f"file {name}" for name in site.files() if name not in site.excused]


def abort(site, number, longest_s, chance):
    begin, run = time.monotonic(), site.start()
    delay, which = chance.uniform(0, longest_s), chance.choice(SIGNALS)
    victim = chance.choice(("ktstr", "group", "QEMU"))
    time.sleep(delay)
    guests = [pid for pid, name in site.processes().items() if name.startswith("qemu")]
    try:
        if victim == "group":
            os.killpg(run.pid, which)
        elif victim == "QEMU" and guests:
            os.kill(chance.choice(guests), which)
        else:
            victim = "ktstr"
            run.send_signal(which)
    except ProcessLookupError:
        victim = "nobody"
    what = f"run {number}: {which.name} to {victim} after {delay:.2f} s"
    try:
        run.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        run.kill()
        return [f"{what}: did not end in 120 s"]
    if which == signal.SIGKILL and victim != "QEMU":
        while site.processes() and time.monotonic() < begin + 120 + PATIENCE_S:
            time.sleep(0.05)
        site.excused.update(site.files())
    return [f"{what} (status {run.returncode}): {problem}" for problem in left(site)]


def main(ktstr, runs=10, seed=1):
    kernel = os.environ["KTSTR_TEST_KERNEL"]
    chance = random.Random(int(seed))
    before, problems = mounts(), []
    with tempfile.TemporaryDirectory(prefix="ktstr-aborted-") as root:
        site = Site(os.path.abspath(ktstr), os.path.abspath(kernel), pathlib.Path(root))
        # The first ones have an empty cache, so that templates are ended half-made, too.
        cold_s = 4.0
        for number in range(int(runs) // 5):
            problems += abort(site, number, cold_s, chance)
        more, _ = undisturbed(site)
        more_warm, warm_s = undisturbed(site)
        problems += more + more_warm
        for number in range(int(runs) // 5, int(runs)):
            problems += abort(site, number, warm_s, chance)
            if number % 25 == 24:
                problems += undisturbed(site)[0]
        problems += undisturbed(site)[0]
        problems += [f"mount {line}" for line in mounts() if line not in before]
        for pid in site.processes():
            os.kill(pid, signal.SIGKILL)
    print("\n".join(problems) if problems else f"{runs} aborted runs left nothing behind")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
