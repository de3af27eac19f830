"""The JSON Schemas accept what the parser accepts: the tables that schema_test.cc holds the parser to,
the bundled rules and the bundled policy. Values are read as text, as the parser reads them."""

import json
import pathlib
import sys
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(sys.argv.pop(1))
TABLES = ROOT / "tests/engine/rules/testdata/schema"
NOT_RULES = {"taxonomy.yaml", "policy.yaml"}
NOT_RULE_FOLDERS = {"schema", "policy", "corpus"}

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


def validator(name):
    schema = json.loads((ROOT / "rules/schema" / name).read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def read(text):
    return yaml.load(text, Loader=yaml.BaseLoader)


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
