"""Takes each check away in turn and shows that a test fails: `./run guards [WORD | --missing]` (only those whose file or test has
the word; only those the table has no "killed" of).

tests/guards.json lists them: a file, the exact words of a permission check, gate, lock or limit, what stands there without it,
and the test that must fail then. All happens in a copy of the tree; a check that no test misses has survived, and fails.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "guards.json"
REPORT = ROOT / "docs" / "guards.md"
# made by ./run build and by npm, so not among the files of the repository
BUILT = ("node_modules", "static/dist")
MISSING = "--missing"
SECONDS = 300
LANES = 2  # each with a copy of the tree, a database and a Redis of its own


def listed() -> list[dict[str, str]]:
    return json.loads(LIST.read_text("utf-8"))


def entries(word: str) -> list[dict[str, str]]:
    if word == MISSING:
        known = known_rows()
        return [entry for entry in listed() if "| killed" not in known.get(row(entry, ""), "")]
    return [entry for entry in listed() if word in f"{entry['file']} {entry['tests']}"]


def known_rows() -> dict[str, str]:
    """Rows of the table by what they are about: all but the result."""
    lines = REPORT.read_text("utf-8").splitlines() if REPORT.exists() else []
    return {f"{line.rpartition(' | ')[0]} |  |": line for line in lines if line.startswith("| `")}


def copy_tree(to: Path) -> None:
    """The files of the repository as they are now, and what was built from them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    for name in [*names, *(str(path.relative_to(ROOT)) for path in ROOT.glob("portal/locale/*/LC_MESSAGES/*.mo"))]:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    for name in BUILT:
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            # copied, not linked: a test that installs the front end anew would empty what the link leads to
            shutil.copytree(ROOT / name, to / name, symlinks=True)


def passes(tree: Path, tests: str, *, fresh: bool, lane: int) -> bool | None:
    """Whether tests pass in the tree; None if they could not be run at all. `fresh` makes the database anew."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        *tests.split(),
    ]
    command += ["--create-db", "--reuse-db"] if fresh else ["--reuse-db"]
    redis, number = os.environ["REDIS_URL"].rsplit("/", 1)
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "DB_NAME": f"{os.environ['DB_NAME']}{'ab'[lane]}",
        "REDIS_URL": f"{redis}/{int(number) + lane}",
    }
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False  # a lock that is gone may let a test wait for ever
    return {0: True, 1: False}.get(done.returncode)


def empties(tree: Path, tests: str) -> bool:
    """A test with transactions of its own leaves empty tables behind, without the rows of the migrations."""
    return "transaction=True" in (tree / tests.split("::")[0].split()[0]).read_text("utf-8")


def verdicts(tree: Path, wanted: list[dict[str, str]], lane: int) -> Iterator[tuple[dict[str, str], str]]:
    """`killed`, `SURVIVED`, or what is wrong with the entry itself."""
    sound: dict[str, bool | None] = {}
    fresh = True
    for entry in wanted:
        path, tests = tree / entry["file"], entry["tests"]
        text = path.read_text("utf-8") if path.exists() else ""
        if text.count(entry["find"]) != 1:
            yield entry, f"WRONG ENTRY: the words stand {text.count(entry['find'])} times in the file"
            continue
        if tests not in sound:
            sound[tests], fresh = passes(tree, tests, fresh=fresh, lane=lane), empties(tree, tests)
        if sound[tests] is not True:
            yield entry, "WRONG ENTRY: the test does not pass with the check in place"
            continue
        in_database = "/migrations/" in entry["file"]
        path.write_text(text.replace(entry["find"], entry["replace"]), "utf-8")
        try:
            result = passes(tree, tests, fresh=fresh or in_database, lane=lane)
        finally:
            path.write_text(text, "utf-8")
        fresh = in_database or empties(tree, tests)
        yield entry, {True: "SURVIVED", False: "killed", None: "killed: nothing runs without it"}[result]


def row(entry: dict[str, str], verdict: str) -> str:
    find, replace = (" ".join(entry[key].split()).replace("|", "\\|") for key in ("find", "replace"))
    return (
        f"| `{entry['file']}` | `{shortened(find)}` | `{shortened(replace) or ' '}` | `{entry['tests']}` | {verdict} |"
    )


def shortened(text: str) -> str:
    return text if len(text) <= 110 else f"{text[:107]}…"


def main(word: str = "") -> int:
    began, wanted = time.monotonic(), entries(word)
    results: list[tuple[dict[str, str], str]] = []

    def work(lane: int) -> None:
        with tempfile.TemporaryDirectory(prefix="portal-guards-") as folder:
            copy_tree(Path(folder))
            for entry, verdict in verdicts(Path(folder), wanted[lane::LANES], lane):
                results.append((entry, verdict))
                words = shortened(" ".join(entry["find"].split()))
                print(f"{len(results):3} {verdict:10} {entry['file']}: {words}", flush=True)
                write_report(results)

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(work, range(LANES)))
    killed = sum(verdict.startswith("killed") for _entry, verdict in results)
    print(
        f"{killed} of {len(results)} checks are missed by a test when they are gone ({time.monotonic() - began:.0f} s)"
    )
    return 0 if killed == len(results) else 1


def write_report(results: list[tuple[dict[str, str], str]]) -> None:
    """The table as far as it goes: results of this run, and those of earlier runs for entries that are as they were."""
    known = known_rows() | {row(entry, ""): row(entry, verdict) for entry, verdict in results}
    every = listed()
    rows = sorted(known[about] for entry in every if (about := row(entry, "")) in known)
    killed = sum("| killed" in line for line in rows)
    head = REPORT.read_text("utf-8").split("\n| file |")[0] if REPORT.exists() else "# Guards\n"
    table = "\n".join(["| file | check | without it | test | result |", "|---|---|---|---|---|", *rows])
    REPORT.write_text(
        f"{head.rstrip()}\n\n{table}\n\n{killed} of {len(rows)} killed; {len(every)} are listed in `tests/guards.json`.\n",
        "utf-8",
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
