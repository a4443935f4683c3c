# Programs that read env files, each by code of its own; what each makes of a file.

import ctypes
import glob
import json
import shutil
import sys
from dataclasses import dataclass
from typing import Callable

SYSTEMD = "/usr/lib/*/systemd/libsystemd-shared-*.so"
PARSE_ENV = "console.log(JSON.stringify(util.parseEnv(fs.readFileSync(process.argv[1], 'utf8'))))"
DOTENV = "console.log(JSON.stringify(require('dotenv').parse(fs.readFileSync(process.argv[1]))))"
ENVIRONMENT = "JSON.stringify(process.env)"
PYTHON_DOTENV = """
import dotenv, json, sys
print(json.dumps(dotenv.dotenv_values(sys.argv[1])))
"""


@dataclass
class Reader:
    name: str
    # The forms of env files that are written for it.
    forms: set
    # The variables of the file at a path, or at least those with the names that are asked for.
    read: Callable
    # Whether it reads, of files in other forms, what they say is portable.
    reads_portable: bool = True


def all_readers(tools):
    for version in tools.composes:
        yield from of_compose(tools, version)
    if glob.glob(SYSTEMD):
        yield Reader("systemd", {"compose", "systemd"}, lambda path, _: systemd(path))
    yield Reader("dotenvy", {"compose"}, lambda path, _: dotenvy(tools, path))
    for shell in filter(shutil.which, ("bash", "dash")):
        yield Reader(shell, {"shell"}, lambda path, _, s=shell: sourced(tools, s, path))
    yield Reader("python-dotenv", set(), lambda path, _: printed(tools, [sys.executable, "-c", PYTHON_DOTENV, path]))
    yield Reader("dotenv of Node", set(), lambda path, _: node(tools, ["-e", DOTENV, path]))
    yield Reader("parseEnv of Node", set(), lambda path, _: node(tools, ["-e", PARSE_ENV, path]))
    yield Reader("node --env-file", set(), lambda path, _: node(tools, [f"--env-file={path}", "-p", ENVIRONMENT]))


def of_compose(tools, version):
    yield Reader(f"Compose {version} as .env", {"compose"}, lambda path, names: dot_env(tools, version, path, names))
    yield Reader(f"Compose {version} as env_file", {"compose"}, lambda path, _: env_file(tools, version, path))
    raw = lambda path, _: env_file(tools, version, path, "raw")
    yield Reader(f"Compose {version} as raw", {"raw"}, raw, reads_portable=False)


def dot_env(tools, version, path, names):
    """The file lies beside `compose.yaml` as `.env`, and every variable is asked for in there."""
    wanted = "".join(f'      {name}: "${{{name}-}}"\n' for name in names)
    folder = beside(path, version)
    shutil.copy(path, folder / ".env")
    return composed(tools, version, folder, f"    environment:\n{wanted}" if names else "")


def env_file(tools, version, path, form=None):
    how = f"      - path: {json.dumps(str(path))}\n" + (f"        format: {form}\n" if form else "")
    return composed(tools, version, beside(path, version), f"    env_file:\n{how}")


def beside(path, version):
    folder = path.with_name(f"{path.name}-{version}")
    folder.mkdir(exist_ok=True)
    return folder


def composed(tools, version, folder, lines):
    (folder / "compose.yaml").write_text(f"services:\n  it:\n    image: it\n{lines}", encoding="utf-8")
    seen = printed(tools, [tools.composes[version], "config", "--format", "json"], folder)
    environment = seen["services"]["it"].get("environment") or {}
    # `config` prints a file that could be read again, with every dollar sign doubled.
    return {name: value.replace("$$", "$") for name, value in environment.items()}


def systemd(path):
    """By the function that reads the files of `EnvironmentFile=`, from systemd's own library."""
    libraries = glob.glob(SYSTEMD)
    entries = ctypes.POINTER(ctypes.c_char_p)()
    code = ctypes.CDLL(libraries[0]).load_env_file(None, str(path).encode(), ctypes.byref(entries))
    if code < 0:
        raise ValueError(f"load_env_file answers {code}")
    found = {}
    while entries[len(found)]:
        name, value = entries[len(found)].decode("utf-8").split("=", 1)
        found[name] = value
    return found


def dotenvy(tools, path):
    return in_environment(tools, [tools.judges / "bin/dotenvy", "--file", path, "env", "-0"])


def sourced(tools, shell, path):
    return in_environment(tools, [shell, "-c", 'set -a; . "$1"; exec env -0', shell, path])


def in_environment(tools, command):
    run = tools.run(command, tools.work)
    if run.fault(silent=True):
        raise ValueError(run.fault(silent=True))
    return dict(entry.split("=", 1) for entry in run.out.split("\0")[:-1])


def node(tools, arguments):
    return printed(tools, [tools.judges / "node/bin/node", *arguments], tools.judges / "modules")


def printed(tools, command, inside=None):
    """What a program prints as JSON."""
    run = tools.run(command, inside or tools.work)
    if run.fault(silent=True):
        raise ValueError(run.fault(silent=True))
    return json.loads(run.out)
