#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kunit_reads.py KTAP... has the kernel's own parser (tools/testing/kunit/kunit_parser.py) read what reporter ktap wrote: it must find every test by name
and outcome, the verdict, the counts of the "# Totals:" line, and nothing to complain about. The parser is looked for in KTSTR_KUNIT_DIR, which names
that folder, and under /usr/src. Exit code 77: it is in neither."""
import contextlib
import glob
import importlib
import io
import os
import pathlib
import re
import sys

SKIPPED = 77
RESULT = re.compile(r"^\s*(not ok|ok) (\d+) (.*)$")


def kunit_folder():
    named = os.environ.get("KTSTR_KUNIT_DIR")
    places = [named] if named else sorted(glob.glob("/usr/src/linux*/tools/testing/kunit"), reverse=True)
    for place in places:
        if (pathlib.Path(place) / "kunit_parser.py").is_file():
            return place
    if named:
        sys.exit(f"KTSTR_KUNIT_DIR={named}: there is no kunit_parser.py")
    print("SKIPPED: no tools/testing/kunit under /usr/src/linux*: unpack a kernel's source there, or name the folder in KTSTR_KUNIT_DIR")
    sys.exit(SKIPPED)


def told(text):
    """(name, outcome) of each line of results, in order; the suite's own is the last."""
    for line in text.splitlines():
        if match := RESULT.match(line):
            word, _, rest = match.groups()
            name, _, directive = rest.partition(" # ")
            yield name, "SKIPPED" if directive.startswith("SKIP") else "SUCCESS" if word == "ok" else "FAILURE"


def found(test):
    for one in test.subtests:
        yield from found(one)
        yield one.name, one.status.name


def problems_of(file):
    text = pathlib.Path(file).read_text(encoding="utf-8")
    said = io.StringIO()
    sys.modules.pop("kunit_parser", None)
    sys.modules.pop("kunit_printer", None)
    with contextlib.redirect_stdout(said):  # the printer keeps the stdout that it was imported with
        run = importlib.import_module("kunit_parser").parse_run_tests(text.splitlines())
    expected, seen = list(told(text)), list(found(run))
    if seen != expected:
        yield f"the parser found {seen}, the file tells {expected}"
    totals = dict(re.findall(r"(\w+):(\d+)", re.search(r"^# Totals: (.*)$", text, re.MULTILINE)[1]))
    counts = run.counts
    if (counts.passed, counts.failed, counts.skipped) != tuple(int(totals[key]) for key in ("pass", "fail", "skip")):
        yield f"the parser counted {counts}, the file says {totals}"
    if counts.errors or counts.crashed or "[ERROR]" in said.getvalue():
        yield f"the parser complains: {counts}\n{said.getvalue()}"


def main():
    sys.path.insert(0, kunit_folder())
    sys.dont_write_bytecode = True
    problems = [f"{file}: {problem}" for file in sys.argv[1:] for problem in problems_of(file)]
    print("\n".join(problems) or f"{len(sys.argv) - 1} files: every test, each count and the verdict")
    sys.exit(1 if problems or len(sys.argv) < 2 else 0)


if __name__ == "__main__":
    main()
