#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""include_rules.py ROOT checks the table "Who may include what" of docs/architecture.md against every file of ROOT."""
import pathlib
import re
import sys

# Room -> rooms of the host whose headers it may name. Its own are always allowed.
ROOMS = {
    "host/support": [],
    "host/ports": ["support"],
    "host/metrics": ["support"],
    "host/sidecar": ["metrics", "support"],
    "host/select": ["metrics", "sidecar", "support"],
    "host/compare": ["metrics", "select", "sidecar", "support"],
    "host/noise": ["compare", "support"],
    "host/plan": ["sidecar", "support"],
    "host/analysis": ["metrics", "sidecar", "support"],
    "host/show": ["analysis", "compare", "delta", "doctor", "explore", "measure", "metrics", "pool", "select", "sidecar", "support"],
    "host/tables": ["config", "metrics", "sidecar", "support"],
    "host/config": ["metrics", "support"],
    "host/kernels": ["support"],
    "host/plugin": ["ports", "support"],
    "host/check": ["plugin", "ports", "support"],
    "host/index": ["ports", "sidecar", "support"],
    "host/session": ["config", "kernels", "ports", "sidecar", "support"],
    "host/report": ["ports", "session", "support"],
    "host/pool": ["index", "ports", "report", "session", "sidecar", "support"],
    "host/measure": ["config", "plan", "pool", "ports", "report", "select", "session", "sidecar", "support"],
    "host/doctor": ["config", "kernels", "measure", "ports", "session", "support"],
    "host/delta": ["compare", "config", "measure", "metrics", "noise", "plan", "pool", "ports", "report", "select", "session", "sidecar",
                   "support"],
    "host/explore": ["compare", "config", "delta", "measure", "plan", "ports", "select", "session", "sidecar", "support"],
    "host/cli": ["analysis", "check", "config", "delta", "doctor", "explore", "index", "kernels", "measure", "noise", "plugin", "pool", "ports", "report", "select",
                 "session", "show", "sidecar", "support"],
}
# Libraries that one place alone may know: pattern of the header -> prefix of the files.
ONE_PLACE = {
    r"boost/dll/": "host/plugin/library.cpp",
    r"CLI/": "host/cli/",
    r"spdlog/": "host/cli/log.cpp",
    r"boost/json": ("kit/", "host/support/json.", "plugins/kvm-runner/", "examples/", "tests/", "bench/"),
    r"utf8proc": "kit/src/width.cpp",
    r"openssl/": "kit/",
    r"git2": "plugins/baseline-git/",
    r"sqlite3\.h": ("host/index/", "tests/"),
    r"re2/": ("host/select/text_matcher.cpp", "plugins/kvm-runner/manifest/number_pattern.cpp"),
    r"curl/": ("plugins/sidecar-store-s3/", "examples/"),
    r"pugixml": "plugins/sidecar-store-s3/listing.cpp",
    r"simdjson": ("host/sidecar/sidecar_head.cpp", "bench/"),
}
# Calls that one place alone may make: pattern -> prefix of the files.
CALLS = {
    r"\b(secure_)?getenv\s*\(": "host/cli/environment.cpp",
    r"\b(std::)?exit\s*\(": ("host/cli/main.cpp", "host/cli/process_end.cpp", "plugins/kvm-runner/agent/"),
    r"\b(v?fork|posix_spawnp?|wait(pid|4|id)|popen)\s*\(": ("plugins/kvm-runner/machine/child.cpp", "plugins/kvm-runner/agent/", "host/check/", "host/plugin/isolated_process.cpp"),
    r"\bdl(open|sym|close)\s*\(": (),
}
SOURCES = (".c", ".h", ".cpp", ".hpp")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
C_HEADERS = {"stdint.h", "stddef.h"}
WRAPPED_BY_KIT = ("boost/json/", "boost/math/", "openssl/evp.h", "utf8proc.h", "sys/", "fcntl.h", "poll.h", "sched.h", "signal.h", "time.h",
                  "unistd.h")
# What kit takes of the SDK: names that are guessed alike everywhere, and the headers that make errors of plugins.
SDK_IN_KIT = (("ktstr/cpp/names.hpp", ".cpp"), ("ktstr/cpp/error.hpp", "sdk_error.hpp"), ("ktstr/cpp/error.hpp", "sdk_mistake.hpp"))


def is_standard(header):
    return "." not in header and "/" not in header


def problem_of(name, parts, quoted, header, root):
    """Why this file may not include this header; None when it may."""
    for pattern, places in ONE_PLACE.items():
        if re.match(pattern, header) and not name.startswith(places):
            return f"only {places} may"
    if name.startswith("sdk/include/ktstr/abi/"):
        return None if header in C_HEADERS or header.startswith("ktstr/abi/") else "the ABI is <stdint.h>, <stddef.h> and itself"
    if name.startswith("sdk/"):
        return None if is_standard(header) or header.startswith("ktstr/") and not header.startswith("ktstr/kit/") else "the veneer is the ABI and the standard library"
    if parts[0] in ("plugins", "examples"):
        if header.startswith("ktstr/"):
            return None
        if quoted and not (root / parts[0] / parts[1] / header).is_file() and not (root / name).parent.joinpath(header).is_file():
            return "it lies outside of this folder"
        return None
    if parts[0] == "kit":
        wrapped = header.startswith(WRAPPED_BY_KIT) or any(header == of_sdk and name.endswith(end) for of_sdk, end in SDK_IN_KIT)
        own = quoted and (root / name).parent.joinpath(header).is_file()
        inside = header.startswith("ktstr/kit/") or is_standard(header) or wrapped or own
        return None if inside else "kit is the standard library, what it wraps and itself"
    if parts[0] == "host" and quoted:
        room = "/".join(parts[:2])
        other = header.split("/")[0]
        if not (root / "host" / header).is_file():
            return "it lies outside of the host"
        if f"host/{other}" != room and other not in ROOMS[room]:
            return f"{room} may include {', '.join(ROOMS[room]) or 'nothing else'}"
    return None


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    problems, seen = [], 0
    for folder in ("host", "kit", "sdk", "plugins", "examples"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SOURCES or "build" in path.relative_to(root).parts:
                continue
            seen += 1
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            for match in INCLUDE.finditer(text):
                why = problem_of(name, name.split("/"), match[1] == '"', match[2], root)
                if why:
                    line = text.count("\n", 0, match.start(2)) + 1
                    problems.append(f"{name}:{line}: includes {match[2]}: {why}")
            for pattern, places in CALLS.items():
                for match in re.finditer(pattern, re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)):
                    if folder in ("host", "plugins") and not name.startswith(places or ("?",)):
                        problems.append(f"{name}: calls {match[0]}…): only {places or 'nobody'} may")
    if seen < 50:
        problems.append(f"only {seen} files found below {root}: is that the right folder?")
    print("\n".join(problems) or f"{seen} files keep the rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
