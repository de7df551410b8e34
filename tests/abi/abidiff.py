#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""abidiff.py INCLUDE_DIR KEPT_DIR... holds the C headers of the ABI in INCLUDE_DIR against those that were kept of its minors, by their debug
information (libabigail): members and parameters too, whose types layout.c does not know. What is appended to a struct is no difference.

Before that, it changes copies of the headers on purpose, since a guard that lets everything pass would look the same as a good one."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STRUCT = re.compile(r"^typedef struct (ktstr_\w+)", re.M)
VISITOR = re.compile(r"^typedef \w+ \(\*(ktstr_\w+)\)", re.M)
SUMMARY = re.compile(r"^.* (?:summary|changed): .*\n", re.M)
GROWN = re.compile(r"^'struct \w+' changed:\n  type size changed from (\d+) to \d+ \(in bits\)\n  \d+ data member insertions?:\n((?:    .*\n)+)", re.M)
OFFSET = re.compile(r", at offset (\d+) \(in bits\)$", re.M)
# header, what is replaced, by what, and whether plugins of the kept headers could still be loaded
CHANGES = [
    ("gate.h", "} ktstr_verdict;", "  uint64_t later;\n} ktstr_verdict;", True),
    ("gate.h", "typedef struct ktstr_verdict {\n", "typedef struct ktstr_verdict {\n  uint64_t earlier;\n", False),
    ("runner.h", "uint64_t duration_ms;", "double duration_ms;", False),
    ("base.h", "typedef int32_t ktstr_status;", "typedef int64_t ktstr_status;", False),
    ("store.h", "(void* ctx, const ktstr_run_entry* entry)", "(void* ctx, const ktstr_run_entry* entry, int more)", False),
]


def built(include, place):
    """A library that mentions every struct and every visitor of the headers."""
    headers = sorted((include / "ktstr/abi").glob("*.h"))
    text = "".join(header.read_text() for header in headers)
    source = place.with_suffix(".c")
    source.write_text("".join(f"#include <ktstr/abi/{header.name}>\n" for header in headers)
                      + "".join(f"void takes_{name}(struct {name}* it);\nvoid takes_{name}(struct {name}* it) {{ (void)it; }}\n"
                                for name in STRUCT.findall(text))
                      + "".join(f"void takes_{name}({name} it);\nvoid takes_{name}({name} it) {{ (void)it; }}\n"
                                for name in VISITOR.findall(text)))
    library = place.with_suffix(".so")
    subprocess.run(["cc", "-std=c11", "-g", "-fPIC", "-shared", "-I", include, source, "-o", library], check=True)
    return library


def without_appended(grown):
    """Of a struct that has grown, nothing when all that is new lies behind what was there."""
    return "" if all(int(offset) >= int(grown[1]) for offset in OFFSET.findall(grown[2])) else grown[0]


def difference(old, new):
    """What abidiff says against loading plugins of the old headers; empty: nothing."""
    done = subprocess.run(["abidiff", "--leaf-changes-only", "--no-show-locs", "--no-added-syms", old, new], capture_output=True, text=True)
    if done.returncode & 3:  # ABIDIFF_ERROR, ABIDIFF_USAGE_ERROR
        sys.exit(f"abidiff failed: {done.stderr or done.stdout}")
    return GROWN.sub(without_appended, SUMMARY.sub("", done.stdout)).strip()


def main():
    include, kept = pathlib.Path(sys.argv[1]), [pathlib.Path(folder) for folder in sys.argv[2:]]
    failures = [] if kept else ["no kept headers were named"]
    with tempfile.TemporaryDirectory(prefix="ktstr-abidiff-") as folder:
        place = pathlib.Path(folder)
        today = built(include, place / "today")
        for header, old, new, loads in CHANGES:
            changed = place / "changed"
            shutil.copytree(include, changed, dirs_exist_ok=True)  # over the one before
            file = changed / "ktstr/abi" / header
            if old not in file.read_text():
                sys.exit(f"{header} has no \"{old.strip()}\" any more: change CHANGES")
            file.write_text(file.read_text().replace(old, new))
            said = difference(today, built(changed, place / "with_change"))
            if bool(said) == loads:
                failures.append(f"{header} with \"{new.strip()}\" is said to be {'no ' if loads else 'a '}good successor\n{said}")
        for headers in kept:
            said = difference(built(headers, place / headers.name), today)
            if said:
                failures.append(f"plugins built with {headers.name} would break:\n{said}")
    for failure in failures:
        print(failure, file=sys.stderr)
    if not failures:
        print(f"the headers differ from those of {', '.join(headers.name for headers in kept)} at most by what was appended")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
