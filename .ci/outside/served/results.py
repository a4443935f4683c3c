# Real servers, set up as the generated files say, are reached with everything that an app is told of them.

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

import env_reader
from place import Place
from served import clients, forms, images
from served.container import container_of
from served.sandbox import Sandbox

PLAN = Path(__file__).parents[1] / "plans/served.toml"
# All printable characters that have a meaning somewhere.
AWKWARD = "p@ss:/?#[]w\"d %$&+,;=`{}|<>~^*!x'\\"
# Names that are as hard, for kinds that have one. Not in them: `"`, `$`, `'` and `\` in the user of
# PostgreSQL, which its own `initdb` refuses; and what must be encoded in the name of a MySQL database, because the
# driver for Java at hand, MariaDB's, decodes no name (MySQL's own does).
PARTS = {
    "postgres": """database = 'the "main" $x; y=z%'\nuser = "us er;x=y@/:?#[]%&+"\n""",
    "mysql": """database = "a_b.c"\nuser = 'x y;z="1"$'\n""",
    "mariadb": """database = "a_b.c"\nuser = 'x y;z="1"$'\n""",
    "rabbitmq": """vhost = "/a b/%2f#?"\nuser = "o'neil@:"\n""",
    # Debian's is older than 1.27.3, and nobody in the sandbox answers where Docker's name server would.
    "nginx": 'version = "1.26"\n',
}
# These need something to stand before.
PROXIES = ("nginx", "traefik")
# These need something to stand before.
PROXIES = ("nginx", "traefik")
PATIENCE = 60


@dataclass
class Served:
    kind: str
    results: Iterable = ()
    # Why there is no server to ask, on any machine.
    why_not: str = ""
    # What this machine lacks.
    lacks: str = ""


def all_kinds(tools, kinds, dialects):
    """Each kind, with its results or with the reason why there are none."""
    for kind in kinds:
        place = Place(tools, f"served-{kind}", plan_folder(tools, kind, dialects))
        place.backstay("generate")
        folder = place.deploy / "test/ci"
        if not (folder / "compose.yaml").exists():
            yield Served(kind, why_not="it runs at providers only")
            continue
        image = image_of(tools, container_of(tools, folder, "it").image)
        lacking = [str(need) for need in ["bwrap", *image.needs] if not shutil.which(str(need))] if image else []
        if not image:
            yield Served(kind, why_not="its server is not to be had here")
        elif lacking:
            yield Served(kind, lacks=f"{', '.join(lacking)} is not here")
        else:
            yield Served(kind, results(tools, place, image))


def plan_folder(tools, kind, dialects):
    apps = []
    for dialect in dialects:
        if dialect in SAYS_NOTHING:
            continue
        for name, more in ((dialect, 'image = "app:1"'), (f"{dialect}-process", 'runs-as = "process"')):
            port = 5000 + len(apps)
            apps.append((name, f'[apps.{name}]\ndialect = "{dialect}"\nport = {port}\nuses.it = {{}}\n{more}\n'))
    runs = ", ".join(f'"{name}"' for name in ["it", *(name for name, _ in apps)])
    text = PLAN.read_text(encoding="utf-8").replace("@KIND@", kind).replace("@PARTS@", PARTS.get(kind, ""))
    folder = tools.work / "plans" / f"served-{kind}"
    folder.mkdir(parents=True)
    text = text.replace("@RUNS@", runs) + "".join(app for _, app in apps)
    if kind in PROXIES:
        text = text.replace("[environments", "uses.behind = {}\n[environments")
        text = text.replace("runs = [", 'runs = ["behind", ')
        text += f'[apps.behind]\nimage = "app:1"\nport = {images.BEHIND}\n'
    (folder / "backstay.toml").write_text(text, encoding="utf-8")
    return folder


def image_of(tools, name):
    short = name.split("/")[-1].split(":")[0]
    return next((image for image in images.all_images(tools.judges) if image.name == short), None)


def results(tools, place, image):
    set_passwords(place, image)
    yield "generate takes the credentials", place.backstay("generate").fault(silent=True)
    container = container_of(tools, place.deploy / "test/ci", "it")
    yield "its healthcheck fails where nothing runs", silence_fault(tools, place, container, image)
    work = place.folder / "sandbox"
    with Sandbox(work, container, image) as box:
        for state in image.start(box):
            yield f"its healthcheck fails while it {state}", unhealthy_fault(health(box))
        yield "it becomes healthy", wait_until_healthy(box)
        yield from wrong_password_results(box)
        for path in place.files("*.env"):
            if path.stem in place.plan["apps"] and path.stem != "behind":
                yield from app_results(tools, image, box, path, place.plan["apps"][path.stem].get("dialect"))


# Dialects that spell for libraries of languages that no client here is written in. `tests/it/dialects.rs` reads
# what they say with readers of its own.
LIBRARIES_NOT_HERE = ("django", "go", "laravel", "prisma", "rails", "spring")
# Dialects of apps that are told nothing, because they say all of their settings themselves.
SAYS_NOTHING = ("own",)


def set_passwords(place, image):
    """The awkward value for each password; keys of S3 have rules of their own."""
    value = "".join(character for character in AWKWARD if character not in image.impossible)
    for path in place.files("secrets.env"):
        text = path.read_text(encoding="utf-8")
        line = lambda found: f"{found.group(1)}={env_reader.written(value)}"
        text = re.sub(r"^(\w*(?:PASSWORD|TOKEN|SECRET_ID))=.*$", line, text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")


def silence_fault(tools, place, container, image):
    with Sandbox(place.folder / "nothing", container, image) as box:
        return unhealthy_fault(health(box))


def health(box, environment=None):
    """Runs the healthcheck as the engine does: with the container's variables, and within its time."""
    return box.run(box.health, environment, timeout=box.container.patience)


def unhealthy_fault(run):
    return f"it succeeds\n{run.out}{run.err}" if run.code == 0 else None


def wait_until_healthy(box):
    end = time.monotonic() + PATIENCE
    while (run := health(box)).code != 0:
        if time.monotonic() > end:
            return f"not within {PATIENCE} seconds: {run.out}{run.err}\n{box.log()}"
        time.sleep(0.25)
    return None


def wrong_password_results(box):
    """Where the healthcheck itself logs in, by a variable, it notices that the password is another."""
    for name in box.container.environment:
        if name in ("REDISCLI_AUTH", "VALKEYCLI_AUTH"):
            wrong = box.environment | {name: "wrong"}
            yield "its healthcheck notices a wrong password", unhealthy_fault(health(box, wrong))


def app_results(tools, image, box, path, dialect):
    values = env_reader.read_file(path)
    tried = 0
    for form, said in forms.all_forms(values):
        made = clients.command(tools.judges, image.protocol, form, said)
        if made is None:
            continue
        tried += 1
        yield f"{path.stem} reaches it by {form}", reach_fault(box, made)
        if "password" in said:
            made = clients.command(tools.judges, image.protocol, form, said | {"password": "wrong"})
            yield f"{path.stem} is refused with a wrong password by {form}", refusal_fault(box, made)
    if not tried and dialect in LIBRARIES_NOT_HERE:
        return
    yield f"{path.stem} is told how to reach it", None if tried else f"no form that is known: {list(values)}"


def reach_fault(box, made):
    run = connect(box, made)
    if run.code == 0 and run.out.strip() == "reached":
        return None
    return f"exit code {run.code}: {run.out}{run.err}\n{made}\n{box.log()}"


def refusal_fault(box, made):
    run = connect(box, made)
    return f"it is let in: {run.out}" if "reached" in run.out else None


def connect(box, made):
    command, variables = made
    clean = {"PATH": box.environment["PATH"], "HOME": "/tmp", "LANG": "C.UTF-8"}
    return box.run(command, clean | {name: str(value) for name, value in variables.items()})
