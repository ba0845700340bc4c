"""Identifiers that look alike, or unlike, and files that were there before."""

from __future__ import annotations

import gzip
import random
import shutil

import pytest
from tests.contract.pipelines.hostile_desk import CLEAN, COLUMNS, Desk, csv_text

TEXT = csv_text(*CLEAN)
TIME = "2026-11-02T09:00:00Z"
AGENTS = "agent_id,name,team\n"


def agents(desk: Desk) -> list[tuple[str | None, ...]]:
    return desk.rows("select agent_id, name from agents order by agent_id")


def test_ids_that_look_alike_stay_apart(desk: Desk) -> None:
    ids = [
        "007",
        "7",
        "7.0",
        "NULL",
        "null",
        "nan",
        "NaN",
        "None",
        "true",
        "-0",
        "0",
        "A1",
        "a1",
        "1e5",
        "Ａ1",
        "ß",
        "ss",
    ]
    load = desk.load("agents.csv", AGENTS + "".join(f"{agent},n,t\n" for agent in ids))
    assert load.n_new == len(ids)
    assert {agent for agent, _ in agents(desk)} == set(ids)


def test_an_empty_id_is_put_aside(desk: Desk) -> None:
    content = AGENTS + 'a1,n,t\n,n,t\n  ,n,t\n\u200b\ufeff ,n,t\n"",n,t\n'
    desk.load("agents.csv", content)
    assert desk.faults() == [(line, "agent_id", "is required but empty") for line in (3, 4, 5, 6)]


@pytest.mark.parametrize("n_chars", [10_000, 900_000])
def test_long_ids_are_ids(desk: Desk, n_chars: int) -> None:
    ids = ["x" * n_chars, "x" * (n_chars - 1) + "y"]
    desk.load("agents.csv", AGENTS + "".join(f"{agent},n,t\n" for agent in ids))
    assert [agent for agent, _ in agents(desk)] == ids


def test_marks_and_spaces_around_an_id_are_no_part_of_it(desk: Desk) -> None:
    forms = [
        "a1",
        " a1 ",
        "\ta1",
        "\u00a0a1\u3000",
        "\u200ba1\ufeff",
        "\u202ea1\u202c",
        "\u200ea1\u200f",
        "\u2066a1\u2069",
        "\r a1\x0b",
    ]
    for number, form in enumerate(forms):
        load = desk.load(f"agents-{number}.csv", AGENTS + f'"{form}","{form}",t\n')
        assert load.n_new + load.n_duplicate == 1
    assert agents(desk) == [("a1", "a1")]


def test_unseen_characters_within_an_id_are_kept_and_said(desk: Desk) -> None:
    load = desk.load("agents.csv", AGENTS + "a\u200b1,n,t\na1,n,t\na\x1b[31m1,n,t\na\u202e1,n,t\n")
    assert load.n_new == 4
    assert "agent_id: holds an unseen character" in str(load)


def test_composed_and_decomposed_names_are_one(desk: Desk) -> None:
    for number, form in enumerate(("Ren\u00e9", "Rene\u0301", "\u212b", "\u00c5", "A\u030a")):
        desk.load(f"agents-{number}.csv", AGENTS + f"{form},{form},t\n")
    assert agents(desk) == [("Ren\u00e9", "Ren\u00e9"), ("\u00c5", "\u00c5")]
    for number, form in enumerate(("Ren\u00e9", "Rene\u0301")):
        desk.load(
            f"conversations-{number}.csv",
            f"conversation_id,created_at,customer_id\nc{number},{TIME},{form}\n",
        )
    assert desk.rows("select count(distinct customer_key) from conversations") == [(1,)]


def test_texts_are_kept_as_they_are(desk: Desk) -> None:
    texts = [
        " padded ",
        "Rene\u0301",
        "\u202eright to left\u202c",
        "\u200b",
        "a\tb",
        "\x1b[31mred",
        "👩\u200d💻",
    ]
    rows = (("m" + str(number), "c1", TIME, "customer", "", text) for number, text in enumerate(texts))
    desk.load("messages.csv", csv_text(*rows))
    assert [text for (text,) in desk.rows("select text from messages order by message_id")] == texts


def test_no_reason_repeats_a_cell(desk: Desk) -> None:
    person = "Agathe Bauer"
    table = "surveys"
    columns = ("survey_id", "conversation_id", "sent_at", "csat", "resolved")
    good = ("s1", "c1", TIME, "5", "yes")
    rows = [good, *((f"x{number}", *good[1:number], person, *good[number + 1 :]) for number in (2, 3, 4))]
    load = desk.load(f"{table}.csv", csv_text(*rows, columns=columns))
    assert load.n_quarantined == 3
    said = str(load) + str(desk.rows("select * exclude (row_hash) from quarantine"))
    assert "Agathe" not in said
    assert "Bauer" not in said
    load = desk.load(
        "messages.csv", TEXT + f"m9,c1,{TIME},{person},,x\nm10,c1,{TIME},custmer,,x\nm11,c1,{person},bot,,x\n"
    )
    said = str(load) + str(desk.rows("select * exclude (row_hash) from quarantine"))
    assert "Agathe" not in said
    assert "unknown value 'custmer': did you mean 'customer'?" in said


def test_the_same_again_changes_nothing(desk: Desk) -> None:
    desk.load("messages.csv", TEXT, source="s1")
    again = desk.load("messages.csv", TEXT, source="s1")
    assert again.already_loaded
    renamed = desk.load("messages-copy.csv.gz", gzip.compress(TEXT.encode()), source="s1")
    assert (renamed.n_new, renamed.n_updated, renamed.n_quarantined) == (0, 0, 0)
    twice = desk.load("messages-twice.csv", TEXT + TEXT.partition("\n")[2], source="s1")
    assert (twice.n_new, twice.n_updated, twice.n_duplicate) == (0, 0, 10)
    assert desk.rows("select count(*) from messages") == [(5,)]


def test_the_order_of_rows_plays_no_part(desk: Desk) -> None:
    for seed in range(5):
        rows = random.Random(seed).sample(CLEAN, len(CLEAN))  # noqa: S311 - reproducible, not secret
        desk.loads_as_clean("messages.csv", csv_text(*rows))


def test_a_repeated_row_is_a_duplicate(desk: Desk) -> None:
    load = desk.load("messages.csv", csv_text(*CLEAN, *CLEAN[:3]))
    assert (load.n_rows, load.n_new, load.n_duplicate) == (8, 5, 3)
    without_ids = [row[1:] for row in CLEAN]
    load = desk.load("messages.csv", csv_text(*without_ids, columns=COLUMNS[1:]), source="no ids")
    assert load.n_new == 5


def test_a_copy_beside_the_original_is_no_second_export(desk: Desk) -> None:
    path = desk.write("export/messages.csv", TEXT)
    shutil.copy(path, path.with_name("messages-copy.csv"))
    loads = desk.ingest(path.parent)
    assert sum(load.n_new for load in loads) == 5
    assert desk.rows("select count(*) from messages") == [(5,)]
