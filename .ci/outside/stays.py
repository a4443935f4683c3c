# Nothing changes without a reason: a second run, `--check`, and another folder with the same credentials.

import shutil

from place import Place, difference


def results(place):
    before = place.tree()
    yield "a second run ends well", place.backstay("generate").fault(silent=True)
    yield "a second run changes nothing", difference(before, place.tree())
    yield "--check finds every file up to date", place.backstay("generate", "--check").fault()
    run = place.backstay("generate", "--dry-run")
    yield "--dry-run shows nothing", run.fault() or (None if run.out == "nothing would change\n" else run.out)
    yield "none of these changes anything", difference(before, place.tree())
    yield "the same credentials give the same bytes", twin_difference(place, before)


def twin_difference(place, before):
    with_secrets = place.folder.with_name(f"{place.folder.name}-twin")
    twin = Place(place.tools, with_secrets.name, place.folder)
    for path in twin.deploy.iterdir():
        remove_all_but_secrets(path)
    fault = twin.backstay("generate").fault(silent=True) or difference(before, twin.tree())
    shutil.rmtree(with_secrets)
    return fault


def remove_all_but_secrets(path):
    if not path.is_dir() or path.name == ".backstay":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return
    for inner in path.iterdir():
        if inner.name != "secrets.env":
            shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
