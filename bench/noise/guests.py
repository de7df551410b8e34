# SPDX-License-Identifier: Apache-2.0
"""Real guests for bench/noise: two scenarios, each as it is (twice a block, for pairs that are equal) and with 5, 10 and 20 % more work in every
iteration, on a host that is left alone and on one that others overload."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PLANTED = (0, 5, 10, 20)
VARIANTS = [("a", 0), ("b", 0), ("c", 5), ("d", 10), ("e", 20)]  # of a block; a and b are the same test
UNITS = {"computing": 20_000, "waking": 5_000}  # of work in an iteration
# A neighbour computes and rests by turns of random length, as compilers and tests do.
NEIGHBOUR = """import random,time
r=random.Random({seed})
while True:
    end=time.monotonic()+r.expovariate(1)
    while time.monotonic()<end: sum(range(1000))
    time.sleep(r.expovariate(1))
"""


def scenario(kind, planted):
    work = {"type": "SpinWait" if kind == "computing" else "PipeIo", "units": UNITS[kind] * (100 + planted) // 100}
    return {"name": f"{kind}-{planted}", "topology": "1n1l2c1t", "memory_mib": 512, "duration_ms": 1000, "performance_mode": True,
            "cgroups": [{"name": "g", "workers": 2 if kind == "computing" else 4, "work": work}]}


class Neighbours:
    """Processes that take CPU time from the guests."""

    def __init__(self, count):
        self.count, self.running = count, []

    def __enter__(self):
        for seed in range(self.count):
            self.running.append(subprocess.Popen([sys.executable, "-c", NEIGHBOUR.format(seed=time.time_ns() + seed)]))
        return self

    def __exit__(self, *_):
        for one in self.running:
            one.send_signal(signal.SIGKILL)
            one.wait()


def numbers(values):
    return {name: value for name, value in values.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}


def busy_ticks():
    """CPU time of all CPUs together, and the part in which they ran something."""
    times = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(times), sum(times) - times[3] - times[4]


def one_run(options, project, kind, planted):
    """What one guest measured, with what is known of the host meanwhile."""
    target = tempfile.mkdtemp(dir=project)
    total, busy = busy_ticks()
    command = [options.ktstr, "test", f"{kind}-{planted}", "--kernel", options.kernel]
    done = subprocess.run(command, cwd=project, env={**os.environ, "KTSTR_SIDECAR_DIR": target}, capture_output=True, text=True)
    found = list(pathlib.Path(target).glob("*.ktstr.json"))
    if done.returncode != 0 or len(found) != 1:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    sidecar = json.loads(found[0].read_text())
    shutil.rmtree(target)
    later_total, later_busy = busy_ticks()
    stats = {**numbers(sidecar["stats"]["ext_metrics"]), **numbers(sidecar["stats"])}
    return {"time": sidecar["timestamp"], "timing": numbers(sidecar["timing"]), "template": sidecar["timing"]["template"],
            "load": sidecar["host_before"]["load_1m"], "busy": round((later_busy - busy) / max(1, later_total - total), 3), "stats": stats}


def collect(options, out):
    """Appends one line a run to `out`."""
    with tempfile.TemporaryDirectory() as directory:
        project = pathlib.Path(directory)
        (project / "tests").mkdir()
        (project / "ktstr.json").write_text('{"project": "bench-noise"}')
        tests = [scenario(kind, planted) for kind in UNITS for planted in PLANTED]
        (project / "tests/noise.json").write_text(json.dumps({"tests": tests}))
        one_run(options, project, "computing", 0)  # makes the template
        session = time.time_ns()
        dice = random.Random(session)
        for block in range(options.blocks):
            for host in options.host:
                with Neighbours(options.neighbours if host == "overloaded" else 0):
                    order = [(kind, *variant) for kind in UNITS for variant in VARIANTS]
                    dice.shuffle(order)
                    for slot, (kind, name, planted) in enumerate(order):
                        run = one_run(options, project, kind, planted)
                        place = {"session": session, "host": host, "block": block, "slot": slot, "kind": kind, "variant": name, "planted": planted}
                        out.write(json.dumps({**place, **run}) + "\n")
                        out.flush()
            print(f"block {block + 1} of {options.blocks}", file=sys.stderr, flush=True)
