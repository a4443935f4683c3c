# Every value of an app's env file is read back unchanged, by every reader that the file is for.

import json
import re

import readers
import values
from place import Place

CHUNK = 400
# What stands above an assignment that only the readers of its own form understand.
NOT_PORTABLE = re.compile("# (Quoted for|Not quoted)")


def all_forms(tools):
    """The forms of env files that a plan may ask for, as its schema lists them."""
    schema = json.loads(tools.backstay("schema", inside=tools.work).out)
    app = schema["properties"]["apps"]["additionalProperties"]["properties"]
    return [choice["const"] for choice in app["env-file"]["oneOf"]] if "env-file" in app else ["compose"]


def results(tools, form):
    """What all readers make of all values in one form of env files."""
    wanted = values.all_values()
    if form == "raw":
        yield "a value with a line break is refused", refusal_fault(tools, form)
        wanted = {name: value for name, value in wanted.items() if not re.search("[\r\n]", value)}
    first = Place(tools, f"read-{form}", written(tools, f"read-{form}", form, {"own": wanted}))
    yield from generated(first)
    portable = portable_names(first)
    if form == "compose":
        few = len(portable) < len(wanted) / 2
        yield "most values are portable", f"{len(portable)} of {len(wanted)}" if few else None
    groups = {"own": {}, "any": {}}
    for name, value in wanted.items():
        groups["any" if name in portable else "own"][name] = value
    split = written(tools, f"split-{form}", form, groups)
    place = Place(tools, f"split-{form}-read", split)
    yield from generated(place)
    files = app_files(place)
    for reader in readers.all_readers(tools):
        for path, settings in files:
            if form in reader.forms or (reader.reads_portable and path.name.startswith("any")):
                yield f"{reader.name} reads {path.name} in the form {form}", fault(reader, path, settings)


def refusal_fault(tools, form):
    place = Place(tools, f"refused-{form}", written(tools, f"refuse-{form}", form, {"own": {"V1": "a\nb"}}))
    run = place.backstay("generate")
    if run.code == 0 or "V1" not in run.err or place.files("own*.env"):
        return f"exit code {run.code}\n{run.out}{run.err}"
    return None


def generated(place):
    yield "generate takes the values", place.backstay("generate").fault(silent=True)


def written(tools, name, form, groups):
    """A folder with a plan: the values of each group as settings of apps that begin with its name."""
    lines = [f'name = "{name}"', "rules.secret-in-plan = { level = 'allow', reason = 'random values' }"]
    apps = [(f"{group}-{chunk}", settings) for group, all_of in groups.items() for chunk, settings in chunks(all_of)]
    for app, settings in apps:
        lines += [f"[apps.{app}]", *how(form), "runs-as = 'process'", f"[apps.{app}.settings]"]
        lines += [f"{name} = {values.toml(value)}" for name, value in settings.items()]
    lines += ["[environments.test.hosts.ci]", f"runs = {[app for app, _ in apps]}"]
    folder = tools.work / "plans" / name
    folder.mkdir(parents=True)
    (folder / "backstay.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def how(form):
    """The key of an app that says the form of its env file; one form is the usual one."""
    return [] if form == "compose" else [f"env-file = '{form}'"]


def chunks(settings):
    names = list(settings)
    for start in range(0, len(names), CHUNK):
        yield start // CHUNK, {name: settings[name] for name in names[start : start + CHUNK]}


def app_files(place):
    """The env file of each app, and the settings that it is to hold."""
    apps = place.plan["apps"]
    return [(path, apps[path.stem]["settings"]) for path in place.files("*.env") if path.stem in apps]


def portable_names(place):
    names = set()
    for path, settings in app_files(place):
        above = ""
        for line in path.read_text(encoding="utf-8").split("\n"):
            name = line.split("=")[0]
            if name in settings and not NOT_PORTABLE.match(above):
                names.add(name)
            above = line
    return names


def fault(reader, path, settings):
    try:
        seen = reader.read(path, list(settings))
    except (ValueError, OSError) as error:
        return f"it cannot be read: {error}"
    wrong = [(name, value, seen.get(name)) for name, value in settings.items() if seen.get(name) != value]
    return "\n".join(f"{name} should be {value!r} but is {found!r}" for name, value, found in wrong)
