# Every use that Backstay shows can be followed in the compose files: a common network, or a published port.

import json


def results(place):
    shown = place.backstay("show", "--format", "json")
    yield "the environments are shown as JSON", shown.fault(silent=True)
    projects = Projects(place)
    for environment in json.loads(shown.out)["environments"]:
        for use in made(environment["uses"], place.plan.get("apps", {})):
            name = f"{use['user']} on {use['user_host']} reaches {use['target']} on {use['target_host']}"
            yield f"{name} in {environment['name']}", fault(projects, environment, use)


def made(uses, apps):
    """The uses for which something connects: of several instances an app knows the nearest only, on its own host or
    else the first; a service knows them all."""
    known = {}
    for use in uses:
        key = (use["user"], use["user_host"], use["target"], use["user"] in apps or use["target_host"])
        if key not in known or use["target_host"] == use["user_host"]:
            known[key] = use
    return known.values()


class Projects:
    """The services of a host in an environment, as the first version of Docker Compose sees them."""

    def __init__(self, place):
        self.place = place
        self.seen = {}

    def of(self, environment, host):
        key = (environment, host)
        if key not in self.seen:
            self.seen[key] = self.read(self.place.deploy / environment / host)
        return self.seen[key]

    def read(self, folder):
        if not (folder / "compose.yaml").exists():
            return {"services": {}, "networks": {}}
        version = next(iter(self.place.tools.composes))
        return json.loads(self.place.tools.compose(version, folder, "config", "--format", "json").out)


def fault(projects, environment, use):
    host = next(host for host in environment["hosts"] if host["name"] == use["target_host"])
    owner = host["borrowed_from"] or environment["name"]
    here = projects.of(environment["name"], use["user_host"])
    there = projects.of(owner, use["target_host"])
    user, target = here["services"].get(use["user"]), there["services"].get(use["target"])
    internal = use["locality"] == "internal"
    if user and not internal and not goes_out(here, user):
        return "the user is on no network that leads out"
    if user and target and internal:
        return None if set(user["networks"]) & set(target["networks"]) else "they share no network"
    if user and internal:
        return None if user.get("extra_hosts") else "the user does not know the host's address"
    if target:
        return unpublished(there, target, use, "127.0.0.1" if internal else host["address"])
    return None


def goes_out(project, service):
    return any(not project["networks"][name].get("internal") for name in service["networks"])


def unpublished(project, service, use, address):
    if not goes_out(project, service):
        return "the target is on no network that can publish ports"
    # A range of ports is for what the plan alone knows.
    ports = [port for port in service.get("ports", []) if not isinstance(port, str)]
    open_on = [port.get("host_ip") for port in ports if port["published"] == str(use["port"])]
    if address in open_on or None in open_on:
        return None
    return f"port {use['port']} is not published on {address}: {ports}"
