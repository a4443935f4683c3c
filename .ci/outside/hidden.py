# No credential stands where others can read it: not in what is committed, and not in what is printed.

import re
import stat

# The files that are for everybody, whatever git may think of them.
OPEN_NAMES = re.compile(r"compose\.yaml|README\.md|.*\.example|\.gitignore|backstay\.lock")


def results(place):
    place.backstay("check")
    for form in ("json", "sarif", "github"):
        place.backstay("check", "--format", form)
    place.backstay("secrets", "list")
    place.backstay("secrets", "list", "--format", "json")
    place.backstay("show")
    place.backstay("show", "--format", "json")
    tokens = place.tokens()
    yield "no credential is printed", found(tokens, place.said)
    yield "no credential is in a file for everybody", found(tokens, open_files(place))
    yield "no credential is in a file that git would take", found(tokens, committed_files(place))
    yield "files with credentials are for their owner", loose_files(place, tokens)


def found(tokens, texts):
    return "\n".join(f"{token} in {name}" for name, text in texts for token in sorted(tokens) if token in text)


def all_files(place):
    return [(place.shown(path), path.read_text(encoding="utf-8")) for path in place.files("*")]


def open_files(place):
    return [(name, text) for name, text in all_files(place) if OPEN_NAMES.fullmatch(name.split("/")[-1])]


def committed_files(place):
    git = ["git", "-c", "init.defaultBranch=main"]
    place.tools.run([*git, "init", "--quiet"], place.folder)
    listed = place.tools.run([*git, "ls-files", "-z", "--others", "--exclude-standard"], place.folder)
    names = listed.out.split("\0")[:-1]
    if listed.code != 0 or "backstay.toml" not in names:
        raise ValueError(f"git does not list the files: {listed.err}")
    return [(name, (place.folder / name).read_text(encoding="utf-8")) for name in names]


def loose_files(place, tokens):
    """Files with credentials that others could read: of any mode that allows it, in a folder that allows it."""
    loose = []
    for path in place.files("*"):
        text = path.read_text(encoding="utf-8")
        if any(token in text for token in tokens) and may_be_read(path) and may_be_read(path.parent):
            loose.append(place.shown(path))
    return "\n".join(loose)


def may_be_read(path):
    return path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
