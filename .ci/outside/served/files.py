# A web server that serves files: nothing stands behind it, although its copies go to a store elsewhere.

import shutil

from place import Place
from served.container import container_of
from served.images import all_images
from served.results import Served, wait_until_healthy
from served.sandbox import Sandbox

PLAN = """name = "files"
[apps.web]
image = "app:1"
uses.files = { role = "files" }
[services.files]
kind = "nginx"
[services.copies]
kind = "wasabi"
[environments.test.hosts.ci]
runs = ["web", "files"]
[environments.test.hosts.store]
kind = "managed"
runs = ["copies"]
[environments.test.services.files]
uses.copies = { role = "backup" }
"""
TEXT = "written by an app"
NGINX = ["nginx", "-e", "stderr", "-c", "/image/bin/nginx.conf", "-g", "daemon off;"]


def files_served(tools):
    image = next(image for image in all_images(tools.judges) if image.name == "nginx-unprivileged")
    lacking = [str(need) for need in ["bwrap", *image.needs] if not shutil.which(str(need))]
    if lacking:
        return Served("nginx-files", lacks=f"{', '.join(lacking)} is not here")
    folder = tools.work / "plans" / "served-nginx-files"
    folder.mkdir(parents=True)
    (folder / "backstay.toml").write_text(PLAN, encoding="utf-8")
    return Served("nginx-files", results(tools, Place(tools, "served-nginx-files", folder), image))


def results(tools, place, image):
    yield "generate takes the plan", place.backstay("generate").fault()
    container = container_of(tools, place.deploy / "test/ci", "files")
    with Sandbox(place.folder / "sandbox", container, image) as box:
        tested = box.run([*NGINX, "-t"])
        yield "NGINX takes its configuration", None if tested.code == 0 else tested.err
        box.start(NGINX)
        yield "it becomes healthy", wait_until_healthy(box)
        box.run(["sh", "-c", f"printf '%s' '{TEXT}' >{container.volumes[0]}/a.txt"])
        yield "a file in its volume is served", answer_fault(box, "/a.txt", f"{TEXT} 200")
        # No other answers in the place of what is not there.
        yield "what is not there is not found", answer_fault(box, "/b.txt", " 404")


def answer_fault(box, path, wanted):
    url = f"http://127.0.0.1:8080{path}"
    run = box.run(["curl", "-sS", "--max-time", "5", "-w", " %{http_code}", url])
    return None if run.out.endswith(wanted) else f"{run.out}{run.err}\n{box.log()}"
