"""Who gets which answer at every address and method of the portal: the table is matrix.csv, its words are in calls.py.

An address or a method without a row fails, so nothing is opened without somebody writing down to whom. To write the rows anew
after a change: `./run test tests/permissions/test_matrix.py -q -n0 --write-matrix`, then read every line that differs.
"""

import csv
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from planning.reports import files
from tests.permissions.addresses import METHODS, Address, addresses
from tests.permissions.calls import call
from tests.permissions.people import PEOPLE
from tests.permissions.scene import DRAFT, PUBLIC, values

# unsafe calls that are answered and leave no row in the record of acts
UNRECORDED = {
    "api-drawing-steps": "a step on the drawing board, whose row tells who did what; too many for the record",
    "api-comment-support": "takes back a support that was not there; others are on the record",
    "api-consultation-look": "stores nothing",
    "api-follows": "follows what is followed already",
    "api-me-nickname": "clears a nickname that was not there",
    "api-my-place": "a question whose position no log must hold",
    "api-village-at": "the same",
    "api-what-if-again": "computed already, and answered as it is",
    "consultation-list": "a look at a file, which stores nothing",
    "my-place": "a question whose position no log must hold",
    "api-sheet-cancel": "stops one's own job, whose row tells of it",
    "api-division-check": "starts a computation, whose job and runs tell of it",
    "api-job-cancel": "stops one's own job, whose row tells of it",
    "job-cancel": "the same",
    "api-logout": "nobody was signed in",
    "api-notification-read": "marks one's own message as read",
    "api-notifications-read": "the same",
    "api-resumable": "pieces of one's own file; the whole file is on the record",
    "api-resumables": "the same",
    "api-review-declaration": "said already, and answered as then",
    "api-table-store": "starts a job, which records what it stores",
    "api-version-judge": "starts a computation, whose job and run tell of it",
    "api-village-check": "stores nothing",
}
TABLE = Path(__file__).with_name("matrix.csv")
HEAD = ["address", "method", "of", *PEOPLE]
# who is asked where a row says the same for all
SOME = ("anonymous", "villager", "other_committee", "planner", "leader", "agriculture")
READERS = 3
PARTS = 2


def rows() -> dict[tuple[str, str, str], dict[str, str]]:
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["address"], row["method"], row["of"]): row for row in csv.DictReader(file)}


def places(scene, address: Address) -> Iterator[tuple[str, str]]:
    """The draft's and the public version's address, or the one that is the same for both."""
    paths = {of: address.fill(values(scene, of)) for of in (DRAFT, PUBLIC)}
    if paths[DRAFT] == paths[PUBLIC]:
        yield "", paths[DRAFT]
    else:
        yield from ((of, path) for of, path in paths.items() if path)


@pytest.fixture(autouse=True)
def _papers_are_not_typeset(monkeypatch):
    """Who may have a PDF is asked here; to set its type takes a second each time."""
    monkeypatch.setitem(files.FORMS, "pdf", ("application/pdf", lambda report: b"%PDF-1.7"))
    monkeypatch.setattr("planning.reports.letter.document", lambda decision: b"%PDF-1.7")


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_the_answer_of_the_table(part, scene, request):
    known = rows()
    if request.config.getoption("--write-matrix"):
        write(known, scene, addresses()[part::PARTS])
        return
    wrong = []
    for address in addresses()[part::PARTS]:
        for of, path in places(scene, address):
            named = {method: row for (name, method, which), row in known.items() if (name, which) == (address.name, of)}
            served = methods(scene, address, of, path)
            wrong += [f"{address.name} {method} {of}: no row in matrix.csv" for method in served if method not in named]
            wrong += [f"{address.name} {method} {of}: not served any more" for method in named if method not in served]
            for method in [m for m in served if m in named]:
                wrong += compare(named[method], scene, address, method, of, path)
    assert not wrong, "\n".join(wrong)


def methods(scene, address: Address, of: str, path: str) -> list[str]:
    """Methods an address serves: a refused one names them; where nothing refuses, each is tried."""
    if call(scene, address, "DELETE", of, path, "leader") == "405" and scene.answer.get("Allow"):
        allowed = {method.strip() for method in scene.answer["Allow"].split(",")}
        return [method for method in METHODS if method in allowed]
    return [method for method in METHODS if call(scene, address, method, of, path, "leader") != "405"]


def compare(row: dict[str, str], scene, address: Address, method: str, of: str, path: str) -> list[str]:
    """What differs from a row, for those it is asked of."""
    what = f"{address.name} {method} {of}".strip()
    got = {who: call(scene, address, method, of, path, who) for who in asked(row, method, what)}
    return [f"{what}, {who}: {got[who]}, in the table {row[who]}" for who in got if got[who] != row[who]]


def asked(row: dict[str, str], method: str, what: str) -> list[str]:
    """Everybody who is turned away. Of those who may read three, others at each address: pages take long to draw."""
    if len({row[who] for who in PEOPLE}) == 1:
        return list(SOME)
    readers = [who for who in PEOPLE if method == "GET" and row[who] == "ok"]
    first = zlib.crc32(what.encode()) % max(len(readers), 1)
    chosen = (readers[first:] + readers[:first])[:READERS]
    return [who for who in PEOPLE if who in chosen or who not in readers]


def write(known: dict[tuple[str, str, str], dict[str, str]], scene, part: list[Address]) -> None:
    """Write the rows of some addresses anew."""
    names = {address.name for address in addresses()} - {address.name for address in part}
    kept = {key: row for key, row in known.items() if key[0] in names}
    for address in part:
        for of, path in places(scene, address):
            for method in methods(scene, address, of, path):
                got = {who: call(scene, address, method, of, path, who) for who in PEOPLE}
                kept[address.name, method, of] = {"address": address.name, "method": method, "of": of, **got}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept[key] for key in sorted(kept))


def test_no_row_is_left_over_and_no_answer_is_a_fault():
    known, names = rows(), {address.name for address in addresses()}
    assert {key[0] for key in known} <= names, "rows of addresses that are gone"
    assert all(set(row) == set(HEAD) for row in known.values())
    faults = [(key, who) for key, row in known.items() for who in PEOPLE if row[who].startswith("5")]
    assert {key[0] for key, _who in faults} <= {"readyz"}, faults  # there is no worker in a test


def test_what_changes_something_is_on_the_record():
    """An unsafe call that is answered must leave a row in the record of acts; those that need none say why."""
    silent = {
        name for (name, method, _of), row in rows().items() if method != "GET" and "ok" in {row[who] for who in PEOPLE}
    }
    assert silent == set(UNRECORDED)
