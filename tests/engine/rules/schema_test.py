"""The JSON Schemas accept what the readers accept: the tables that schema_test.cc and config_docs_test.cc
hold the readers to, and every rule file, policy, layer and configuration of the repository. Values of
rules and policies are read as text, as the parser reads them."""

import json
import os
import pathlib
import re
import sys
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(sys.argv.pop(1))
TABLES = ROOT / "tests/engine/rules/testdata/schema"
NOT_RULES = {"taxonomy.yaml", "policy.yaml"}
NOT_RULE_FOLDERS = {"schema", "policy", "corpus"}

# Files that show what is refused, and files that are no one's of ours.
REFUSED = {"tests/tools/testdata/bad_policy.yaml", "tests/tools/testdata/bad_rules/bad.yaml",
           "tests/tools/testdata/sloppy_rules/sloppy.yaml"}
OTHERS = {"proto/buf.yaml", "rules/taxonomy.yaml", ".pre-commit-hooks.yaml"}

TEMPLATE = {
    "id": "id: gambling.template",
    "category": "category: vice_violence",
    "label": "label: gambling",
    "severity": "severity: high",
    "action": "action: review",
    "match": "match: {terms: [online casino]}",
    "reason": "reason: {en: It offers gambling., zh: 内容提供赌博。}",
    "tests": "tests: {match: [an online casino], no_match: [a casino]}",
}


def validator(name, folder="rules/schema"):
    schema = json.loads((ROOT / folder / name).read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def read(text):
    return yaml.load(text, Loader=yaml.BaseLoader)


class EditorLoader(yaml.SafeLoader):
    """Types values as editors do, by the core schema of YAML 1.2: `yes` is a text."""


EditorLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
        ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
        ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
]:
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def yaml_files():
    """Every YAML file of the repository, but goldens and what builds leave behind."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in {".git", "build", "node_modules", "diagnostics"})
        for name in sorted(names):
            path = pathlib.Path(folder, name)
            relative = path.relative_to(ROOT).as_posix()
            if path.suffix in {".yaml", ".yml"} and relative not in OTHERS:
                yield relative, path.read_text("utf-8")


def rule_from_fragment(fragment):
    """As RuleFromFragment() of rule_fragment.h."""
    if fragment.startswith("- "):
        return fragment
    if fragment.startswith("!file\n"):
        return fragment[len("!file\n"):]
    keys = dict(TEMPLATE)
    body = []
    for line in fragment.splitlines():
        if line.startswith("!"):
            keys.pop(line[1:])
            continue
        if line and line[0] not in " #":
            keys.pop(line.split(":")[0], None)
        body.append(line)
    return "- " + "\n  ".join(list(keys.values()) + body) + "\n"


def cases(name):
    title, accept, lines = None, False, []
    for line in (TABLES / name).read_text("utf-8").splitlines() + ["=== accept end"]:
        if not line.startswith("=== "):
            lines.append(line)
            continue
        if title is not None:
            yield title, accept, "".join(l + "\n" for l in lines)
        verdict, title = line[4:].split(" ", 1)
        accept, lines = verdict == "accept", []


class SchemaTest(unittest.TestCase):

    def check(self, schema, name, to_text):
        count = 0
        for title, accept, text in cases(name):
            count += 1
            errors = [e.message for e in schema.iter_errors(read(to_text(text)))]
            with self.subTest(title):
                self.assertEqual(not errors, accept, f"{text}{errors}")
        self.assertGreater(count, 20)

    def test_rules_agree_with_the_parser(self):
        self.check(validator("rule.schema.json"), "rules.txt", rule_from_fragment)

    def test_policies_agree_with_the_parser(self):
        self.check(validator("policy.schema.json"), "policies.txt", lambda text: text)

    def test_layers_agree_with_the_parser(self):
        self.check(validator("layer.schema.json"), "layers.txt", lambda text: text)

    def test_configurations_agree_with_the_reader(self):
        schema = validator("config.schema.json", "docs")
        count = 0
        for title, accept, text in cases("configs.txt"):
            count += 1
            errors = [e.message for e in schema.iter_errors(yaml.load(text, Loader=EditorLoader))]
            with self.subTest(title):
                self.assertEqual(not errors, accept, f"{text}{errors}")
        self.assertGreater(count, 20)

    def test_configurations_of_the_repository(self):
        schema = validator("config.schema.json", "docs")
        count = 0
        for page in ["docs/configuration.md", "docs/operations.md", "README.md"]:
            text = (ROOT / page).read_text("utf-8")
            for block in re.findall(r"(?m)^    # \S*winnowd\.yaml\n((?:    .*\n)+)", text):
                count += 1
                with self.subTest(page):
                    schema.validate(yaml.load(re.sub(r"(?m)^    ", "", block), Loader=EditorLoader))
        self.assertGreater(count, 0)

    def test_every_file_of_the_repository(self):
        rules, layers, policies = (validator(f"{kind}.schema.json") for kind in ("rule", "layer", "policy"))
        count = 0
        for path, text in yaml_files():
            name = path.rsplit("/", 1)[-1]
            schema = layers if name == "layer.yaml" else policies if "policy" in name else rules
            errors = [e.message for e in schema.iter_errors(read(text))]
            count += 1
            with self.subTest(path):
                self.assertEqual(bool(errors), path in REFUSED, errors[:3])
        self.assertGreater(count, 40)

    def test_layers_of_the_samples(self):
        layer, rules = validator("layer.schema.json"), validator("rule.schema.json")
        paths = sorted((ROOT / "tests/data/layers").rglob("*.yaml"))
        self.assertGreater(len(paths), 3)
        for path in paths:
            with self.subTest(path):
                (layer if path.name == "layer.yaml" else rules).validate(read(path.read_text("utf-8")))

    def test_bundled_files(self):
        rules = validator("rule.schema.json")
        for path in sorted((ROOT / "rules").rglob("*.yaml")):
            if path.name in NOT_RULES or NOT_RULE_FOLDERS & set(path.relative_to(ROOT).parts):
                continue
            with self.subTest(path):
                rules.validate(read(path.read_text("utf-8")))
        validator("policy.schema.json").validate(read((ROOT / "rules/policy.yaml").read_text("utf-8")))

    def test_vocabulary_is_that_of_the_taxonomy(self):
        taxonomy = read((ROOT / "rules/taxonomy.yaml").read_text("utf-8"))
        labels = [label for of_category in taxonomy.values() for label in of_category]
        rule = validator("rule.schema.json").schema["definitions"]["rule"]
        self.assertEqual(rule["properties"]["category"]["enum"], list(taxonomy))
        first = rule["properties"]["id"]["pattern"].split(")")[0].removeprefix("^(").split("|")
        self.assertEqual(first, list(taxonomy) + labels)
        unlabelled = [name for name, of_category in taxonomy.items() if not of_category]
        for branch in rule["allOf"]:
            category = branch["if"]["properties"]["category"]
            if "const" in category:
                self.assertEqual(branch["then"]["properties"]["label"]["enum"], taxonomy[category["const"]])
            else:
                self.assertEqual(category["enum"], unlabelled)
        policy = validator("policy.schema.json").schema["definitions"]
        self.assertEqual(policy["category"]["enum"], list(taxonomy))
        self.assertEqual(policy["label"]["enum"], labels)


if __name__ == "__main__":
    unittest.main()
