# SPDX-License-Identifier: Apache-2.0
"""A minimal root of Debian or Ubuntu, thrown away when it was used: what a newcomer's machine has. It needs root and debootstrap, and a mirror:
that of this machine's own sources for Debian. Fresh roots and packages are kept in KTSTR_CLEAN_ROOTS, else in ~/.cache/ktstr-clean-roots."""
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
SUITES = {"bookworm": "debian", "trixie": "debian", "noble": "ubuntu"}
MIRRORS = {"debian": "http://deb.debian.org/debian", "ubuntu": "http://archive.ubuntu.com/ubuntu"}


def alone():
    """Runs this program again with mounts and processes of its own, which end with it, however it ends. Ends it with SKIPPED where that cannot be."""
    if os.geteuid() != 0:
        print("SKIPPED: a clean root needs root: run it with sudo")
        sys.exit(SKIPPED)
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        print("SKIPPED: a clean root needs mounts of its own, which this container does not allow: docker run --privileged")
        sys.exit(SKIPPED)
    if os.environ.get("KTSTR_CLEAN_ROOT_ALONE") != "1":
        os.environ["KTSTR_CLEAN_ROOT_ALONE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "--mount-proc",
                              sys.executable, *sys.argv])


def mirror(family):
    """Of this machine's own sources, where they name one."""
    sources = [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path.is_file())
    found = re.search(rf"^(?:URIs:|deb(?: \[.*\])?) *(https?://\S+/{family})/?(?:\s|$)", text, re.MULTILINE)
    return found[1] if found else MIRRORS[family]


def how_to_reach():
    """How this machine's apt gets at its mirror: by a proxy, or one whose lists are old because it stands still."""
    settings = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return "".join(re.findall(r"^Acquire::(?:Check-Valid-Until|Check-Date|https?::Proxy).*\n", settings, re.MULTILINE))


class CleanRoot:
    """Of a suite, as `with CleanRoot("bookworm") as root: root.run("…")`; alone() has to be called before."""

    def __init__(self, suite):
        self.suite, self.family = suite, SUITES[suite]
        self.mirror = mirror(self.family)
        self.cache = pathlib.Path(os.environ.get("KTSTR_CLEAN_ROOTS") or pathlib.Path.home() / ".cache/ktstr-clean-roots") / suite
        self.path = None
        self.lock = None

    def fresh(self):
        """What debootstrap makes, made once."""
        base = self.cache / "fresh"
        if (self.cache / "fresh.made").exists():
            return base
        if shutil.which("debootstrap") is None:
            sys.exit("debootstrap is not installed: apt-get install debootstrap")
        shutil.rmtree(base, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", self.suite, str(base), self.mirror]
        if not pathlib.Path("/usr/share/debootstrap/scripts", self.suite).exists():  # an Ubuntu that is newer than this debootstrap
            command.append("/usr/share/debootstrap/scripts/gutsy")
        if self.family == "ubuntu" and not pathlib.Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg").exists():
            command.insert(1, "--no-check-gpg")  # Debian has no package of Ubuntu's keys; nothing of this root stays
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {made.returncode}: {(made.stdout + made.stderr)[-1500:]}")
        (self.cache / "fresh.made").touch()
        return base

    def __enter__(self):
        self.cache.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.cache / "lock", "w", encoding="utf-8")
        fcntl.flock(self.lock, fcntl.LOCK_EX)  # one root of a suite at a time: apt locks the archives as well
        for old in self.cache.glob("root-*"):
            shutil.rmtree(old, ignore_errors=True)  # of a walk that was killed: its mounts ended with it
        base = self.fresh()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="root-", dir=self.cache))
        subprocess.run(["cp", "-a", "--reflink=auto", f"{base}/.", str(self.path)], check=True)
        self.path.chmod(0o755)
        for kind, options in (("proc", ["-t", "proc", "proc"]), ("sys", ["--rbind", "/sys"]), ("dev", ["--rbind", "/dev"])):
            subprocess.run(["mount", *options, str(self.path / kind)], check=True)
        self.bind(self.cache / "archives", "/var/cache/apt/archives")
        (self.path / "etc/apt/sources.list").write_text(self.sources(), encoding="utf-8")
        # Packages stay in the cache, and every list is as small as it can be.
        (self.path / "etc/apt/apt.conf.d/99clean-root").write_text(
            'APT::Keep-Downloaded-Packages "true";\nAcquire::Languages "none";\nAPT::Sandbox::User "root";\n' + how_to_reach(), encoding="utf-8")
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self.path / "etc" / name)
        return self

    def sources(self):
        components = "main universe" if self.family == "ubuntu" else "main"
        return "".join(f"deb {self.mirror} {suite} {components}\n" for suite in (self.suite, f"{self.suite}-updates"))

    def __exit__(self, *_):
        subprocess.run(["umount", "-R", "-l", *(str(self.path / kind) for kind in ("proc", "sys", "dev", "var/cache/apt/archives"))],
                       check=False)
        if not os.path.ismount(self.path / "dev"):  # never into the devices of this machine
            shutil.rmtree(self.path, ignore_errors=True)

    def bind(self, place, name):
        """A directory of this machine, seen in the root."""
        place.mkdir(parents=True, exist_ok=True)
        inside = self.path / name.lstrip("/")
        inside.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", str(place), str(inside)], check=True)

    def run(self, script, user="root", directory="/", variables=None, timeout=900):
        """A script of the shell, by a login of its own; the result has its output, both streams in one."""
        home = "/root" if user == "root" else f"/home/{user}"
        environment = {"HOME": home, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": user,
                       "DEBIAN_FRONTEND": "noninteractive", **(variables or {})}
        return subprocess.run(["chroot", f"--userspec={user}:{user}", str(self.path), "sh", "-ec", 'cd "$1" && exec sh -e -c "$2"', "sh",
                               directory, script], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=timeout, check=False)
