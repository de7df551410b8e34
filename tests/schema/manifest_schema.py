#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""manifest_schema.py SCHEMA_FOLDER FOLDER...: the schemas are schemas, and every plugin manifest below the folders fits its own."""
import json
import pathlib
import sys

import jsonschema


def main(arguments):
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in pathlib.Path(arguments[0]).glob("*.schema.json")}
    for schema in schemas.values():
        jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schemas["plugin-manifest.schema.json"])
    manifests = [path for folder in arguments[1:] for path in sorted(pathlib.Path(folder).rglob("*.ktstr-plugin.json"))]
    problems = [f"{path}: {error.message[:200]}" for path in manifests for error in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))]
    if not manifests:
        problems.append("no manifest found")
    print("\n".join(problems) or f"{len(manifests)} manifests fit")
    return 1 if problems else 0


sys.exit(main(sys.argv[1:]))
