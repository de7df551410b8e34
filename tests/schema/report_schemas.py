#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the schemas of the JSON reporter's documents, what it writes and what is documented together.

  report_schemas.py SCHEMAS FILE|FOLDER...        each document is valid and has nothing that its schema does not know
  report_schemas.py SCHEMAS --documented PAGE...  the first page's tables and the schemas have the same members; all pages together name each
"""
import json
import pathlib
import re
import sys

import jsonschema
from sidecar_schema import unknown_keys

SECTIONS = {"test_run": "Test run", "perf_delta": "perf-delta"}
# Words of the page that are no members.
NOT_IN_DOCUMENTS = {"begin", "true"}


def expanded(node, definitions):
    if isinstance(node, list):
        return [expanded(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return expanded(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    return {key: expanded(value, definitions) for key, value in node.items() if key != "$defs"}


def read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def schemas_in(folder):
    found = {}
    for name in SECTIONS:
        schema = read(pathlib.Path(folder) / f"{name}.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        if schema["properties"]["document"]["const"] != name:
            sys.exit(f"{folder}: {name}.schema.json is of another document")
        found[name] = expanded(schema, schema["$defs"])
    return found


def check_document(schemas, path):
    document = read(path)
    schema = schemas.get(document.get("document"))
    if schema is None:
        return [f"{path}: \"document\" is {document.get('document')!r}"]
    problems = [f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]
    return problems + list(unknown_keys(document, schema, path))


def names_of(schema):
    """Members and the words that values may be."""
    yield from (word for word in schema.get("enum", []) if isinstance(word, str))
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from names_of(inner)
    if "items" in schema:
        yield from names_of(schema["items"])


def documented_words(text):
    for quoted in re.findall(r"`([^`]+)`", text):
        yield from (word for word in re.split(r"[,\s]+", quoted) if re.fullmatch(r"[a-z_]+", word) and not quoted.startswith("-"))


def check_pages(schemas, pages):
    texts = [pathlib.Path(page).read_text(encoding="utf-8") for page in pages]
    problems = []
    for document, title in SECTIONS.items():
        section = re.search(rf"^## {re.escape(title)}\b.*?(?=^## |\Z)", texts[0], re.M | re.S)
        if section is None:
            return [f"{pages[0]}: no section {title}"]
        known = set(names_of(schemas[document])) | NOT_IN_DOCUMENTS
        problems += [f"{pages[0]}, {title}: {word}: not in the schema" for word in sorted(set(documented_words(section[0])) - known)]
        for name in sorted(set(names_of(schemas[document]))):
            if not any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts):
                problems.append(f"the schema of {document}: {name}: in none of {', '.join(pages)}")
    return problems


def main(arguments):
    schemas = schemas_in(arguments[0])
    if arguments[1] == "--documented":
        problems = check_pages(schemas, arguments[2:])
    else:
        files = []
        for path in map(pathlib.Path, arguments[1:]):
            files += (sorted(path.glob("*.json")) or sys.exit(f"{path} is empty: did reporters-test run?")) if path.is_dir() else [path]
        problems = [problem for file in files for problem in check_document(schemas, file)]
    print("\n".join(problems) or "all of it is valid and known")
    return 1 if problems else 0


sys.exit(main(sys.argv[1:]))
