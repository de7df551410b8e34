#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tables.py ROOT KTSTR TABLES… holds every table between <!-- generated: NAME --> and <!-- end --> of ROOT's documents against what the
program of TABLES that knows NAME prints, and the list of commands against what KTSTR itself says. With KTSTR_BLESS=1 it rewrites them."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MARKED = re.compile(r"(<!-- generated: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def commands(ktstr):
    """The table that `ktstr help commands` prints, as Markdown."""
    _, *rows = subprocess.check_output([ktstr, "help", "commands"], text=True).splitlines()
    cells = [re.split(r" {2,}", row.strip(), maxsplit=1) for row in rows]
    return "| command | what it is for |\n|---|---|\n" + "".join(f"| `{name}` | {summary} |\n" for name, summary in cells)


def documents(ktstr):
    """The table that `ktstr help documents` prints, as Markdown."""
    table, _ = subprocess.check_output([ktstr, "help", "documents"], text=True).split("\n\n", maxsplit=1)
    _, *rows = (re.split(r" {2,}", row, maxsplit=2) for row in table.splitlines())
    return "| document | of | members |\n|---|---|---|\n" + "".join(
        f"| `{name}` | {', '.join(f'`{one}`' for one in of.split(', '))} | `{members}` |\n" for name, of, members in rows)


def checks(ktstr):
    """The cases that `ktstr plugin check --list` has, as Markdown."""
    cases = json.loads(subprocess.check_output([ktstr, "plugin", "check", "--list", "--json"], text=True))["cases"]
    return "| case | kind | a plugin that passes |\n|---|---|---|\n" + "".join(
        f"| `{case['name']}` | {case['kind']} | {case['promise']} |\n" for case in cases)


def ci_file(ktstr, system):
    """What `ktstr init --ci SYSTEM` writes, as a block."""
    with tempfile.TemporaryDirectory() as place:
        before = subprocess.check_output([ktstr, "init", "--ci", "none", place], text=True).split("next:")[0].splitlines()
    with tempfile.TemporaryDirectory() as place:
        lines = subprocess.check_output([ktstr, "init", "--ci", system, place], text=True).split("next:")[0].splitlines()
        name, = (line.removeprefix("wrote ") for line in lines if line not in before)
        text = pathlib.Path(place, name).read_text(encoding="utf-8")
    comment, language = ("//", "groovy") if name == "Jenkinsfile" else ("#", "yaml")
    return f"```{language}\n{comment} {name}\n{text}```\n"


def main():
    root, ktstr = pathlib.Path(sys.argv[1]), sys.argv[2]
    maker = {name: program for program in sys.argv[3:] for name in subprocess.check_output([program], text=True).split() if "." not in name}
    own = {"commands": commands, "documents": documents, "plugin-checks": checks,
           **{f"ci-{system}": lambda ktstr, system=system: ci_file(ktstr, system) for system in ("github", "gitlab", "jenkins")}}
    made = set(own) | set(maker)
    problems, used = [], set()
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md")), *sorted(root.glob("plugins/*/README.md"))]:
        text = path.read_text(encoding="utf-8")

        def fresh(match):
            used.add(match[2])
            if match[2] not in made:
                problems.append(f"{path}: no program makes the table {match[2]}")
                return match[0]
            text = own[match[2]](ktstr) if match[2] in own else subprocess.check_output([maker[match[2]], match[2]], text=True)
            return match[1] + "\n" + text + "\n" + match[4]

        now = MARKED.sub(fresh, text)
        if now != text and os.environ.get("KTSTR_BLESS") == "1":
            path.write_text(now, encoding="utf-8")
        elif now != text:
            changed = sorted(set(now.splitlines()) ^ set(text.splitlines()))
            problems.append(f"{path}: a table is not what the program has (KTSTR_BLESS=1 rewrites it):\n" + "\n".join(changed[:20]))
    problems += [f"no document shows the table {name}" for name in sorted(made - used)]
    print("\n".join(problems) or f"{len(used)} tables are up to date")
    return 1 if problems else 0


sys.exit(main())
