# Every compose file is taken by both versions of Docker Compose, by the specification's schema, and by two linters.

import json

import jsonschema
import yaml
import yamllint.config
import yamllint.linter

LINT = yamllint.config.YamlLintConfig("{extends: default, rules: {line-length: disable, document-start: disable}}")


# dclint wants the keys of a service in one order, by name. Backstay's order is by sense: what runs, with what it
# runs, whom it reaches, what it keeps, and what it may not.
# In the same way the port for clients comes first, and others behind it.
# It looks at no address: a port that is published on two is no clash, and `twice_published` finds those that are.
# Whether a port is for everybody is the plan's to say; Backstay has a rule on it, and `reached` looks at addresses.
# A range of ports is quoted as all texts are, in double quotes; dclint wants single ones there.
# A name beside `build` is what the image is called once it is built; dclint takes it for a second source.
DISABLED = [
    "no-build-and-image",
    "require-quotes-in-ports",
    "service-keys-order",
    "service-ports-alphabetical-order",
    "no-duplicate-exported-ports",
    "no-unbound-port-interfaces",
]


def results(place):
    for path in place.compose_files():
        shown = place.shown(path)
        text = path.read_text(encoding="utf-8")
        for version in place.tools.composes:
            run = place.tools.compose(version, path.parent, "config", "--quiet")
            yield f"Compose {version} takes {shown}", run.fault(silent=True)
        yield f"yamllint has nothing to say about {shown}", lint_fault(text)
        document = yaml.safe_load(text)
        yield f"the schema holds for {shown}", schema_fault(place.tools.compose_schema, document)
        yield f"no port of {shown} is published twice", twice_published(document)
    yield "dclint has nothing to say about the compose files", dclint_fault(place)


def dclint_fault(place):
    """What dclint says about all compose files of a place; in a file, because it cuts what it prints short."""
    said = place.folder / "dclint.json"
    files = [place.shown(path) for path in place.compose_files()]
    if not files:
        return None
    program = place.tools.judges / "modules/node_modules/dclint/bin/dclint.cjs"
    how = ["--formatter", "json", "--output-file", said, "--disable-rule", *DISABLED]
    run = place.tools.run([place.tools.judges / "node/bin/node", program, *files, *how], place.folder)
    if not said.exists():
        return f"exit code {run.code}\n{run.out}{run.err}"
    checked = json.loads(said.read_text(encoding="utf-8"))
    said.unlink()
    return "\n".join(
        f"{file['filePath']}:{message['line']}: {message['rule']}: {message['message']}"
        for file in checked
        for message in file["messages"]
    )


def twice_published(document):
    """Ports of a file that two containers, or one twice, want on the same address."""
    seen, faults = {}, []
    for name, service in document["services"].items():
        for number, address in (taken for port in service.get("ports", []) for taken in taken_by(port)):
            for other in seen.get(number, []):
                if address is None or other is None or address == other:
                    faults.append(f"{name}: {number} on {address} and {other}")
            seen.setdefault(number, []).append(address)
    return "\n".join(faults)


def taken_by(port):
    """The ports of the host that an entry takes, with what they speak, each with its address."""
    if not isinstance(port, str):
        return [((int(port["published"]), port["protocol"]), port.get("host_ip"))]
    ports, protocol = port.rsplit("/", 1)
    *address, outside, _ = ports.rsplit(":", 2)
    first, last = map(int, outside.split("-"))
    address = address[0].strip("[]") if address else None
    return [((number, protocol), address) for number in range(first, last + 1)]


def lint_fault(text):
    return "\n".join(str(problem) for problem in yamllint.linter.run(text, LINT))


def schema_fault(schema, document):
    """Where a document breaks a schema; nothing if it holds or there is none."""
    if schema is None:
        return None
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = validator.iter_errors(document)
    return "\n".join(f"{error.json_path}: {error.message}" for error in errors)
