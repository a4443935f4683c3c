# Every compose file is taken by both versions of Docker Compose, by the specification's schema and by yamllint.

import jsonschema
import yaml
import yamllint.config
import yamllint.linter

LINT = yamllint.config.YamlLintConfig("{extends: default, rules: {line-length: disable, document-start: disable}}")


def results(place):
    for path in place.compose_files():
        shown = place.shown(path)
        text = path.read_text(encoding="utf-8")
        for version in place.tools.composes:
            run = place.tools.compose(version, path.parent, "config", "--quiet")
            yield f"Compose {version} takes {shown}", run.fault(silent=True)
        yield f"yamllint has nothing to say about {shown}", lint_fault(text)
        yield f"the schema holds for {shown}", schema_fault(place.tools.compose_schema, yaml.safe_load(text))


def lint_fault(text):
    return "\n".join(str(problem) for problem in yamllint.linter.run(text, LINT))


def schema_fault(schema, document):
    """Where a document breaks a schema; nothing if it holds or there is none."""
    if schema is None:
        return None
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = validator.iter_errors(document)
    return "\n".join(f"{error.json_path}: {error.message}" for error in errors)
