# A plan in a folder of its own, what Backstay makes of it there, and what it has said so far.

import re
import shutil
import tomllib

import env_reader

# Every character that some reader somewhere takes for something else.
AWKWARD = "pa$$w'o\"rd\\ #x{y"


class Place:
    def __init__(self, tools, name, plan_folder):
        self.tools = tools
        self.folder = tools.work / name
        shutil.copytree(plan_folder, self.folder, ignore=shutil.ignore_patterns("expected"))
        self.deploy = self.folder / "deploy"
        # Everything the program has printed here, for a search for secrets.
        self.said = []

    @property
    def plan(self):
        return tomllib.loads((self.folder / "backstay.toml").read_text(encoding="utf-8"))

    def backstay(self, *arguments):
        run = self.tools.backstay(*arguments, inside=self.folder)
        self.said.append((" ".join(arguments), run.out + run.err))
        return run

    def files(self, pattern):
        return sorted(path for path in self.deploy.rglob(pattern) if path.is_file())

    def compose_files(self):
        return self.files("compose.yaml")

    def shown(self, path):
        return str(path.relative_to(self.folder))

    def tree(self):
        """Every file's place, mode and bytes; what differs between two is what has changed."""
        paths = (path for path in self.deploy.rglob("*"))
        return {
            self.shown(path): (oct(path.stat().st_mode), path.read_bytes() if path.is_file() else b"")
            for path in paths
        }

    def secrets(self):
        """The credentials of each environment, from the only files where they are changed."""
        return {path.parent.name: env_reader.read_file(path) for path in self.files("secrets.env")}

    def set_every_secret(self):
        """Gives every credential a value that is hard to quote, each one of its own."""
        number = 0

        def assignment(found):
            nonlocal number
            number += 1
            # Azure's keys are in base 64, and its connection strings have no escape for more.
            is_base64 = found.group(1).endswith("_ACCOUNT_KEY")
            value = f"{'+/' if is_base64 else AWKWARD}Tok{number:04}en{'==' if is_base64 else ''}"
            return f"{found.group(1)}={env_reader.written(value)}"

        for path in self.files("secrets.env"):
            text = re.sub(r"^([A-Z0-9_]+)=.*$", assignment, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            path.write_text(text, encoding="utf-8")

    def tokens(self):
        """What no reader's quoting changes in each credential: its longest run of plain characters."""
        values = {value for values in self.secrets().values() for value in values.values() if value}
        return {max(re.findall(r"[A-Za-z0-9]+", value), key=len) for value in values}


def difference(before, after):
    """The places where two trees differ, as a fault; nothing if they do not."""
    changed = [path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]
    return "\n".join(f"differs: {path}" for path in changed) or None
