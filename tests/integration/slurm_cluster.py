#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""slurm_cluster.py PROGRAM [ARGUMENT…] starts a real Slurm cluster of three nodes on this machine, in a directory of its own, and runs a program of
tests on it. Each node has processes, a /dev/shm and a cache of its own; KTSTR_TEST_NODE_CACHES says where the caches are. Needs root; packages that are missing are
installed."""
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time

from real_s3_servers import Place, free_ports

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
NODES = ("kn1", "kn2", "kn3")


def install():
    if all(shutil.which(program) for program in ("slurmctld", "slurmd", "sbatch", "munged")):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-y", "-qq", "--no-install-recommends", "install", *PACKAGES]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"cannot install {' '.join(PACKAGES)}: {done.stderr}")


class Cluster:
    def __init__(self):
        install()
        self.place = Place("ktstr-slurm-")
        self.root = self.place.root
        os.chmod(self.root, 0o755)
        for directory in ("state", "spool", "log", "munge"):
            (self.root / directory).mkdir()
        self.processes = {}
        self.environment = {"SLURM_CONF": str(self.configure()), "PATH": os.environ["PATH"]}
        self.start_munge()
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self.wait_for("three idle nodes", lambda: self.ask("sinfo", "-h", "-o", "%D %t").split() == ["3", "idle"])

    def configure(self):
        ports, host = free_ports(4), socket.gethostname().split(".")[0]
        nodes = "".join(f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=4 RealMemory=1000 State=UNKNOWN\n"
                        for node, port in zip(NODES, ports[1:]))
        # Requeuing waits until the credentials of a lost node have expired.
        self.place.write("slurm.conf", f"""ClusterName=ktstrtest
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={self.root}/munge/socket,cred_expire=5
StateSaveLocation={self.root}/state
SlurmdSpoolDir={self.root}/spool/%n
SlurmctldPidFile={self.root}/slurmctld.pid
SlurmdPidFile={self.root}/slurmd-%n.pid
SlurmctldLogFile={self.root}/log/slurmctld.log
SlurmdLogFile={self.root}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=5
BatchStartTimeout=5
KillWait=5
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=2
{nodes}PartitionName=vm Nodes=ALL Default=YES MaxTime=60 State=UP
""")
        return self.root / "slurm.conf"

    def start_munge(self):
        user = pwd.getpwnam("munge")
        munge = self.root / "munge"
        (munge / "key").write_bytes(os.urandom(1024))
        os.chmod(munge / "key", 0o400)
        for path in (munge, munge / "key"):
            os.chown(path, user.pw_uid, user.pw_gid)
        os.chmod(munge, 0o711)
        self.start("munged", "runuser", "-u", "munge", "--", "munged", "-F", f"--key-file={munge}/key", f"--socket={munge}/socket",
                   f"--pid-file={munge}/pid", f"--seed-file={munge}/seed", f"--log-file={munge}/log")
        self.wait_for("munged", (munge / "socket").exists)

    def start_controller(self):
        self.start("slurmctld", "slurmctld", "-D")
        self.wait_for("slurmctld", lambda: "UP" in self.ask("scontrol", "ping"))

    def start_node(self, name):
        """In a PID namespace, so that whatever runs on it can be lost at once, and with what machines do not share: /dev/shm, /etc/ktstr."""
        cache = self.root / "caches" / name
        cache.mkdir(parents=True, exist_ok=True)
        self.place.write(f"etc/{name}/config.json", json.dumps({"cache_dir": str(cache)}))
        os.makedirs("/etc/ktstr", exist_ok=True)
        script = f"mount -t tmpfs tmpfs /dev/shm && mount --bind {self.root}/etc/{name} /etc/ktstr && exec slurmd -D -N {name}"
        self.start(name, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script)

    def start(self, name, *command):
        log = open(self.root / "log" / f"{name}.out", "a", encoding="utf-8")
        process = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log, start_new_session=True,
                                   env={**os.environ, **self.environment})
        self.processes[name] = process
        self.place.running.append(process)

    def lose(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()
        self.place.running.remove(process)

    def ask(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False).stdout

    def live_jobs(self):
        return self.ask("squeue", "-h", "-r", "-t", "PENDING,RUNNING", "-o", "%j %K").splitlines()

    def wait_for(self, what, is_so, seconds=60):
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                sys.exit(f"waited {seconds} s for {what}; logs in {self.root}/log:\n{self.ask('sinfo', '-Nl')}{self.ask('squeue')}")
            time.sleep(0.2)

    def end(self):
        self.place.end()


def main():
    cluster = Cluster()
    try:
        environment = {**os.environ, **cluster.environment, "KTSTR_TEST_NODE_CACHES": str(cluster.root / "caches")}
        sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)
    finally:
        cluster.end()


if __name__ == "__main__":
    main()
