# The programs that are run: Backstay, and each version of Docker Compose, all in a clean environment.

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Ends of life are judged on this day, so that a check does not fail because time has passed.
TODAY = "2026-11-22"


@dataclass
class Run:
    code: int
    out: str
    err: str

    def fault(self, code=0, silent=False):
        """What is wrong with the run, if it should have ended with `code` and, if `silent`, without a word."""
        if self.code != code:
            return f"exit code {self.code} instead of {code}\n{self.out}{self.err}"
        if silent and self.err:
            return f"it should say nothing, but says\n{self.err}"
        return None


@dataclass
class Tools:
    backstay_program: Path
    composes: dict
    compose_schema: dict | None
    # Where programs and modules were fetched to.
    judges: Path
    work: Path
    # Compose files of other people's projects, if they are here.
    corpus: Path

    def backstay(self, *arguments, inside, more={}):
        return self.run([self.backstay_program, *arguments, "--today", TODAY], inside, more)

    def compose(self, version, folder, *arguments):
        """What a version of Docker Compose says about `compose.yaml` in a folder."""
        return self.run([self.composes[version], "--file", "compose.yaml", *arguments], folder)

    def environment(self):
        # No variable of whoever runs this may fill in what a file forgot.
        return {"PATH": os.environ["PATH"], "HOME": str(self.work), "LANG": "C.UTF-8"}

    def run(self, command, inside, more={}):
        done = subprocess.run(
            [str(word) for word in command],
            cwd=inside,
            env={**self.environment(), **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        # Not as text: that would change line breaks.
        return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace"))


def tools_of(arguments, work):
    schema = None
    if arguments.schema.exists():
        schema = json.loads(arguments.schema.read_text(encoding="utf-8"))
    judges = arguments.judges.resolve()
    # The program itself, of the older one: the script around it forgets the exit code.
    older = next(judges.glob("compose-v2/lib/python3*/site-packages/compose/docker-compose"))
    composes = {}
    for program in (judges / "compose-v5/bin/docker-compose", older):
        version = subprocess.run([program, "version", "--short"], capture_output=True, text=True, check=True)
        composes[version.stdout.strip()] = program
    return Tools(arguments.backstay.resolve(), composes, schema, judges, work, arguments.corpus)
