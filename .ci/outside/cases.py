# The plans that are tried: the embedded example, the fixtures of the tests, and those in `plans/`.

import json
import re
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path("tests/fixtures")
PLANS = Path(__file__).parent / "plans"


@dataclass
class Case:
    name: str
    folder: Path
    # Its own expected findings say that it is to be refused.
    is_refused: bool = False


def all_cases(tools):
    yield from fixtures()
    kinds, dialects = catalog(tools)
    plans = {
        "example": tools.backstay("example", inside=tools.work).out,
        "reach": text_of("reach"),
        "together": together(machine_kinds(tools)),
    }
    plans |= {f"new-{stack}": begun(tools, stack) for stack in STACKS}
    plans |= {f"kind-{kind}": text_of("everywhere").replace("@KIND@", kind) for kind in kinds}
    plans |= {f"dialect-{dialect}": awkward(dialect) for dialect in dialects}
    for name, text in plans.items():
        folder = tools.work / "plans" / name
        folder.mkdir(parents=True)
        (folder / "backstay.toml").write_text(text, encoding="utf-8")
        yield Case(name, folder)


# What `new` makes of every need, where a stack answers all of them with what machines can run beside each other.
STACKS = ["default", "aws", "azure", "gcp", "self-hosted"]
NEEDS = "database,document,cache,session,queue:redelivery,stream,files,search,metrics,logs,tracing,proxy"


def begun(tools, stack):
    # Where a provider keeps the accounts, its password is yet to be filled in.
    needs = NEEDS if stack in ("aws", "azure", "gcp") else f"{NEEDS},identity"
    asked = ["new", "--name", "begun", "--app", "web=ghcr.io/acme/web:1.4.0:5999", "--needs", needs]
    asked += ["--environments", "local,dev,test,prod", "--stack", stack, "--output", "-"]
    return tools.backstay(*asked, inside=tools.work).out


def fixtures():
    for plan in sorted(FIXTURES.rglob("backstay.toml")):
        folder = plan.parent
        findings = folder / "expected" / "findings.txt"
        is_refused = not findings.exists() or "deny[" in findings.read_text(encoding="utf-8")
        name = "-".join(folder.relative_to(FIXTURES).parts)
        yield Case(f"fixture-{name}", folder, is_refused)


def catalog(tools):
    """The names of all kinds and of all dialects, from the two lists that the program prints."""
    blocks = tools.backstay("catalog", inside=tools.work).out.strip().split("\n\n")
    names = [[line.split()[0] for line in block.splitlines()[1:]] for block in blocks]
    return names[0], names[1]


def machine_kinds(tools):
    """The kinds that run on a machine. Those of providers have stand-ins there that are kinds of their own."""
    listed = tools.backstay("catalog", inside=tools.work).out.split("\n\n")[0].splitlines()[1:]
    return [line.split()[0] for line in listed if not re.search(" (cloud|cluster) only", line)]


def text_of(plan):
    return (PLANS / f"{plan}.toml").read_text(encoding="utf-8")


def awkward(dialect):
    return text_of("awkward").replace("@DIALECT@", dialect).replace("@LONG@", "x" * 10_000)


def together(kinds):
    """One of each kind that runs on a machine beside one app, in one Compose project."""
    uses = "\n".join(f'uses.{kind} = {{ env = "{kind.upper().replace("-", "_")}" }}' for kind in kinds)
    services = "\n".join(f'[services.{kind}]\nkind = "{kind}"' for kind in kinds)
    app = f'[apps.web]\nimage = "ghcr.io/acme/web:1.4.0"\nport = 5999\n{uses}'
    host = f"[environments.test.hosts.ci]\nruns = {json.dumps(['web', *kinds])}"
    return f'name = "together"\n{app}\n{services}\n{host}\n'
