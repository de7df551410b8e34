#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""packages.py BUILD SOURCE makes the Debian packages of a build, unpacks them into a root of their own and uses what is in it: the program with
its plugins, pages and completions, and the SDK for an example that is built against it. --install: the other way, into this very machine,
and out again (in a root that is thrown away afterwards)."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROBLEMS = []


def expect(fine, what):
    if not fine:
        PROBLEMS.append(what)


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, **options)
    if done.returncode != 0:
        PROBLEMS.append(f"{' '.join(map(str, command))} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def field(package, name):
    return run("dpkg-deb", "-f", package, name).strip()


def made(build, place):
    run("cpack", "--config", build / "CPackConfig.cmake", "-B", place, cwd=build)
    packages = {path.name.split("_")[0]: path for path in place.glob("*.deb")}
    expect(set(packages) == {"ktstr", "ktstr-sdk-dev"}, f"packages are {sorted(packages)}")
    return packages


def check_program(root, place):
    usr = root / "usr"
    ktstr = usr / "bin" / "ktstr"
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(place), "LANG": "C.UTF-8"}
    expect(run(ktstr, "--version", env=bare).startswith("ktstr "), "no version")
    expect((usr / "bin" / "cargo-ktstr").resolve() == ktstr.resolve(), "cargo-ktstr is not ktstr")
    plugins = json.loads(run(ktstr, "plugin", "list", "--json", env=bare, cwd=place) or "{}").get("plugins", [])
    names = {row["name"] for plugin in plugins for row in plugin.get("provides", [])}
    expect({"fs", "kvm", "git", "welch", "threshold", "terminal", "json", "junit"} <= names, f"plugins: {sorted(names)}")
    expect(all(not plugin.get("problem") for plugin in plugins), f"plugins with problems: {plugins}")
    project = place / "project"
    run(ktstr, "init", project, env=bare)
    thresholds = run(ktstr, "-C", project, "show-thresholds", env=bare)
    expect("wakeups" in thresholds, f"the runner does not read the first project: {thresholds}")
    for page in ("ktstr.1", "ktstr-perf-delta.1", "ktstr-stats-list.1"):
        expect((usr / "share/man/man1" / page).is_file(), f"no {page}")
    for file in ("bash-completion/completions/ktstr", "zsh/vendor-completions/_ktstr", "fish/vendor_completions.d/ktstr.fish",
                 "ktstr/schema/ktstr.schema.json", "ktstr/schema/sidecar.schema.json", "doc/ktstr/README.md", "doc/ktstr/copyright"):
        expect((usr / "share" / file).is_file(), f"no share/{file}")


def check_sdk(root, source, place):
    environment = {**os.environ, "PKG_CONFIG_PATH": str(root / "usr/lib/pkgconfig")}
    directory = run("pkg-config", "--variable=plugindir", "ktstr-sdk", env=environment).strip()
    expect(pathlib.Path(directory).resolve() == (root / "usr/lib/ktstr/plugins/v1").resolve(), f"plugindir is {directory}")
    run("cmake", "-S", source / "examples/gate-minimal-c", "-B", place / "gate", f"-DCMAKE_PREFIX_PATH={root / 'usr'}")
    run("cmake", "--build", place / "gate")
    expect(list((place / "gate").rglob("*.so")) != [], "the example built no plugin")


def check_nothing_of_this_machine(root, build, source):
    for path in root.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        for place in (build, source):
            expect(str(place).encode() + b"/" not in data, f"{path.relative_to(root)} names {place}")


def check_unpacked(build, source, place):
    packages = made(build, place / "packages")
    if PROBLEMS:
        return
    root = place / "root"
    for package in packages.values():
        run("dpkg-deb", "-x", package, root)
    depends = field(packages["ktstr"], "Depends")
    for library in ("libc6", "libgit2", "libstdc++6", "git", "cpio"):
        expect(library in depends, f"ktstr does not depend on {library}: {depends}")
    expect("ktstr" not in field(packages["ktstr-sdk-dev"], "Depends").split(", "), "the SDK needs no ktstr")
    check_program(root, place)
    check_sdk(root, source, place)
    check_nothing_of_this_machine(root, build, source)


def check_installed(build, place):
    packages = made(build, place / "packages")
    if PROBLEMS:
        return
    run("apt-get", "install", "-y", "--no-install-recommends", *packages.values())
    check_program(pathlib.Path("/"), place)
    run("apt-get", "purge", "-y", "ktstr", "ktstr-sdk-dev")
    left = [str(path) for path in map(pathlib.Path, ("/usr/bin/ktstr", "/usr/bin/cargo-ktstr", "/usr/lib/ktstr", "/usr/share/ktstr", "/usr/include/ktstr"))
            if path.exists()]
    expect(not left, f"left behind: {left}")


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--install"]
    build, source = (pathlib.Path(argument).resolve() for argument in arguments)
    with tempfile.TemporaryDirectory(prefix="ktstr-packages-") as folder:
        place = pathlib.Path(folder)
        if "--install" in sys.argv:
            check_installed(build, place)
        else:
            check_unpacked(build, source, place)
    print("\n".join(PROBLEMS) or "both packages hold what they should")
    return 1 if PROBLEMS else 0


sys.exit(main())
