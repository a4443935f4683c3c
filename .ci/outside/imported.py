# What is read of compose files: the same that Docker Compose reads.

import json
from pathlib import Path

import corpus

# Compose files of our own, one form after the other; each folder's `compose.yaml` and `over.yaml` are one project.
COMPOSED = Path(__file__).parent / "composed"

# What Compose prints although nothing says it, or leaves out although it is said.
EMPTY = (None, {}, [])
LEFT_OUT_IF_FALSE = ("privileged", "read_only", "stdin_open", "tty")


def results(tools):
    version = max(tools.composes, key=lambda version: [int(part) for part in version.split(".")])
    for folder in sorted(COMPOSED.iterdir()):
        yield f"the compose files {folder.name} are read as Compose {version} reads them", own_fault(tools, version, folder)
    for entry in corpus.entries(tools.corpus):
        run = tools.backstay("import", "compose", *entry.files, "--format", "json", "--reveal", inside=entry.folder, more=corpus.ENVIRONMENT)
        if entry.golden is None:
            yield f"{entry.name} is refused, as by Compose, with a sentence", refusal_fault(run)
        else:
            yield f"{entry.name} is read as Compose reads it", reading_fault(run, entry)


def own_files(folder):
    return [name for name in ("compose.yaml", "over.yaml") if (folder / name).exists()]


def own_reading(tools, version, folder):
    """What a version of Compose reads in a folder of ours."""
    named = [word for name in own_files(folder) for word in ("--file", name)]
    return tools.run([tools.composes[version], *named, "--profile", "*", "config", "--format", "json"], folder)


def own_fault(tools, version, folder):
    wanted = own_reading(tools, version, folder)
    if wanted.code != 0:
        return f"Compose refuses it\n{wanted.err}"
    run = tools.backstay("import", "compose", *own_files(folder), "--format", "json", "--reveal", inside=folder)
    if run.code != 0:
        return f"exit code {run.code}\n{run.err}"
    return difference(json.loads(wanted.out), json.loads(run.out))


def refusal_fault(run):
    if run.code != 2 or not run.err.startswith("error: ") or "panicked" in run.err:
        return f"exit code {run.code}\n{run.err}"
    return None


def reading_fault(run, entry):
    if run.code != 0:
        return f"exit code {run.code}\n{run.err}"
    return difference(corpus.placed(entry.golden, entry.folder), json.loads(run.out))


def difference(wanted, found):
    return "\n".join(differences(comparable(wanted, ()), comparable(found, ()), "")) or None


def comparable(value, path):
    """A reading without what only the printing adds: doubled dollars, empty tables, the usual."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [comparable(inner, path) for inner in value]
    if isinstance(value, dict):
        inner = {key: comparable(said, (*path, key)) for key, said in value.items()}
        return {key: said for key, said in inner.items() if not is_usual((*path, key), said)}
    return value


def is_usual(path, said):
    if path[-1] == "create_host_path":
        return said is True
    if path[-1] in LEFT_OUT_IF_FALSE and said is False:
        return True
    if said is None and "environment" in path[:-1]:
        # The variable is named and has no value.
        return False
    if path[0] == "services" and len(path) == 2 or path[-2:-1] == ("networks",):
        return False
    return said in EMPTY and path[-2:-1] != ("volumes",)


def differences(wanted, found, place):
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in sorted(wanted.keys() | found.keys()):
            if key not in found:
                yield f"{place}.{key} is missing: {wanted[key]!r}"
            elif key not in wanted:
                yield f"{place}.{key} is too much: {found[key]!r}"
            else:
                yield from differences(wanted[key], found[key], f"{place}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (one, other) in enumerate(zip(wanted, found)):
            yield from differences(one, other, f"{place}[{index}]")
    elif wanted != found:
        yield f"{place} is {found!r} instead of {wanted!r}"
