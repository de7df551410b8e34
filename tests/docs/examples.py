#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples.py ROOT SCHEMA_DIR KTSTR checks every schema that is installed, and those that plugins state of their options, against the
metaschema, and every JSON example of ROOT's documents against the schema that the comment in front of it names:

  <!-- schema: ktstr -->                     the whole block
  <!-- schema: test-manifest, in part -->    members of such an object, without its braces or without what it requires
  <!-- schema: none, WHY -->                 there is none; it has to be JSON all the same

The files of ROOT/examples are checked, too: configurations and test manifests."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

BLOCK = re.compile(r"(?:<!-- schema: ([a-z-]+)(?:, ([^>]*?))? -->\n+)?^```(jsonc?)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMENT_OR_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def parse(text):
    """JSON with comments and trailing commas, as people write it."""
    bare = COMMENT_OR_TEXT.sub(lambda m: m[0] if m[0].startswith('"') else "", text)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", bare))


def problems_of(schema, value, where):
    errors = jsonschema.validators.validator_for(schema)(schema).iter_errors(value)
    return [f"{where}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


def in_part(schema):
    """What single members of such an object have to keep to."""
    return {key: value for key, value in schema.items() if key not in ("required", "oneOf", "anyOf", "$schema")}


def example_problems(schemas, where, name, how, text):
    if name is None:
        return [f"{where}: no <!-- schema: NAME --> in front of the example; names: {', '.join(sorted(schemas))}, none"]
    partly = how == "in part"
    try:
        value = parse(text if not partly or text.lstrip().startswith("{") else "{" + text + "}")
    except json.JSONDecodeError as error:
        return [f"{where}: {error}"]
    if name == "none":
        return [] if how else [f"{where}: schema: none, and why?"]
    if name not in schemas:
        return [f"{where}: there is no schema {name}"]
    if not partly:
        return problems_of(schemas[name], value, where)
    objects = [schemas[name], *schemas[name].get("$defs", {}).values()]
    fitting = [one for one in objects if set(value) <= set(one.get("properties", {}))]
    if not fitting:
        return [f"{where}: no object of {name} has these members"]
    return problems_of({**in_part(fitting[0]), "$defs": schemas[name].get("$defs", {})}, value, where)


def files_of_examples(root):
    """(path, name of its schema)"""
    for project in sorted(root.glob("examples/*/ktstr.json")):
        yield project, "ktstr"
        for pattern in parse(project.read_text(encoding="utf-8")).get("tests", ["tests/*.json"]):
            yield from ((path, "test-manifest") for path in sorted(project.parent.glob(pattern)))


def options_schemas(ktstr):
    """By name, of every plugin that ktstr finds."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home}

        def told(*arguments):
            return json.loads(subprocess.check_output([ktstr, "-C", home, "plugin", *arguments, "--json"], text=True, env=environment))

        for plugin in told("list")["plugins"]:
            for row in told("info", plugin["id"])["provides"] if plugin["problem"] is None else []:
                if row["options_schema"] is not None:
                    yield f"the options of {row['name']}", row["options_schema"]


def main():
    root, made, ktstr = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    files = [*root.glob("host/*/schema/*.schema.json"), *root.glob("plugins/*/schema/*.schema.json"),
             *root.glob("sdk/**/*.schema.json"), *made.glob("*.schema.json")]
    schemas = {path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8")) for path in files}
    problems, examples = [], 0
    for name, schema in [*schemas.items(), *options_schemas(ktstr)]:
        try:
            jsonschema.validators.validator_for(schema).check_schema(schema)
        except jsonschema.SchemaError as error:
            problems.append(f"{name}: {error.message[:200]}")
    documents = [root / "README.md", *root.glob("docs/**/*.md"), *root.glob("plugins/*/README.md"), *root.glob("examples/*/README.md")]
    for path in sorted(documents):
        text = path.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            examples += 1
            where = f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start(3)) + 1}"
            problems += example_problems(schemas, where, match[1], match[2], match[4])
    for path, name in files_of_examples(root):
        if name not in schemas:  # of a plugin that is not built here
            continue
        examples += 1
        problems += problems_of(schemas[name], parse(path.read_text(encoding="utf-8")), str(path.relative_to(root)))
    print("\n".join(problems) or f"{len(schemas)} schemas and {examples} examples are fine")
    return 1 if problems else 0


sys.exit(main())
