#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""slurm_farm.py BUILD_DIR [CASE…]: the runner slurm on a real Slurm of three nodes, with nodes and controller killed while tests run. The tests are
those of the fixture runner: host processes, no guests. Needs root."""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from slurm_cluster import Cluster


class Farm:
    """A project whose tests run on the cluster."""

    def __init__(self, build, cluster):
        self.build, self.cluster = pathlib.Path(build).resolve(), cluster
        self.root = cluster.root / "user"
        self.project = self.root / "project"
        plugins = self.root / "data/ktstr/plugins/v1"
        for directory in (self.project / "tests", plugins, self.root / "home", self.root / "tmp"):
            directory.mkdir(parents=True)
        for file in (self.build / "tests/fixtures/fake-runner").iterdir():
            if file.suffix in (".so", ".json"):
                os.chmod(shutil.copy(file, plugins), 0o644)
        self.environment = {**cluster.environment, "HOME": str(self.root / "home"), "XDG_DATA_HOME": str(self.root / "data"),
                            "KTSTR_CACHE_DIR": str(self.root / "cache"), "TMPDIR": str(self.root / "tmp")}
        self.write("tests/all.json", {"tests": []})
        self.write(".gitignore", "/target/\n")
        self.git("init", "-q", "-b", "main")

    def write(self, name, content):
        (self.project / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")

    def git(self, *arguments):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(("git", *who, *arguments), cwd=self.project, env=self.environment, check=True, capture_output=True)

    def prepare(self, tests, **options):
        """A commit with these tests, so that each case has a run of its own."""
        self.write("tests/all.json", {"tests": tests})
        self.write("ktstr.json", {"project": "farm", "runner": {"use": "slurm-host", "options": {
            "runner": "fake-host", "exclusive": False, "poll_s": 1, "result_wait_s": 3, **options}}})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "case")
        shutil.rmtree(self.project / "target", ignore_errors=True)

    def start(self, *arguments):
        with open(self.root / "out", "w", encoding="utf-8") as out:
            return subprocess.Popen((self.build / "bin/ktstr", *arguments), cwd=self.project, env=self.environment, stdout=out,
                                    stderr=subprocess.STDOUT)

    def end(self, process):
        process.wait(timeout=300)
        return process.returncode, (self.root / "out").read_text(encoding="utf-8")

    def sidecars(self):
        found = [json.loads(file.read_text()) for file in (self.project / "target/ktstr").rglob("*.ktstr.json")]
        return [sidecar for sidecar in found if "test_name" in sidecar]

    def attempts(self):
        return list((self.project / "target/ktstr-farm").glob("ktstr-farm-*/out/*"))

    def node_runs(self, node):
        return self.cluster.ask("squeue", "-h", "-r", "-t", "RUNNING", "-w", node).strip() != ""


def check(holds, what):
    if not holds:
        sys.exit(f"FAIL: {what}")


def nothing_left(farm):
    check(farm.cluster.live_jobs() == [], f"jobs were left behind: {farm.cluster.live_jobs()}")
    left = list((farm.project / "target/ktstr-farm").iterdir())
    check(left == [], f"files were left behind: {left}")


def names(count):
    return [f"t{i:02}" for i in range(count)]


def sleeping(count, milliseconds):
    return [{"name": name, "sleep_ms": milliseconds, "duration_ms": milliseconds} for name in names(count)]


def lose_a_node(farm, process, node="kn2"):
    farm.cluster.wait_for("tests on every node", lambda: len(farm.attempts()) > 20 and farm.node_runs(node))
    farm.cluster.lose(node)
    return farm.end(process)


def get_it_back(farm, node="kn2"):
    farm.cluster.start_node(node)
    farm.cluster.wait_for(node, lambda: farm.cluster.ask("sinfo", "-h", "-n", node, "-o", "%t").strip() == "idle")


def lost_node(farm):
    """Its tests run again elsewhere: each sidecar is there once."""
    farm.prepare(sleeping(60, 1500))
    begin = time.monotonic()
    code, out = lose_a_node(farm, farm.start("test"))
    took = time.monotonic() - begin
    check(code == 0, f"exit code {code}:\n{out}")
    check(sorted(s["test_name"] for s in farm.sidecars()) == names(60), f"not every sidecar once:\n{out}")
    again = out.count("Slurm runs it again")
    check(again > 0 and " times until it ended" in out, f"no test was said to run again:\n{out}")
    nodes = collections.Counter(s["node"] for s in farm.sidecars())
    check(len(nodes) == 3, f"not all nodes took part: {nodes}")
    nothing_left(farm)
    get_it_back(farm)
    return f"60 sidecars once each in {took:.0f} s, {again} tests begun again, by node {dict(sorted(nodes.items()))}"


def lost_for_good(farm):
    """Without requeuing a lost node costs its tests, as errors, and nothing else."""
    farm.prepare(sleeping(60, 1500), sbatch_args=["--no-requeue"])
    code, out = lose_a_node(farm, farm.start("test"))
    check(code == 3, f"exit code {code}:\n{out}")
    errors = [line for line in out.splitlines() if " ERROR [" in line and "kn2: the node failed" in line]
    check(0 < len(errors) <= 4 and f"{len(errors)} could not run" in out, f"not the errors of kn2:\n{out}")
    stored = sorted(s["test_name"] for s in farm.sidecars())
    check(len(stored) == 60 - len(errors) == len(set(stored)), f"{len(stored)} sidecars, {len(errors)} errors:\n{out}")
    check(" FAIL [" not in out and f"{len(stored)} passed" in out, f"a lost node is no failing test:\n{out}")
    nothing_left(farm)
    get_it_back(farm)
    return f"{len(errors)} errors, {len(stored)} passed"


def interrupted(farm):
    farm.prepare(sleeping(40, 3000))
    process = farm.start("test")
    farm.cluster.wait_for("running tests", lambda: len(farm.attempts()) > 3)
    process.send_signal(signal.SIGINT)
    begin = time.monotonic()
    code, out = farm.end(process)
    took = time.monotonic() - begin
    check(code == 130, f"exit code {code}:\n{out}")
    nothing_left(farm)
    return f"exit code 130 and no job after {took:.1f} s"


def killed(farm):
    """What a killed ktstr leaves, the next one cancels."""
    farm.prepare(sleeping(40, 3000))
    process = farm.start("test")
    farm.cluster.wait_for("running tests", lambda: len(farm.attempts()) > 3)
    process.kill()
    farm.end(process)
    check(farm.cluster.live_jobs() != [], "the job is gone already")
    code, out = farm.end(farm.start("test", "t00"))
    check(code == 0, f"exit code {code}:\n{out}")
    nothing_left(farm)
    return "the next invocation cancelled the job"


def controller(farm):
    """Killed while tests run and started again: nothing is lost. Before: one line."""
    farm.prepare(sleeping(48, 2000))
    saved = farm.cluster.root / "state/job_state"
    process = farm.start("test")
    farm.cluster.wait_for("running tests", lambda: len(farm.attempts()) > 3)
    begun = time.time()  # Slurm itself forgets a job whose state it had not saved yet
    farm.cluster.wait_for("Slurm's saved state", lambda: saved.exists() and saved.stat().st_mtime > begun)
    farm.cluster.lose("slurmctld")
    farm.cluster.wait_for("that it is told", lambda: "does not answer" in (farm.root / "out").read_text(encoding="utf-8"))
    farm.cluster.start_controller()
    code, out = farm.end(process)
    check(code == 0 and "controller does not answer" in out and "answers again" in out, f"exit code {code}:\n{out}")
    check(sorted(s["test_name"] for s in farm.sidecars()) == names(48), f"not every sidecar once:\n{out}")
    nothing_left(farm)
    farm.cluster.lose("slurmctld")
    code, out = farm.end(farm.start("test"))
    check(code == 3 and "Unable to contact slurm controller" in out and "scontrol ping" in out, f"exit code {code}:\n{out}")
    farm.cluster.start_controller()
    return "48 sidecars once each over a restart; without one: " + next(line for line in out.splitlines() if "contact" in line)


def pairs(farm):
    """Both sides of a pair on one node, and different pairs on different ones."""
    farm.prepare(sleeping(6, 300))
    farm.prepare(sleeping(6, 300), exclusive=True)
    code, out = farm.end(farm.start("perf-delta", "--base", "HEAD~1", "--noise-adjust", "3"))
    check(code in (0, 5), f"exit code {code}:\n{out}")
    by_pair = collections.defaultdict(dict)
    for sidecar in farm.sidecars():
        place = sidecar["perf_delta"]
        by_pair[sidecar["test_name"], place["block"]][place["side"]] = sidecar["node"]
    check(len(by_pair) == 18 and all(len(sides) == 2 and len(set(sides.values())) == 1 for sides in by_pair.values()),
          f"not each pair on one node: {dict(by_pair)}")
    nodes = {node for sides in by_pair.values() for node in sides.values()}
    check(len(nodes) > 1, f"all pairs on {nodes}")
    nothing_left(farm)
    return f"18 pairs, each on one of {len(nodes)} nodes"


CASES = (lost_node, lost_for_good, interrupted, killed, controller, pairs)


def main():
    cluster = Cluster()
    try:
        farm = Farm(sys.argv[1], cluster)
        for case in CASES:
            if len(sys.argv) == 2 or case.__name__ in sys.argv[2:]:
                print(f"{case.__name__}: {case(farm)}", flush=True)
    finally:
        cluster.end()


if __name__ == "__main__":
    main()
