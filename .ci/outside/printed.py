# What the program prints for other programs: the plan's schema, completions and the man page.

import copy
import json
import tomllib

import jsonschema

from accepted import schema_fault

SHELLS = ["bash", "zsh", "fish", "elvish", "powershell"]


def results(tools, plans):
    schema = json.loads(tools.backstay("schema", inside=tools.work).out)
    yield "the plan's schema is one of draft 2020-12", meta_fault(schema)
    for case in plans:
        if not case.is_refused:
            yield from plan_results(schema, case)
    for shell in SHELLS:
        yield f"there are completions for {shell}", completions_fault(tools, shell)
    man = tools.backstay("man", inside=tools.work)
    yield "there is a man page", man.fault(silent=True) or (None if ".TH backstay 1" in man.out else man.out)


def meta_fault(schema):
    if schema.get("$schema") != "https://json-schema.org/draft/2020-12/schema":
        return f"$schema is {schema.get('$schema')}"
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return error.message
    return None


def plan_results(schema, case):
    plan = tomllib.loads((case.folder / "backstay.toml").read_text(encoding="utf-8"))
    yield f"the plan's schema takes {case.name}", schema_fault(schema, plan)
    for place, wrong in with_unknown_keys(plan):
        accepts = not schema_fault(schema, wrong)
        yield f"it refuses an unknown key in {place} of {case.name}", "it takes it" if accepts else None


def with_unknown_keys(plan):
    """The plan with a misspelt key at its top, and in its first app, service and environment."""
    for section in (None, "apps", "services", "environments"):
        wrong = copy.deepcopy(plan)
        table = wrong if section is None else next(iter(wrong.get(section, {}).values()), None)
        if table is not None:
            table["misspelt-key"] = 1
            yield section or "the plan", wrong


def completions_fault(tools, shell):
    run = tools.backstay("completions", shell, inside=tools.work)
    if run.fault(silent=True) or "generate" not in run.out:
        return run.fault(silent=True) or run.out
    if shell != "bash":
        return None
    script = tools.work / "completions.bash"
    script.write_text(run.out, encoding="utf-8")
    return tools.run(["bash", "-n", script], tools.work).fault(silent=True)
