#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tables.py ROOT KTSTR SCHEMAS TABLES… holds every table between <!-- generated: NAME --> and <!-- end --> of ROOT's documents against what the
program of TABLES that knows NAME prints, the list of commands against what KTSTR itself says, and the keys of manifests against the schema. With KTSTR_BLESS=1 it rewrites them."""
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


def kind(schema, definitions):
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        own = definitions[name]
        return {"cgroup_name": "text", "parameter": ""}.get(name, "object" if own.get("type") == "object" else name.replace("_", " "))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    either = schema.get("anyOf") or schema.get("oneOf")
    if either:
        return " or ".join(dict.fromkeys(filter(None, (kind(one, definitions) for one in either))))
    of = schema.get("type", "any")
    if isinstance(of, list):
        return " or ".join(of)
    if of in ("integer", "number") and "minimum" in schema:
        return f"{of}, {schema['minimum']:,} to {schema['maximum']:,}" if "maximum" in schema else f"{of} from {schema['minimum']:,}"
    return {"string": "text", "array": "list"}.get(of, of)


PARTS = {"test": "Of a test", "topology": "Of a topology", "gauntlet": "Of `topologies` by what they are like", "scheduler": "Of a scheduler", "step": "Of a step",
         "payload": "Of a payload, besides those of workers", "payload_metric": "Of a number of its output", "perf_delta_assertion": "Of a perf-delta assertion",
         "expect_failure": "Of `expect_failure`"}


def manifest_keys(schemas):
    """The keys of a test manifest that tests.md has no table of, from its schema."""
    definitions = json.loads((schemas / "test-manifest.schema.json").read_text(encoding="utf-8"))["$defs"]
    text = ""
    for part, title in PARTS.items():
        text += f"### {title}\n\n| key | value | meaning |\n|---|---|---|\n"
        for key, schema in definitions[part]["properties"].items():
            if key == "$schema" or (part == "payload" and key in definitions["workers"]["properties"]):
                continue
            of = definitions.get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
            default = schema.get("default", of.get("default"))
            told = [schema.get("description") or of.get("description", ""), "" if default is None else f"default {json.dumps(default)}"]
            meaning = "; ".join(filter(None, told)).replace("|", "\\|")
            text += f"| `{key}` | {kind(schema, definitions)} | {meaning} |\n"
        text += "\n"
    return text.rstrip("\n") + "\n"


def main():
    root, ktstr, schemas = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    maker = {name: program for program in sys.argv[4:] for name in subprocess.check_output([program], text=True).split() if "." not in name}
    own = {"commands": commands, "documents": documents, "plugin-checks": checks, "manifest-keys": lambda _: manifest_keys(schemas),
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
