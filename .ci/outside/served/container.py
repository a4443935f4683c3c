# A service of a compose file as Docker Compose resolves it.

import json
import re
from dataclasses import dataclass


@dataclass
class Container:
    image: str
    # With the entrypoint before it, if the compose file replaces the image's.
    command: list
    environment: dict
    user: str
    hostname: str
    read_only: bool
    tmpfs: list
    volumes: list
    # By its place in the container, the file on the host: secrets and configuration.
    files: dict
    healthcheck: list
    # How long the healthcheck may take, in seconds.
    patience: float
    # The names under which the services of the project know each other.
    names: list
    # Folders with programs and drivers that were fetched.
    judges: list

    def health_command(self):
        how, *words = self.healthcheck
        return ["sh", "-c", *words] if how == "CMD-SHELL" else words


def container_of(tools, folder, name):
    version = next(iter(tools.composes))
    run = tools.compose(version, folder, "config", "--format", "json")
    if run.code != 0:
        raise ValueError(run.err)
    # `config` prints a file that could be read again, with every dollar sign doubled.
    project = undoubled(json.loads(run.out))
    service = project["services"][name]
    mounts = service.get("volumes", [])
    files = {mount["target"]: mount["source"] for mount in mounts if mount["type"] == "bind"}
    for secret in service.get("secrets", []):
        target = secret.get("target") or secret["source"]
        place = target if target.startswith("/") else f"/run/secrets/{target}"
        files[place] = project["secrets"][secret["source"]]["file"]
    check = service.get("healthcheck", {})
    return Container(
        image=service["image"],
        command=[*(service.get("entrypoint") or []), *(service.get("command") or [])],
        environment=service.get("environment") or {},
        user=(service.get("user") or "1000").split(":")[0],
        hostname=service.get("hostname") or name,
        read_only=service.get("read_only", False),
        tmpfs=[entry.split(":")[0] for entry in service.get("tmpfs", [])],
        volumes=[mount["target"] for mount in mounts if mount["type"] == "volume"],
        files=files,
        healthcheck=check.get("test", []),
        patience=seconds(check.get("timeout", "30s")),
        names=list(project["services"]),
        judges=[tools.judges],
    )


def undoubled(value):
    if isinstance(value, dict):
        return {key: undoubled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [undoubled(inner) for inner in value]
    return value.replace("$$", "$") if isinstance(value, str) else value


def seconds(text):
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|h|m|s)", text))
