#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbatch, squeue, scontrol, scancel and sinfo of a cluster that is one process on this machine, called by links of these names. What Slurm prints here is
what 22.05 prints; tests/integration/slurm_farm.py holds the runner against the real one.

FAKE_SLURM names a directory with the state, and with files that make things go wrong:
  down          the controller does not answer
  plan.json     {"lose": {"2": "requeue"}}  the node of task 2 fails when it first runs it: "requeue", or the state that it ends in, "NODE_FAIL"
                {"gone": ["kn2"]}           nodes that are down
  calls         a line for each call that was made"""
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

NODES = ("kn1", "kn2", "kn3")
ROOT = pathlib.Path(os.environ["FAKE_SLURM"])


class State:
    """Every job, under a lock."""

    def __enter__(self):
        self.lock = open(ROOT / "lock", "w", encoding="utf-8")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        file = ROOT / "jobs.json"
        self.jobs = json.loads(file.read_text()) if file.exists() else {}
        return self

    def __exit__(self, *_):
        (ROOT / "jobs.json").write_text(json.dumps(self.jobs))
        self.lock.close()


def plan():
    file = ROOT / "plan.json"
    return json.loads(file.read_text()) if file.exists() else {}


def option(name, default=None):
    return next((a.split("=", 1)[1] for a in sys.argv[1:] if a.startswith(f"--{name}=")), default)


def free_node(job, task, jobs, turn):
    busy = [t["node"] for other in jobs.values() for t in other["tasks"].values() if t["state"] == "RUNNING"]
    fit = [node for node in NODES[turn % 3:] + NODES[:turn % 3] if node not in plan().get("gone", ()) and task["pin"] in ("", node)]
    return next((node for node in fit if busy.count(node) < 4), None) if not job["held"] else None


def start(job, index, task, node):
    environment = {**os.environ, "SLURM_ARRAY_TASK_ID": index, "SLURMD_NODENAME": node}
    if task["restarts"] > 0:
        environment["SLURM_RESTART_COUNT"] = str(task["restarts"])
    with open(job["output"].replace("%a", index), "a", encoding="utf-8") as log:
        return subprocess.Popen(["sh", "-c", job["script"]], cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                start_new_session=True)


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def serve(number):
    """Runs the tasks of a job until none is left."""
    processes, begun, turn = {}, {}, 0
    while True:
        with State() as state:
            job = state.jobs[number]
            for index, task in job["tasks"].items():
                if task["state"] == "PENDING":
                    node = free_node(job, task, state.jobs, turn)
                    task["reason"] = "JobHeldUser" if job["held"] else "Resources"
                    if task["pin"] in plan().get("gone", ()):
                        task["reason"] = f"ReqNodeNotAvail, UnavailableNodes:{task['pin']}"
                    if node is None:
                        continue
                    turn += 1
                    task.update(state="RUNNING", node=node, reason="None")
                    processes[index], begun[index] = start(job, index, task, node), time.monotonic()
                elif task["state"] == "CANCELLED" and index in processes:
                    kill(processes.pop(index))
                elif task["state"] == "RUNNING":
                    fate = plan().get("lose", {}).get(index)
                    if fate and task["restarts"] == 0 and time.monotonic() - begun[index] > 0.3:
                        kill(processes.pop(index))
                        task.update(state="PENDING", restarts=1) if fate == "requeue" else task.update(state=fate)
                    elif processes[index].poll() is not None:
                        task["state"] = "COMPLETED" if processes.pop(index).returncode == 0 else "FAILED"
            if all(task["state"] not in ("PENDING", "RUNNING") for task in job["tasks"].values()) and not processes:
                return
        time.sleep(0.05)


def sbatch():
    if "--version" in sys.argv:
        return print("slurm-wlm 22.05.8")
    last = int(option("array").split("%")[0].split("-")[1])
    with State() as state:
        number = str(len(state.jobs) + 100)
        state.jobs[number] = {"name": option("job-name"), "output": option("output"), "script": sys.stdin.read(), "held": "--hold" in sys.argv,
                              "tasks": {str(i): {"state": "PENDING", "node": "", "reason": "None", "restarts": 0, "pin": ""}
                                        for i in range(last + 1)}}
    subprocess.Popen([sys.executable, __file__, "serve", number], start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                     stderr=open(ROOT / "errors", "a", encoding="utf-8"))
    return print(number)


def squeue():
    with State() as state:
        for index, task in state.jobs[option("jobs")]["tasks"].items():
            print(f"{index}|{task['state']}|{task['node']}|{task['reason']}")


def scontrol():
    with State() as state:
        if sys.argv[1] == "release":
            state.jobs[sys.argv[2]]["held"] = False
            return
        job, index = sys.argv[2].removeprefix("JobId=").split("_")
        node = sys.argv[3].removeprefix("ReqNodeList=")
        if node not in NODES:
            sys.exit(f"{job}_{index}: Invalid node name specified")
        state.jobs[job]["tasks"][index]["pin"] = node


def scancel():
    with State() as state:
        for number, job in state.jobs.items():
            for index, task in job["tasks"].items():
                if (job["name"] == option("name") or sys.argv[-1] == f"{number}_{index}") and task["state"] in ("PENDING", "RUNNING"):
                    task["state"] = "CANCELLED"


def sinfo():
    if option("partition", "vm") == "vm":
        print("vm* 3 idle")


def main():
    name = pathlib.Path(sys.argv[0]).name
    if sys.argv[1:2] == ["serve"]:
        return serve(sys.argv[2])
    with open(ROOT / "calls", "a", encoding="utf-8") as calls:
        calls.write(" ".join([name, *sys.argv[1:]]) + "\n")
    if (ROOT / "down").exists() and "--version" not in sys.argv:
        sys.exit(f"{name}: error: Unable to contact slurm controller (connect failure)")
    return {"sbatch": sbatch, "squeue": squeue, "scontrol": scontrol, "scancel": scancel, "sinfo": sinfo}[name]()


if __name__ == "__main__":
    main()
