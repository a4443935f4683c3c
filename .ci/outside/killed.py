# Runs that are killed at random moments: afterwards no file is half written, and no credential is lost.

import random
import shutil
import subprocess
import time
from collections import Counter

import env_reader
from cases import FIXTURES
from place import Place
from tools import TODAY

KILLS = 300
# However slow the machine is, this is enough to say something.
LONGEST = 240


def results(tools):
    place = Place(tools, "killed", FIXTURES / "coding-events")
    yield "generate writes the files", place.backstay("generate").fault()
    duration = usual_duration(place)
    met, faults = Counter(), []
    end = time.monotonic() + LONGEST
    while met["kills"] < KILLS and time.monotonic() < end and len(faults) < 3:
        faults += [f"kill {met['kills']}: {fault}" for fault in killed_once(place, met, duration)]
    yield f"after {met['kills']} kills everything is whole", "\n".join(faults) or None
    few = [what for what in ("before the journal", "after the journal") if not met[what]]
    yield f"they met the run at work: {dict(met)}", f"never {few}" if few else None


def usual_duration(place):
    begin = time.monotonic()
    place.backstay("secrets", "rotate", "prod", "--all")
    return time.monotonic() - begin


def killed_once(place, met, duration):
    arguments = next_command(place, met)
    before, kept = tree(place), secrets(place)
    run = subprocess.Popen(
        [str(place.tools.backstay_program), *arguments, "--today", TODAY],
        cwd=place.folder,
        env=place.tools.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait(place, run, duration)
    run.kill()
    run.wait()
    note_where(place, met)
    torn = tree(place)
    recovery = place.backstay("generate")
    after = tree(place)
    if recovery.fault():
        yield recovery.fault()
    for name, content in torn.items():
        # Made to see whether a folder can be written; whatever a killed run leaves of it, the next one takes away.
        if ".backstay-probe." in name:
            if name in after:
                yield f"{name} is left behind after {' '.join(arguments)}"
            continue
        if content not in (before.get(name), after.get(name)):
            yield f"{name} is half written after {' '.join(arguments)}"
    yield from lost(kept, secrets(place), place)
    check = place.backstay("generate", "--check")
    if check.fault():
        yield check.fault()
    work = sorted(path.name for path in (place.deploy / ".backstay").iterdir())
    if work != ["lock", "record"] or list(place.deploy.rglob(".backstay-probe*")):
        yield f"something is left behind: {work}"


def next_command(place, met):
    """Mostly a rotation; sometimes a generation after the plan has changed, or the very first one."""
    met["kills"] += 1
    number = met["kills"]
    if number % 20 == 0:
        place.backstay("secrets", "rotate", "prod", "--forget")
    if number % 10 == 0:
        shutil.rmtree(place.deploy)
        return ["generate"]
    if number % 3 == 0:
        plan = place.folder / "backstay.toml"
        text = plan.read_text(encoding="utf-8")
        plan.write_text(f"{text.split('# Kill')[0]}# Kill\n[environments.dev.apps.web.settings]\nN = '{number}'\n")
        return ["generate"]
    return ["secrets", "rotate", "prod", "--all"]


def wait(place, run, duration):
    """Any moment of a run; every other time one in which it writes."""
    if random.random() < 0.5:
        time.sleep(random.uniform(0, duration))
        return
    staging = place.deploy / ".backstay" / "staging"
    while not staging.exists() and run.poll() is None:
        pass
    time.sleep(random.uniform(0, duration / 4))


def note_where(place, met):
    work = place.deploy / ".backstay"
    if (work / "journal").exists():
        met["after the journal"] += 1
    elif (work / "staging").exists():
        met["before the journal"] += 1


def tree(place):
    files = (path for path in place.deploy.rglob("*") if path.is_file())
    return {place.shown(path): path.read_bytes() for path in files if ".backstay" not in path.parts}


def secrets(place):
    return {path.parent.name: env_reader.read_file(path) for path in place.files("secrets.env")}


def lost(before, after, place):
    """Values that are neither current nor kept as earlier ones, and environments of which only a part has changed."""
    for environment, values in before.items():
        now = after.get(environment, {})
        earlier = place.deploy / environment / "secrets.previous.env"
        text = earlier.read_text(encoding="utf-8") if earlier.exists() else ""
        for variable, value in values.items():
            if value and now.get(variable) != value and value not in text:
                yield f"{variable} of {environment} is lost"
        changed = {now.get(variable) != value for variable, value in values.items() if value}
        if len(changed) > 1:
            yield f"only a part of {environment} has changed"
