# SPDX-License-Identifier: Apache-2.0
"""json_schema - a validator for the part of JSON Schema, draft 7, that the schemas of this project use

A keyword that it does not know is an error of the schema, never passed over. Where the package jsonschema is
there, check() asks it as well, and both must agree.
"""
import re

try:
    import jsonschema
except ImportError:
    jsonschema = None

# These say nothing about validity.
WORDS = {"$schema", "$id", "$comment", "title", "description", "default", "examples", "definitions", "deprecated"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


class SchemaError(Exception):
    pass


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name not in TYPES:
        raise SchemaError(f"no such type: {name}")
    return isinstance(value, TYPES[name])


def same(a, b):
    """JSON equality: true is not 1."""
    return type(a) is type(b) and a == b


class Validator:
    def __init__(self, root):
        self.root = root

    def errors(self, value, schema=None, at="$"):
        schema = self.root if schema is None else schema
        if schema is True:
            return []
        if schema is False:
            return [f"{at}: nothing is allowed here"]
        if "$ref" in schema:
            if set(schema) - WORDS - {"$ref"}:
                raise SchemaError(f"in draft 7 $ref stands alone: {schema}")
            return self.errors(value, self.resolve(schema["$ref"]), at)
        found = []
        for word, rule in schema.items():
            if word in WORDS:
                continue
            check = getattr(self, "check_" + word, None)
            if check is None:
                raise SchemaError(f"unknown keyword: {word}")
            found += check(value, rule, at, schema) or []
        return found

    def resolve(self, ref):
        if not ref.startswith("#/"):
            raise SchemaError(f"not a local reference: {ref}")
        node = self.root
        for part in ref[2:].split("/"):
            if part not in node:
                raise SchemaError(f"nothing there: {ref}")
            node = node[part]
        return node

    def check_type(self, value, names, at, _):
        names = names if isinstance(names, list) else [names]
        if not any(has_type(value, n) for n in names):
            return [f"{at}: {value!r:.60} is not of type {' or '.join(names)}"]

    def check_enum(self, value, words, at, _):
        if not any(same(value, w) for w in words):
            return [f"{at}: {value!r:.60} is none of {words}"]

    def check_const(self, value, word, at, _):
        if not same(value, word):
            return [f"{at}: {value!r:.60} is not {word!r}"]

    def check_pattern(self, value, pattern, at, _):
        if isinstance(value, str) and not re.search(pattern, value):
            return [f"{at}: {value!r:.60} does not match {pattern}"]

    def check_minLength(self, value, n, at, _):
        if isinstance(value, str) and len(value) < n:
            return [f"{at}: {value!r:.60} is shorter than {n}"]

    def check_minimum(self, value, n, at, _):
        if has_type(value, "number") and value < n:
            return [f"{at}: {value} is less than {n}"]

    def check_maximum(self, value, n, at, _):
        if has_type(value, "number") and value > n:
            return [f"{at}: {value} is more than {n}"]

    def check_required(self, value, names, at, _):
        if isinstance(value, dict):
            return [f"{at}: {n} is missing" for n in names if n not in value]

    def check_properties(self, value, rules, at, _):
        if isinstance(value, dict):
            return [e for k, rule in rules.items() if k in value for e in self.errors(value[k], rule, f"{at}.{k}")]

    def check_patternProperties(self, value, rules, at, _):
        if isinstance(value, dict):
            return [e for p, rule in rules.items() for k in value if re.search(p, k)
                    for e in self.errors(value[k], rule, f"{at}.{k}")]

    def check_additionalProperties(self, value, rule, at, schema):
        if not isinstance(value, dict):
            return []
        left = [k for k in value if k not in schema.get("properties", {})
                and not any(re.search(p, k) for p in schema.get("patternProperties", {}))]
        if rule is False:
            return [f"{at}: unknown member {k!r}" for k in left]
        return [e for k in left for e in self.errors(value[k], rule, f"{at}.{k}")]

    def check_propertyNames(self, value, rule, at, _):
        if isinstance(value, dict):
            return [e for k in value for e in self.errors(k, rule, f"{at}, key {k!r}")]

    def check_items(self, value, rule, at, _):
        if not isinstance(value, list):
            return []
        if isinstance(rule, list):
            return [e for i, (v, r) in enumerate(zip(value, rule)) for e in self.errors(v, r, f"{at}[{i}]")]
        return [e for i, v in enumerate(value) for e in self.errors(v, rule, f"{at}[{i}]")]

    def check_minItems(self, value, n, at, _):
        if isinstance(value, list) and len(value) < n:
            return [f"{at}: fewer than {n} items"]

    def check_maxItems(self, value, n, at, _):
        if isinstance(value, list) and len(value) > n:
            return [f"{at}: more than {n} items"]

    def check_uniqueItems(self, value, unique, at, _):
        if unique and isinstance(value, list) and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
            return [f"{at}: an item occurs twice"]

    def check_minProperties(self, value, n, at, _):
        if isinstance(value, dict) and len(value) < n:
            return [f"{at}: fewer than {n} members"]

    def check_maxProperties(self, value, n, at, _):
        if isinstance(value, dict) and len(value) > n:
            return [f"{at}: more than {n} members"]

    def check_allOf(self, value, rules, at, _):
        return [e for rule in rules for e in self.errors(value, rule, at)]

    def check_anyOf(self, value, rules, at, _):
        tried = [self.errors(value, rule, at) for rule in rules]
        if all(tried):
            return [f"{at}: none of {len(rules)} forms: " + "; ".join(t[0] for t in tried)]

    def check_oneOf(self, value, rules, at, _):
        tried = [self.errors(value, rule, at) for rule in rules]
        fit = sum(not t for t in tried)
        if fit != 1:
            return [f"{at}: {fit} of {len(rules)} forms: " + "; ".join(t[0] for t in tried if t)]

    def check_not(self, value, rule, at, _):
        if not self.errors(value, rule, at):
            return [f"{at}: {value!r:.60} is excluded"]


def subschemas(schema):
    """The schema and all that it is made of."""
    yield schema
    if not isinstance(schema, dict):
        return
    for word, rule in schema.items():
        if word in ("properties", "patternProperties", "definitions"):
            inner = list(rule.values())
        elif word in ("allOf", "anyOf", "oneOf") or (word == "items" and isinstance(rule, list)):
            inner = rule
        elif word in ("additionalProperties", "propertyNames", "items", "not"):
            inner = [rule]
        else:
            inner = []
        for each in inner:
            yield from subschemas(each)


def lint(schema):
    """Raises SchemaError where the schema itself is wrong: a keyword, a reference, a pattern, a type."""
    v = Validator(schema)
    for part in subschemas(schema):
        if isinstance(part, bool):
            continue
        for word, rule in part.items():
            if word not in WORDS and word != "$ref" and not hasattr(v, "check_" + word):
                raise SchemaError(f"unknown keyword: {word}")
            if word == "$ref":
                v.resolve(rule)
            elif word == "type":
                for name in rule if isinstance(rule, list) else [rule]:
                    has_type(None, name)
            elif word == "pattern":
                re.compile(rule)
            elif word == "patternProperties":
                [re.compile(p) for p in rule]
            elif word == "required" and not set(rule) <= set(part.get("properties", {})):
                raise SchemaError(f"required and not described: {rule}")
    if jsonschema is not None:
        jsonschema.Draft7Validator.check_schema(schema)


def check(value, schema):
    """The errors, a list of strings; both validators must agree where there are two."""
    found = Validator(schema).errors(value)
    if jsonschema is not None:
        other = [e.message for e in jsonschema.Draft7Validator(schema).iter_errors(value)]
        if bool(other) != bool(found):
            raise SchemaError(f"the validators disagree: {found} against {other}")
    return found
