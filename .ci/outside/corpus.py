# Compose files of other people's projects, and Docker Compose's own reading of them.

import csv
import json
from dataclasses import dataclass
from pathlib import Path

# What was set when Compose read them.
ENVIRONMENT = {"COMPOSE_PROJECT_NAME": "corpus", "HOME": "/HOME"}


@dataclass
class Entry:
    name: str
    files: list
    # The folder that stands as `/CORPUS` in the reading.
    folder: Path
    services: int
    # Compose's own reading; nothing if Compose refuses the file.
    golden: dict | None


def entries(corpus):
    """The files of the corpus; none if it is not here."""
    index = corpus / "index.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8", newline="") as lines:
        return [entry(corpus, row) for row in csv.DictReader(lines, delimiter="\t")]


def entry(corpus, row):
    folder = corpus / "files" / row["repo"].replace("/", "__")
    golden = corpus / row["golden"] if row["golden"] else None
    return Entry(
        name=f"{row['repo']}/{row['path']}",
        files=[(folder / row["path"]).resolve()],
        folder=folder.resolve(),
        services=int(row["services"]),
        golden=json.loads(golden.read_text(encoding="utf-8")) if golden else None,
    )


def placed(value, folder):
    """A reading with the folder in the place of `/CORPUS`."""
    if isinstance(value, str):
        return value.replace("/CORPUS", str(folder))
    if isinstance(value, list):
        return [placed(inner, folder) for inner in value]
    if isinstance(value, dict):
        return {placed(key, folder): placed(inner, folder) for key, inner in value.items()}
    return value
