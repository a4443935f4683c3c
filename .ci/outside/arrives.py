# Every value of the plan and of the credentials is what Docker Compose hands to the containers.

import json
import re

import env_reader
from connections import connection_results


def results(place):
    secrets = place.secrets()
    for path in place.files("*.env"):
        if path.name not in (".env", "secrets.env"):
            yield from app_results(place, path, secrets)
    for path in place.compose_files():
        for version in place.tools.composes:
            yield from compose_results(place, path, version, secrets)


def app_results(place, path, secrets):
    """An app's env file, read by the rules of the dialect."""
    values = env_reader.read_file(path)
    environment, app = path.parent.parent.name, path.stem
    shown = place.shown(path)
    yield f"the settings are in {shown}", differing(settings(place, environment, "apps", app), values)
    yield f"no value of {shown} waits for a credential", waiting(path)
    yield from connection_results(shown, values, secrets, environment)


def waiting(path):
    """Comments that send the reader to a credential, although there is none left to fill in."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("#") and "secrets.env" in line)


def compose_results(place, path, version, secrets):
    shown = f"{place.shown(path)} by Compose {version}"
    run = place.tools.compose(version, path.parent, "config", "--format", "json")
    yield f"it takes {shown}", run.fault(silent=True)
    if run.code != 0:
        return
    seen = json.loads(run.out)
    environment = path.parent.parent.name
    for name, service in seen["services"].items():
        values = {key: undoubled(value) for key, value in (service.get("environment") or {}).items()}
        section = "apps" if name in place.plan.get("apps", {}) else "services"
        declared = settings(place, environment, section, name)
        if section == "services":
            declared = {key: without_marks(value) for key, value in declared.items()}
        yield f"the settings of {name} arrive in {shown}", differing(declared, values)
        if section == "apps":
            file = path.with_name(f"{name}.env")
            whole = env_reader.read_file(file)
            yield f"the env file of {name} arrives in {shown}", differing(whole, values) or differing(values, whole)
    yield f"the credentials arrive in {shown}", secrets_fault(path, seen, secrets.get(environment, {}))


def secrets_fault(path, seen, secrets):
    """Credentials by file must be the files' bytes, and those of `.env` must stand in some service."""
    faults = []
    by_file = {file_name(variable): value for variable, value in secrets.items()}
    for name in seen.get("secrets", {}):
        written = path.parent.joinpath("secrets", name).read_bytes()
        if written != by_file.get(name, "").encode() or not written:
            faults.append(f"secrets/{name} is not what secrets.env says")
    dotenv = path.with_name(".env")
    values = env_reader.read_file(dotenv) if dotenv.exists() else {}
    texts = [undoubled(text) for text in texts_in(seen["services"])]
    for variable, value in values.items():
        if value != secrets.get(variable) or not any(value in text for text in texts):
            faults.append(f"{variable} does not arrive")
    return "\n".join(faults)


def file_name(variable):
    """`_2ND_DB_PASSWORD` for `2nd-db-password`: a variable cannot begin with a digit."""
    return variable.lower().replace("_", "-").lstrip("-")


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, (int, float)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


def without_marks(text):
    """Backstay marks places in compose files with three private characters, and replaces those of the plan."""
    return re.sub("[\ue000-\ue002]", "\ufffd", text)


def undoubled(text):
    """`config` prints a file that could be read again, with every dollar sign doubled."""
    return text.replace("$$", "$")


def settings(place, environment, section, name):
    """What the plan sets for a component in an environment."""
    plan = place.plan
    over = plan.get("environments", {}).get(environment, {}).get(section, {}).get(name, {})
    return plan.get(section, {}).get(name, {}).get("settings", {}) | over.get("settings", {})


def differing(expected, values):
    wrong = {name: value for name, value in expected.items() if values.get(name) != value}
    return "\n".join(f"{name} should be {value!r} but is {values.get(name)!r}" for name, value in wrong.items())
