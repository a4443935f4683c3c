# A container without an engine: what the compose file says of one, made of namespaces by bubblewrap.
#
# Its network is a loopback of its own, so nothing in it reaches anything else, and its ports are free. Its root
# folder is empty but for the programs of this machine, for the volumes, files and secrets of the compose file,
# and for what the image would bring. The user is the image's, without any privilege. All of it is gone with the
# process that started it.

import json
import subprocess
import sys
from pathlib import Path

from tools import Run

AGENT = Path(__file__).with_name("agent.py")
DRIVERS = Path(__file__).with_name("drivers.py")
# What programs of this machine look for there.
ETC = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/java-17-openjdk", "/etc/erlang", "/etc/nginx/mime.types"]
PATH = "/image/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Sandbox:
    def __init__(self, work, container, image):
        self.container = container
        self.health = image.health or container.health_command()
        self.work = work
        for name in ("agent", "image/bin"):
            (work / name).mkdir(parents=True, exist_ok=True)
        for name, text in image.programs.items():
            program = work / "image/bin" / name
            program.write_text(text, encoding="utf-8")
            program.chmod(0o755)
        self.environment = {"PATH": PATH, "HOME": "/tmp", "LANG": "C.UTF-8"} | image.environment
        self.environment |= container.environment
        self.process = None
        self.arguments = ["bwrap", *self.namespaces(), *self.machine(), *self.image(image), *self.composed()]

    def namespaces(self):
        user = self.container.user
        return [
            *("--unshare-all", "--die-with-parent", "--new-session"),
            *("--uid", user, "--gid", user, "--hostname", self.container.hostname),
        ]

    def machine(self):
        """The programs of this machine, to be read only."""
        for folder in ("bin", "sbin", "lib", "lib64"):
            yield from ("--symlink", f"usr/{folder}", f"/{folder}")
        for path in self.programs():
            yield from ("--ro-bind", path, path)
        for path in ETC:
            yield from ("--ro-bind-try", path, path)
        yield from ("--proc", "/proc", "--dev", "/dev")
        yield from ("--ro-bind", AGENT, "/agent.py", "--ro-bind", DRIVERS, "/drivers.py")

    def programs(self):
        return dict.fromkeys(["/usr", sys.base_prefix, sys.prefix, *self.container.judges])

    def image(self, image):
        """What an image brings: a user with a name, names of hosts, and programs of its own."""
        user = self.container.user
        etc = {
            "passwd": f"{image.user}:x:{user}:{user}::{self.environment['HOME']}:/bin/sh\n",
            "group": f"{image.user}:x:{user}:\n",
            "hosts": f"127.0.0.1 localhost {' '.join(self.container.names)}\n",
            "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        }
        for name, text in etc.items():
            path = self.work / name
            path.write_text(text, encoding="utf-8")
            yield from ("--ro-bind", path, f"/etc/{name}")
        yield from ("--bind", self.work / "agent", "/agent", "--ro-bind", self.work / "image", "/image")
        for folder in image.folders:
            yield from ("--dir", folder)

    def composed(self):
        """What the compose file says of the container."""
        for target in self.container.tmpfs:
            yield from ("--tmpfs", target)
            # A checkout below /tmp is hidden by the container's own.
            for path in self.programs():
                if Path(path).is_relative_to(target):
                    yield from ("--ro-bind", path, path)
        for number, target in enumerate(self.container.volumes):
            volume = self.work / f"volume-{number}"
            volume.mkdir(exist_ok=True)
            yield from ("--bind", volume, target)
        for target, source in self.container.files.items():
            yield from ("--ro-bind", source, target)
        if self.container.read_only:
            yield from ("--remount-ro", "/")

    def __enter__(self):
        command = [str(word) for word in [*self.arguments, sys.executable, "-B", "/agent.py"]]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, **pipes, text=True, env={"PATH": PATH})
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def run(self, command, environment=None, text="", timeout=60, inside="/"):
        """Runs a program to its end, by default with the container's own variables."""
        answer = self.ask(command, environment, text, timeout, inside, stays=False)
        return Run(answer["code"], answer["out"], answer["err"])

    def start(self, command, inside="/"):
        """Starts a server; its process id in the sandbox."""
        return self.ask(command, None, "", 0, inside, stays=True)["pid"]

    def ask(self, command, environment, text, timeout, inside, stays):
        task = {
            "command": [str(word) for word in command],
            "environment": self.environment if environment is None else environment,
            "input": text,
            "timeout": timeout,
            "inside": inside,
            "stays": stays,
        }
        try:
            self.process.stdin.write(json.dumps(task) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise OSError(f"the sandbox has ended: {self.process.stderr.read()}")
        return json.loads(answer)

    def log(self):
        path = self.work / "agent/log"
        return path.read_text(encoding="utf-8", errors="replace")[-1500:] if path.exists() else ""
