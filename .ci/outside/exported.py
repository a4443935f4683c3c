# Pictures for others: what an XML reader, the Nu checker, a browser, Graphviz and Mermaid make of each
# environment's export.

import json
import os

# Mermaid reads a flowchart only where there is a document.
PARSER = """
import { JSDOM } from "jsdom";
import fs from "node:fs";
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");
for (const path of process.argv.slice(2)) {
  try {
    await mermaid.parse(fs.readFileSync(path, "utf8"));
  } catch (error) {
    console.log(path + ": " + error.message);
  }
}
"""


def results(tools, plans):
    folder = tools.work / "exported"
    folder.mkdir()
    charts, drawings = [], []
    for case in plans:
        plan = (case.folder / "backstay.toml").resolve()
        for environment in environments(tools, plan):
            name = f"{case.name}-{environment}"
            made = {}
            for form in ("svg", "dot", "mermaid"):
                run = tools.backstay("export", form, environment, "--plan", plan, inside=tools.work)
                yield f"{name} is exported as {form}", run.fault()
                made[form] = folder / f"{name}.{form}"
                made[form].write_text(run.out, encoding="utf-8")
            charts.append(made["mermaid"])
            drawings.append(made["svg"])
            yield f"an XML reader takes the SVG of {name}", tools.run(["xmllint", "--noout", made["svg"]], folder).fault(silent=True)
            yield f"Graphviz draws {name}", tools.run(["dot", "-Tsvg", "-o", os.devnull, made["dot"]], folder).fault(silent=True)
    checker = tools.judges / "modules/node_modules/vnu-jar/build/dist/vnu.jar"
    run = tools.run(["java", "-jar", checker, "--svg", *drawings], folder)
    yield f"the Nu checker takes all {len(drawings)} SVGs", run.fault(silent=True)
    yield "a browser draws the widest SVG, in light and in dark", browser_fault(tools, folder, max(drawings, key=os.path.getsize))
    yield f"Mermaid reads all {len(charts)} flowcharts", mermaid_fault(tools, folder, charts)


def browser_fault(tools, folder, drawing):
    """Whether a browser draws something else on a dark page than on a light one, and neither is empty."""
    pictures = []
    for scheme in ("1", "0"):
        picture = folder / f"{scheme}.png"
        run = tools.run(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-background-networking", "--hide-scrollbars",
                f"--blink-settings=preferredColorScheme={scheme}", "--window-size=1200,600", f"--screenshot={picture}",
                drawing.as_uri(),
            ],
            folder,
        )
        if run.code != 0 or not picture.exists():
            return run.fault() or f"no picture of {drawing}\n{run.err}"
        pictures.append(picture.read_bytes())
    light, dark = pictures
    # A picture of one colour takes a few hundred bytes.
    small = [len(picture) for picture in pictures if len(picture) < 4_000]
    if small:
        return f"the pictures of {drawing} are nearly empty: {small} bytes"
    return "the picture is the same in light and in dark" if light == dark else None


def environments(tools, plan):
    run = tools.backstay("show", "--format", "json", "--plan", plan, inside=tools.work)
    if run.code != 0:
        return []
    return [environment["name"] for environment in json.loads(run.out)["environments"]]


def mermaid_fault(tools, folder, charts):
    # Beside its modules, which is where they are looked for.
    script = tools.judges / "modules/flowcharts.mjs"
    script.write_text(PARSER, encoding="utf-8")
    run = tools.run([tools.judges / "node/bin/node", script, *charts], folder)
    return run.fault(silent=True) or run.out or None
