"""Pictures and documents of pets, through the pages."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from pets.changes.files import sweep_files
from pets.db import db
from pets.fields.album import Album
from pets.models.file import File
from tests.files.test_picture import sent
from tests.views.test_jobs import to_the_end

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def send(edith):
    """`send(picture, …)`: send files of pet number 1 through its form."""

    def send(*files, person=edith):
        named = [(BytesIO(content), f"picture {number}.jpg") for number, content in enumerate(files, 1)]
        return person.fill("/pets/1/files", action="/pets/1/files", files=named)

    return send


@pytest.fixture
def album(facts_now):
    return lambda: Album.of(facts_now(1))


def pictures(page):
    return [image["src"].split("/")[-2] for image in page.select("main img.thumb")]


def colour(answer):
    """What a picture that was answered shows."""
    return Image.open(BytesIO(answer.data)).convert("RGB").getpixel((5, 5))


@pytest.mark.on_both
def test_the_first_picture_is_the_face_and_undo_takes_it_back(edith, vera, rex, send, album):
    answer = send(sent(), sent(colour="blue"), PDF)
    assert answer.status_code == 303
    face, files = album()
    assert [file.kind for file in files] == ["image/webp", "application/pdf"]
    page = edith.get(answer.location).page
    assert "3 files were added to “Rex”" in page.text
    assert {face, files[0].digest} <= set(pictures(page))
    assert page.one(".gallery a.document")["href"] == f"/files/{files[1].digest}"
    assert face in pictures(vera.get("/history/2").page)
    page = edith.post("/history/2/undo", back="/pets/1", follow_redirects=True).page
    assert "Undone: the change to the photo, pictures and documents of Rex" in page.one(".flash").text
    assert album() == Album("", ())
    assert set(pictures(edith.get("/pets/1").page)) >= {face}  # in the history


def test_a_file_is_sent_as_it_is_kept_and_cached_for_good(edith, vera, rex, send, album, stranger):
    send(sent((2000, 1000)), PDF)
    face, [document] = album()
    large, thumb, paper = (vera.get(f"/files/{name}") for name in (face, f"{face}/thumb", document.digest))
    assert (large.content_type, thumb.content_type, paper.content_type) == (
        *["image/webp"] * 2,
        "application/pdf",
    )
    assert Image.open(BytesIO(large.data)).size == (1024, 512)
    assert paper.data == PDF
    assert paper.headers["Content-Disposition"].startswith("attachment")
    assert "private" in large.headers["Cache-Control"]
    assert "max-age=31536000" in large.headers["Cache-Control"]
    again = vera.get(f"/files/{face}", headers={"If-None-Match": large.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert stranger.get(f"/files/{face}").status_code == 303
    assert vera.get(f"/files/{document.digest}/thumb").status_code == 404
    assert vera.get(f"/files/{'0' * 64}").status_code == 404


def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(edith, rex, send, album):
    answer = send(b"MZ a program", sent())
    assert answer.status_code == 422
    assert "“picture 1.jpg”: This file is not a picture that can be read." in answer.page.text
    assert album().face
    assert "Choose a picture or a document" in edith.fill("/pets/1/files", action="/pets/1/files").page.text
    assert send(b"%PDF-1.7 cut off").status_code == 422


@pytest.mark.on_both
def test_the_same_file_twice_is_there_once(session, edith, rex, send, album):
    send(sent(), sent(colour="blue"), sent())
    assert "2 files were added to “Rex”" in edith.get("/pets/1").page.text
    send(sent(), sent(colour="blue"))
    assert "“Rex” has what was sent already." in edith.get("/pets/1").page.text
    assert len(album().files) == 1
    assert session.scalar(select(func.count()).select_from(File)) == 2


def test_a_document_is_called_as_its_file_is(edith, rex, album):
    files = [(BytesIO(PDF), "Vaccination  2024.PDF"), (BytesIO(PDF + b"\n"), "x" * 300 + ".pdf")]
    edith.fill("/pets/1/files", action="/pets/1/files", files=files)
    assert [file.caption for file in album().files] == ["Vaccination 2024", "x" * 200]
    page = edith.get("/pets/1").page
    assert page.select(".gallery a.document")[0]["download"] == "Vaccination 2024.pdf"
    assert "pictures and documents added" in " ".join(page.one(".diff").text.split())


def test_another_face_a_caption_and_a_removal(edith, rex, send, album):
    send(sent(), sent(colour="blue"))
    face, [other] = album()
    here = f"/pets/1/files/{other.digest}"
    page = edith.get("/pets/1/files").page
    assert page.submit(edith, "Save the caption", action=here, caption="At  home").status_code == 303
    assert [file.caption for file in album().files] == ["At home"]
    edith.get("/pets/1/files").page.submit(edith, "Use as the photo", action=here)
    assert album().face == other.digest
    assert [file.digest for file in album().files] == [face]
    page = edith.get("/pets/1/files").page
    page.submit(edith, "Remove the photo", action=here)
    assert album().face == ""
    long = edith.get("/pets/1/files").page
    answer = long.submit(edith, "Save the caption", action=f"/pets/1/files/{face}", caption="x" * 300)
    assert answer.status_code == 422
    typed = answer.page.one('[aria-invalid="true"]')
    assert (typed["name"], typed["value"]) == ("caption", "x" * 300)
    assert answer.page.links["This caption is 300 characters long. Shorten it to 200."] == f"#{typed['id']}"


def test_more_files_than_a_pet_can_have_are_refused_at_their_field(edith, rex, send, album, monkeypatch):
    monkeypatch.setattr("pets.fields.pictures.MOST", 1)
    answer = send(sent(), PDF, PDF + b"\n")
    assert answer.status_code == 422
    assert "A pet can have 1 files." in answer.page.one("#files-problem").text
    assert not album()


@pytest.mark.on_both
def test_two_who_add_files_at_once_both_keep_them(edith, ada, rex, send, album):
    send(sent())
    old = ada.get("/pets/1/files").page
    send(PDF)
    digest = album().face
    answer = old.submit(ada, "Remove the photo", action=f"/pets/1/files/{digest}")
    assert answer.status_code == 303
    assert album().face == ""
    assert [file.kind for file in album().files] == ["application/pdf"]


@pytest.mark.on_both
def test_two_who_caption_one_picture_are_asked(edith, ada, rex, send, album):
    send(sent(), sent(colour="blue"))
    here = f"/pets/1/files/{album().files[0].digest}"
    mine, theirs = edith.get("/pets/1/files").page, ada.get("/pets/1/files").page
    theirs.submit(ada, "Save the caption", action=here, caption="asleep")
    answer = mine.submit(edith, "Save the caption", action=here, caption="awake")
    assert answer.status_code == 409
    assert [file.caption for file in album().files] == ["asleep"]
    name = answer.page.one('input[type="radio"][value="set"]')["name"]
    assert answer.page.submit(edith, **{name: "set"}).status_code == 303
    assert [file.caption for file in album().files] == ["awake"]


@pytest.mark.parametrize(("content", "told"), [(sent(colour="blue"), "a picture"), (PDF, "a document")])
def test_a_file_without_a_caption_is_told_as_what_it_is(edith, ada, rex, send, album, content, told):
    send(sent(), content)
    here = f"/pets/1/files/{album().files[0].digest}"
    edith.fill("/pets/1/files", "Save the caption", action=here, caption="asleep")
    form = edith.get("/pets/1/edit").page.form("/pets/1/edit")
    ada.fill("/pets/1/files", "Save the caption", action=here, caption="")
    page = edith.get(form.submit(edith, name="Max").location).page
    assert f"In the meantime Ada changed it: pictures and documents to “{told}”." in page.one(".flash").text


@pytest.mark.on_both
def test_other_edits_leave_them_alone_and_a_merge_keeps_both(edith, add_pet, rex, send, album, facts_now):
    send(sent(), PDF)
    kept = album()
    edith.fill("/pets/1/edit", name="Max")
    assert album() == kept
    add_pet("Max", "dog", age=2)
    answer = edith.fill("/duplicates/2/1", "Add to draft", photo="goes")
    assert answer.status_code == 303
    edith.get("/draft").page.form("/draft/save").submit(edith)
    assert Album.of(facts_now(2)) == kept


def test_a_removed_pet_comes_back_with_its_face(edith, rex, send, album):
    send(sent())
    face = album().face
    edith.get("/pets/1").page.submit(edith, "Remove", action="/pets/1/delete")
    gone = edith.get("/pets/1").page
    assert face in pictures(gone)
    edith.post("/history/3/undo")
    assert album().face == face


@pytest.mark.on_both
def test_only_what_nothing_names_is_swept(app, clock, rex, send, album):
    send(sent())
    face = album().face
    with app.app_context():
        File.keep([File.made(sent(colour="blue"))])
        db.session.commit()
        assert sweep_files() == 0
        clock.forward(days=2)
        assert sweep_files() == 1
        assert File.sent(face, small=False)


@pytest.mark.parametrize("path", ["/pets/1/files", f"/pets/1/files/{'0' * 64}"])
def test_who_may_only_look_sends_nothing(vera, rex, path):
    assert vera.post(path, version="1").status_code == 403


def test_what_is_no_file_of_the_pet_is_not_found(edith, rex):
    assert edith.post(f"/pets/1/files/{'0' * 64}", version="1", do="face").status_code == 404
    assert edith.get("/pets/7/files").status_code == 404


def send_many(person, *named):
    files = [(BytesIO(content), name) for name, content in named]
    return person.fill("/photos", action="/photos", files=files)


@pytest.mark.on_both
def test_many_pictures_find_their_pets_by_their_names(edith, add_pet, facts_now):
    for name in ("Rex", "Mia", "Max", "Max"):
        add_pet(name, "dog")
    answer = send_many(
        edith,
        ("rex.JPG", sent()),
        ("Rex (2).jpg", sent(colour="blue")),
        ("2.png", sent(colour="green")),
    )
    assert (answer.status_code, answer.location) == (303, "/draft")
    page = edith.get("/draft").page
    assert "3 pictures are in your draft." in page.text
    assert len(pictures(page)) == 3
    page.form("/draft/save").submit(edith)
    rex, mia = Album.of(facts_now(1)), Album.of(facts_now(2))
    assert (bool(rex.face), len(rex.files), bool(mia.face)) == (True, 1, True)


def test_of_many_pictures_it_says_which_found_no_pet(edith, add_pet):
    for name in ("Max", "Max"):
        add_pet(name, "dog")
    answer = send_many(edith, ("max.jpg", sent()), ("IMG_2041.jpg", sent()), ("1.jpg", b"no picture"))
    assert answer.status_code == 422
    for words in (
        "Several pets are called “Max”",
        "No pet is called “IMG_2041”",
        "“1.jpg”: This file is not a picture",
    ):
        assert words in answer.page.text


def test_many_pictures_are_read_behind_a_page_that_tells_of_it(edith, add_pet):
    for number in range(5):
        add_pet(f"Pet {number}", "dog")
    answer = send_many(
        edith, *((f"{number}.jpg", sent(colour=(number * 40, 0, 0))) for number in range(1, 6))
    )
    assert to_the_end(edith, answer) == "/draft"
    assert "5 pictures are in your draft." in edith.get("/draft").page.text


def test_all_that_was_left_out_is_named(edith, add_pet):
    add_pet("Rex", "dog")
    answer = send_many(edith, ("Rex.jpg", sent()), *((f"nobody {n}.jpg", sent()) for n in "abcdefg"))
    page = edith.get(to_the_end(edith, answer)).page
    assert "1 picture is in your draft." in page.text
    assert page.links["Your draft"] == "/draft"
    assert page.one("#left").text == "7 pictures were left out"
    assert (len(page.select("section > ul > li")), len(page.select("details li"))) == (5, 2)
    assert page.one("summary").text == "2 more"
    assert "“nobody g.jpg”: No pet is called “nobody g”." in page.text


def test_a_face_stands_wherever_its_pet_does(edith, vera, add_pet, rex, send, album):
    add_pet("Rexx", "dog", age=2)
    send(sent())
    face = album().face
    [row, other] = vera.get("/pets/").page.select("tbody tr")
    assert row.one("img")["src"] == f"/files/{face}/thumb"
    assert not other.select("img")
    assert face in pictures(vera.get("/duplicates").page)
    assert face in pictures(edith.get("/duplicates/2/1").page)
    edith.fill("/pets/1/edit", "Add to draft", notes="shy")
    assert face in pictures(edith.get("/draft").page)


def test_the_command_takes_away_what_was_never_saved(app, clock, run):
    with app.app_context():
        File.keep([File.made(sent())])
        db.session.commit()
    clock.forward(days=2)
    assert "1 file was taken away." in run("sweep")


@pytest.mark.on_both
def test_pets_without_a_photo_are_found(edith, vera, add_pet, rex, send):
    add_pet("Tom", "cat"), add_pet("Nala", "cat")
    send(sent())
    assert [link.text for link in vera.get("/pets/?without=photo").page.select("th.pet a")] == ["Nala", "Tom"]
    assert "2 pets match" in vera.get("/pets/?without=photo&type=cat&sort=-name").page.text
