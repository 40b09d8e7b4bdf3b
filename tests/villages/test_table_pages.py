"""The pages and the API of tables: hand in, look, store, take back; strangers are told that there is nothing."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import world
from villages.models import Fact, Household, TableImport

pytestmark = pytest.mark.django_db

GOOD = f"村代码,指标,年份,数值,来源\n{world.LIUGOU},户籍人口,2020,1300,新台账\n{world.LIUGOU},户数,2021,401,新台账\n"
BAD = f"村代码,指标,年份,数值,来源\n{world.LIUGOU},户籍人口,2020,<b>x</b>,新台账\n"


def file(text, name="台账.csv"):
    return SimpleUploadedFile(name, text.encode())


def post(client, text=GOOD, kind="facts", division=world.LIUGOU):
    return client.post(reverse("table-list"), {"kind": kind, "division": division, "file": file(text)})


def test_from_the_form_to_the_stored_rows_and_back(village, cast, as_user, run_jobs):
    client = as_user("committee")
    assert "导入" in client.get("/desk/").content.decode() or "Import tables" in client.get("/desk/").content.decode()
    address = post(client).url
    assert b"data-job" in client.get(address).content
    run_jobs()
    page = client.get(address).content.decode()
    assert "1,300" in page or "1300" in page
    assert Fact.objects.get(village=village, code="population").value == 1200
    row = TableImport.objects.get()
    client.post(reverse("table-store", args=[row.pk]))
    run_jobs()
    assert Fact.objects.get(village=village, code="population").value == 1300
    assert reverse("table-undo", args=[row.pk]) in client.get(address).content.decode()
    client.post(reverse("table-undo", args=[row.pk]))
    assert Fact.objects.get(village=village, code="population").value == 1200
    assert TableImport.objects.get().state == "undone"
    assert client.get(address).status_code == 200


def test_a_faulty_table_shows_its_cells_and_gives_them_back_marked(village, cast, as_user, run_jobs):
    client = as_user("committee")
    address = post(client, BAD).url
    run_jobs()
    page = client.get(address).content.decode()
    assert "D2" in page
    assert "<b>x</b>" not in page
    row = TableImport.objects.get()
    answer = client.get(reverse("table-marked", args=[row.pk]))
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    content = answer.getvalue()
    marked = openpyxl.load_workbook(io.BytesIO(content))
    assert marked.worksheets[0]["D2"].comment is not None
    assert client.get(f"/api/v1/tables/{row.pk}/faults.xlsx").getvalue() == content
    assert client.post(reverse("table-store", args=[row.pk])).status_code == 302
    assert not run_jobs()


def test_the_marked_table_is_made_with_the_verdict_and_never_again(village, cast, as_user, run_jobs, monkeypatch):
    client = as_user("committee")
    post(client, BAD)
    run_jobs()
    row = TableImport.objects.get()
    monkeypatch.setattr("portal.geo.tables.read", lambda *_args, **_said: pytest.fail("the file was read again"))
    addresses = (reverse("table-marked", args=[row.pk]), f"/api/v1/tables/{row.pk}/faults.xlsx")
    assert [client.get(address).status_code for address in addresses * 2] == [200] * 4
    for who, status in (
        ("planner", 200),
        ("reviewer", 200),
        ("stranger", 404),
        ("township", 404),
        ("other_committee", 404),
    ):
        assert {as_user(who).get(address).status_code for address in addresses} == {status}, who
    assert as_user().get(addresses[1]).status_code == 404


def test_of_a_table_refused_before_it_was_kept_the_marked_one_is_made_once(
    village, cast, as_user, run_jobs, monkeypatch
):
    client = as_user("committee")
    post(client, BAD)
    run_jobs()
    row = TableImport.objects.get()
    row.marked.delete()
    address = f"/api/v1/tables/{row.pk}/faults.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(client.get(address).getvalue()))
    assert book.worksheets[0]["D2"].comment is not None
    monkeypatch.setattr("portal.geo.tables.read", lambda *_args, **_said: pytest.fail("the file was read again"))
    assert client.get(address).status_code == 200


def test_a_file_that_cannot_be_read_gives_the_list_of_faults_alone(village, cast, as_user, run_jobs):
    client = as_user("committee")
    body = {"kind": "facts", "division": world.LIUGOU, "file": file('a,b\n"open', "台账.csv")}
    row = client.post("/api/v1/tables/", body).json()["id"]
    run_jobs()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/api/v1/tables/{row}/faults.xlsx").getvalue()))
    assert len(book.worksheets) == 1
    assert book.active["E2"].value


def test_a_table_without_a_fault_has_no_marked_one(village, cast, as_user, run_jobs):
    client = as_user("committee")
    post(client)
    run_jobs()
    row = TableImport.objects.get()
    assert client.get(reverse("table-marked", args=[row.pk])).status_code == 404
    assert client.get(f"/api/v1/tables/{row.pk}/faults.xlsx").status_code == 404


def test_the_api_lists_the_tables_one_may_see_newest_first(village, cast, as_user, run_jobs):
    client = as_user("committee")
    for text in (GOOD, BAD):
        post(client, text)
        run_jobs()
    whole = client.get("/api/v1/tables/").json()
    assert [(row["state"], row["issues"]) for row in whole["results"]] == [("refused", 1), ("ready", 0)]
    assert whole["next"] is None
    first = client.get("/api/v1/tables/", {"page_size": 1}).json()
    second = client.get(first["next"]).json()
    assert first["results"] + second["results"] == whole["results"]
    assert second["next"] is None
    assert len(as_user("reviewer").get("/api/v1/tables/").json()["results"]) == 2
    for who in (None, "stranger", "villager", "township", "other_committee"):
        assert as_user(who).get("/api/v1/tables/").json() == {"results": [], "next": None}, who
    assert client.get("/api/v1/tables/", {"cursor": "x"}).status_code == 400


def test_strangers_and_neighbours_are_told_there_is_nothing(village, cast, as_user, run_jobs):
    post(as_user("committee"))
    run_jobs()
    row = TableImport.objects.get()
    for who in ("stranger", "villager", "township", "other_committee"):
        client = as_user(who)
        for name, pk in (("table", row.pk), ("table-marked", row.pk)):
            assert client.get(reverse(name, args=[pk])).status_code == 404, (who, name)
        for name in ("table-store", "table-undo", "table-cancel"):
            assert client.post(reverse(name, args=[row.pk])).status_code == 404, (who, name)
        for address in (f"/api/v1/tables/{row.pk}/{end}" for end in ("", "issues/", "faults.xlsx")):
            assert client.get(address).status_code == 404, (who, address)
        assert client.post(f"/api/v1/tables/{row.pk}/store/").status_code == 404
    assert as_user("stranger").get(reverse("table-list")).status_code == 404
    assert as_user().get(reverse("table-list")).status_code == 302
    assert as_user("reviewer").get(reverse("table", args=[row.pk])).status_code == 200
    assert post(as_user("other_committee")).status_code == 404
    assert TableImport.objects.get().state == "ready"


def test_the_form_says_what_is_wrong_with_it(village, cast, as_user):
    client = as_user("committee")
    answer = client.post(reverse("table-list"), {"kind": "facts", "division": world.LIUGOU, "file": file("")})
    assert answer.status_code == 400
    answer = post(as_user("reviewer"), kind="projects", division=world.COUNTY)
    assert answer.status_code == 400
    assert not TableImport.objects.exists()


def test_names_of_heads_of_households_stay_off_public_pages_and_the_api(village, cast, as_user, run_jobs):
    client = as_user("committee")
    address = post(client, "户号,户主,人数\n1,柳密名,4\n", kind="households").url
    run_jobs()
    client.post(reverse("table-store", args=[TableImport.objects.get().pk]))
    run_jobs()
    assert Household.objects.get().head_name == "柳密名"
    assert client.get(address).status_code == 200
    for who in (None, "stranger", "committee"):
        for path in (f"/villages/{world.LIUGOU}/", f"/api/v1/villages/{world.LIUGOU}/", "/api/v1/villages/"):
            assert "柳密名" not in as_user(who).get(path).content.decode(), (who, path)
    for path in (
        f"/api/v1/tables/{TableImport.objects.get().pk}/",
        f"/api/v1/tables/{TableImport.objects.get().pk}/issues/",
    ):
        assert "柳密名" not in client.get(path).content.decode()


def test_templates_are_there_for_those_who_may_hand_them_in(village, cast, as_user):
    client = as_user("committee")
    for extension in ("xlsx", "csv"):
        assert client.get(f"/tables/templates/facts.{extension}").status_code == 200
    assert client.get("/tables/templates/facts.exe").status_code == 404
    assert client.get("/tables/templates/divisions.xlsx").status_code == 404
    assert as_user("stranger").get("/tables/templates/facts.xlsx").status_code == 404
    assert as_user().get("/api/v1/tables/kinds/facts/template.xlsx").content[:2] == b"PK"
    assert as_user().get("/api/v1/tables/kinds/facts/template.csv").content.startswith(b"\xef\xbb\xbf")
    for extension in ("xlsx", "csv"):
        assert as_user().get(f"/api/v1/tables/kinds/nothing/template.{extension}").status_code == 404
    names = {kind["name"] for kind in as_user().get("/api/v1/tables/kinds/").json()}
    assert names == {"facts", "facilities", "hamlets", "households", "divisions", "projects", "targets"}


def test_the_api_takes_a_table_stores_it_and_takes_it_back(village, cast, as_user, run_jobs):
    client = as_user("committee")
    answer = client.post(
        "/api/v1/tables/", {"kind": "facts", "division": world.LIUGOU, "file": file(GOOD), "store": "true"}
    )
    assert answer.status_code == 202
    run_jobs()
    address = f"/api/v1/tables/{answer.json()['id']}/"
    found = client.get(address).json()
    assert (found["state"], found["counts"]["new"], found["counts"]["changed"]) == ("stored", 1, 1)
    assert client.post(f"{address}store/").status_code == 409
    assert client.post(f"{address}undo/").json()["state"] == "undone"
    answer = client.post("/api/v1/tables/", {"kind": "facts", "division": world.LIUGOU, "file": file(BAD)})
    run_jobs()
    issues = client.get(f"/api/v1/tables/{answer.json()['id']}/issues/").json()
    assert [(i["row"], i["column"], i["header"]) for i in issues["results"]] == [(2, "D", "数值")]


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (None, {}, 403), ("stranger", {}, 404), ("other_committee", {}, 404), ("township", {}, 403),
        ("committee", {"kind": "x"}, 400), ("committee", {"division": "110000000000"}, 404), ("committee", {"nonsense": "1"}, 400),
    ],
)  # fmt: skip
def test_the_api_says_no_in_its_own_shape(village, cast, as_user, who, body, status):
    answer = as_user(who).post(
        "/api/v1/tables/", {"kind": "facts", "division": world.LIUGOU, "file": file(GOOD), **body}
    )
    assert answer.status_code == status
    assert "error" in answer.json()
    assert not TableImport.objects.exists()


def test_a_cancelled_check_leaves_a_table_that_says_so(village, cast, as_user):
    client = as_user("committee")
    address = post(client).url
    row = TableImport.objects.get()
    client.post(reverse("table-cancel", args=[row.pk]))
    assert TableImport.objects.get().state == "failed"
    assert client.get(address).status_code == 200
