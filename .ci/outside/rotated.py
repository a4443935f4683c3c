# New credentials in every environment: they are in every file, the old ones in one, and the commands are shell.

import re

import env_reader
import hidden


def results(place):
    for path in place.files("secrets.env"):
        environment = path.parent.name
        old = env_reader.read_file(path)
        run = place.backstay("secrets", "rotate", environment, "--all")
        if run.code == 2 and "no credential that Backstay makes" in run.err:
            continue
        yield f"{environment} is rotated", run.fault()
        if run.code == 0:
            yield from rotated(place, environment, old, run.out)


def rotated(place, environment, old, said):
    new = env_reader.read_file(place.deploy / environment / "secrets.env")
    gone = {value for name, value in old.items() if value and new[name] != value}
    yield f"{environment} has new credentials", None if gone else "all are as before"
    holders = {name for name, text in hidden.all_files(place) for value in gone if value in text}
    kept = {f"deploy/{environment}/secrets.previous.env"}
    yield f"the old ones of {environment} are kept in one file", None if holders == kept else str(holders)
    yield f"the files of {environment} are up to date", place.backstay("generate", "--check").fault()
    commands = "\n".join(re.findall(r"^docker compose exec .*?^\)\"(?: </dev/null)?$|^(?:until )?docker compose up .*?$", said, re.M | re.S))
    # Beside the place, and not of another one: places are judged at the same time.
    script = place.tools.work / f"{place.folder.name}.sh"
    script.write_text(commands, encoding="utf-8")
    yield f"the commands of {environment} are shell", place.tools.run(["sh", "-n", script], place.folder).fault()
    inner = "\n".join(re.findall(r"<<'END'\n(.*?)^END$", said, re.M | re.S))
    script.write_text(inner, encoding="utf-8")
    yield "so is what runs in containers", place.tools.run(["sh", "-n", script], place.folder).fault()
    yield f"{environment} forgets", place.backstay("secrets", "rotate", environment, "--forget").fault()
