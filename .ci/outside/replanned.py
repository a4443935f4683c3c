# What is generated from an imported plan: the services that the compose files had, as Docker Compose reads both.
#
# These differences are meant, and nothing else may differ but what the import says that it does not keep:
# - Credentials stand in the host's `.env` and in env files, not in the compose file.
# - Networks, logging and limits of processes are Backstay's own; memory is said in whole mebibytes.
# - What depends on a service waits for it; whether it is also restarted with it is not said.
# - Volumes are called after the component, or as before where several mount them; no name is Docker's own.
# - A port without a port of the host is not published, and is told.
# - A file or folder that is only read must be there; Docker makes no empty one in its place.

import json
import re

import corpus
from imported import COMPOSED, comparable, differences, own_files, own_reading

# Keys that are compared. Whatever else a file says is Backstay's own or told by the import.
KEYS = (
    "build", "cap_add", "cap_drop", "command", "cpus", "depends_on", "devices", "entrypoint", "environment", "extra_hosts",
    "healthcheck", "hostname", "image", "init", "labels", "pid", "platform", "ports", "privileged", "read_only",
    "restart", "stdin_open", "stop_grace_period", "stop_signal", "tmpfs", "tty", "ulimits", "user", "volumes",
    "working_dir",
)


def results(tools):
    version = max(tools.composes, key=lambda version: [int(part) for part in version.split(".")])
    folder = tools.work / "replanned"
    folder.mkdir()
    for own in sorted(COMPOSED.iterdir()):
        golden = json.loads(own_reading(tools, version, own).out)
        files = [own / name for name in own_files(own)]
        entry = corpus.Entry(f"our own {own.name}", files, own, len(golden["services"]), golden)
        yield f"{entry.name} runs as before", fault(tools, version, folder / own.name, entry, {})
    for number, entry in enumerate(corpus.entries(tools.corpus)):
        if entry.golden is not None:
            found = fault(tools, version, folder / str(number), entry, corpus.ENVIRONMENT)
            yield f"{entry.name} runs as before, {entry.services} services", found


def fault(tools, version, place, entry, variables):
    place.mkdir()
    plan = place / "backstay.toml"
    run = tools.backstay("import", "compose", *entry.files, "--output", plan, inside=entry.folder, more=variables)
    if run.code != 0:
        return f"it is not imported\n{run.err}"
    left = set(re.findall(r"not kept: (\S+) at ", run.out))
    wanted = corpus.placed(entry.golden, entry.folder)["services"]
    lost = [name for name in wanted if name not in left and name_of(name) not in plan.read_text(encoding="utf-8")]
    if lost:
        return f"neither a component nor listed: {lost}"
    broken = broken_images(wanted)
    run = tools.backstay("generate", inside=place)
    if broken:
        return None if run.code == 1 and "invalid-image" in run.err else f"an image without a tag is taken: {broken}"
    if run.code != 0:
        return f"nothing is generated\n{run.out}{run.err}"
    run = tools.compose(version, place / "deploy/local/machine", "config", "--format", "json")
    if run.code != 0:
        return f"Compose refuses it\n{run.err}"
    found = json.loads(run.out)["services"]
    return "\n".join(service_differences(with_files(wanted, entry), found, left)) or None


def with_files(services, entry):
    """Secrets and configs that come from files are mounted as files."""
    declared = corpus.placed(entry.golden, entry.folder)
    mounted = {}
    for name, service in services.items():
        volumes = list(service.get("volumes") or [])
        for section, inside in (("secrets", "/run/secrets/"), ("configs", "/")):
            for said in service.get(section) or []:
                file = declared.get(section, {}).get(said["source"], {}).get("file")
                target = said.get("target") or inside + said["source"]
                target = target if target.startswith("/") else inside + target
                if file:
                    volumes.append({"type": "bind", "source": file, "target": target, "read_only": True})
        mounted[name] = {**service, "volumes": volumes}
    return mounted


def broken_images(wanted):
    """Images that no engine takes: a variable that has no value stands in their place."""
    return [service["image"] for service in wanted.values() if service.get("image", "").endswith(":")]


def name_of(service):
    name = re.sub("[^a-z0-9_-]", "-", service.lower()).strip("-_")
    return name if not name.isdigit() else f"s{name}"


def service_differences(wanted, found, left):
    for name, service in wanted.items():
        generated = found.get(name_of(name))
        if generated is None:
            if name not in left:
                yield f"{name} is missing"
            continue
        one, other = of_interest(service, wanted), of_interest(generated, found)
        for difference in differences(one, other, name):
            if not any(difference.startswith(told) for told in prefixes(name, left)):
                yield difference


def prefixes(name, left):
    """What the import told of a service, as differences begin."""
    for told in left:
        if told.startswith(f"{name}."):
            rest = told.removeprefix(f"{name}.")
            # A mount that leads nowhere takes part in the list of all of them.
            yield f"{name}.{rest}"


def of_interest(service, services):
    service = comparable(service, ("services", "x"))
    kept = {key: service[key] for key in KEYS if key in service}
    kept["image"] = image(kept["image"]) if "image" in kept else None
    kept["restart"] = kept.get("restart", "no").replace("false", "no")
    kept["depends_on"] = {name_of(name): said["condition"] for name, said in kept.get("depends_on", {}).items()}
    # Another port of the host at each start is nothing that a plan could say.
    kept["ports"] = sorted({port(said) for said in kept.get("ports", []) if said.get("published")})
    kept["volumes"] = sorted(volume(said, services) for said in kept.get("volumes", []) if said["type"] != "tmpfs")
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    kept["cpus"] = float(kept.get("cpus") or limits.get("cpus") or 0) or None
    memory = int(service.get("mem_limit") or limits.get("memory") or 0)
    kept["memory"] = -(-memory // 2**20) or None
    kept["tmpfs"] = sorted([*kept.get("tmpfs", []), *in_memory(service)])
    kept["extra_hosts"] = sorted(kept.get("extra_hosts", []))
    if "build" in kept:
        kept["build"] = {key: said for key, said in kept["build"].items() if key in ("context", "dockerfile", "target", "args")}
    if kept.get("init") is False:
        del kept["init"]
    if kept.get("healthcheck", {}).get("disable") or kept.get("healthcheck", {}).get("test") == ["NONE"]:
        kept["healthcheck"] = {"disable": True}
    for key in ("cap_add", "cap_drop"):
        kept[key] = [name.upper().removeprefix("CAP_") for name in kept.get(key, [])]
    limits = kept.get("ulimits", {}).items()
    kept["ulimits"] = {name: said["hard"] if isinstance(said, dict) else said for name, said in limits}
    kept["stdin_open"] = kept["tty"] = bool(kept.get("tty") or kept.get("stdin_open"))
    kept["environment"] = {name: value for name, value in kept.get("environment", {}).items() if value is not None}
    return {key: said for key, said in kept.items() if said not in (None, {}, [])}


def in_memory(service):
    """Mounts in memory, in the other form that Compose has for them."""
    for said in service.get("volumes", []):
        if said["type"] == "tmpfs":
            options = ",".join(f"{key}={value}" for key, value in said.get("tmpfs", {}).items())
            yield f"{said['target']}:{options}" if options else said["target"]


def image(name):
    return re.sub(r"^(docker\.io/)?(library/)?", "", name)


def port(said):
    address = said.get("host_ip", "0.0.0.0")
    return f"{address}:{said.get('published')}:{said['target']}/{said['protocol']}"


def volume(said, services):
    source = said.get("source", "")
    if said["type"] == "volume" and source:
        # By who mounts it, whatever it is called.
        source = f"shared by {sum(mounts(other, source) for other in services.values())}"
    if said["type"] == "volume" and not source:
        source = "shared by 1"
    return f"{said['type']} {source} at {said['target']}{' read-only' if said.get('read_only') else ''}"


def mounts(service, source):
    return any(said.get("source") == source for said in service.get("volumes", []))

