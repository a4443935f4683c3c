# Asks programs that know nothing of Backstay what they make of its files; counts passed and failed.

import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError

import accepted
import arrives
import cases
import exported
import hidden
import imported
import killed
import printed
import read_back
import reached
import replanned
import rotated
import sarif
import stays
import values
from place import Place
from served.files import files_served
from served.results import all_kinds
from tally import Tally
from tools import tools_of


def main():
    with tempfile.TemporaryDirectory(prefix="backstay-ci-") as work:
        return judge_all(tools_of(arguments(), Path(work)))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backstay", required=True, type=Path)
    parser.add_argument("--judges", required=True, type=Path)
    parser.add_argument("--schema", required=True, type=Path)
    parser.add_argument("--corpus", required=True, type=Path)
    return parser.parse_args()


def judge_all(tools):
    tally = Tally()
    if tools.compose_schema is None:
        tally.lack("the Compose Specification's schema", "it is not here")
    if not tools.corpus.exists():
        tally.lack("compose files of other people's projects", "they are not here")
    plans = list(cases.all_cases(tools))
    tally.add("printed", printed.results(tools, plans))
    tally.add("killed", killed.results(tools))
    tally.add("sarif", sarif.results(tools, plans))
    tally.add("imported", imported.results(tools))
    tally.add("replanned", replanned.results(tools))
    tally.add("exported", exported.results(tools, plans))
    for form in read_back.all_forms(tools):
        tally.add(f"env files in the form {form}, seed {values.SEED}", judged(read_back.results(tools, form)))
    with ending(ThreadPoolExecutor(os.cpu_count())) as pool:
        for case, results in zip(plans, pool.map(lambda case: judged(asked(tools, case)), plans)):
            if results is None:
                tally.skip(case.name, "its plan is refused")
            else:
                tally.add(case.name, results)
        served = [*all_kinds(tools, *cases.catalog(tools)), files_served(tools)]
        for one, results in zip(served, pool.map(lambda one: judged(one.results), served)):
            report_served(tally, one, results)
    return tally.close()


@contextmanager
def ending(pool):
    """The pool; what it has not begun yet is given up when the run is broken off."""
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def report_served(tally, one, results):
    if one.lacks:
        tally.lack(f"server-{one.kind}", one.lacks)
    elif one.why_not:
        tally.skip(f"server-{one.kind}", one.why_not)
    else:
        tally.add(f"server-{one.kind}", results)


def judged(asked):
    """The results of one subject; nothing if it is a plan that is refused and may be."""
    results = []
    try:
        for result in asked:
            if result is None:
                return None
            results.append(result)
    except (ValueError, LookupError, RuntimeError, OSError, SubprocessError) as error:
        results.append(("it can be judged", f"{type(error).__name__}: {error}"))
    return results


def asked(tools, case):
    place = Place(tools, case.name, case.folder)
    first = place.backstay("generate")
    if case.is_refused and first.code == 1:
        yield None
        return
    yield "generate writes the files", first.fault(silent=True)
    if first.code != 0:
        return
    yield from stays.results(place)
    yield from accepted.results(place)
    yield from reached.results(place)
    yield from hidden.results(place)
    yield from rotated.results(place)
    old = place.tokens()
    place.set_every_secret()
    place.backstay("generate", "--dry-run")
    yield "generate takes other credentials", place.backstay("generate").fault(silent=True)
    yield "no file keeps an old credential", hidden.found(old, hidden.all_files(place))
    yield from stays.results(place)
    yield from arrives.results(place)
    yield from hidden.results(place)


if __name__ == "__main__":
    sys.exit(main())
