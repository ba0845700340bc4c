"""Names and addresses of the customer's own record, in whatever order record, link and text arrive."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CUSTOMERS = "customer_id,name,street\nu1,Anna Müller,Lindenweg 12\nu2,Bert Vos,\n"
CONVERSATIONS = (
    "conversation_id,created_at,customer_id\nc1,2026-11-02T09:00:00Z,u1\nc2,2026-11-02T09:00:00Z,u2\n"
)
MESSAGES = """message_id,conversation_id,timestamp,sender_type,sender_id,text,mood
m1,c1,2026-11-02T09:00:00Z,agent,a1,Dear Anna Mueller of Lindenweg 12,Anna is glad
m2,c2,2026-11-02T09:01:00Z,agent,a1,Dear Anna and Bert,
"""
FILES = {"customers.csv": CUSTOMERS, "conversations.csv": CONVERSATIONS, "messages.csv": MESSAGES}
MARKED = [
    ("m1", "Dear [name] of [address]", '{"mood": "[name] is glad"}'),
    ("m2", "Dear Anna and [name]", None),
]


@pytest.mark.parametrize("order", list(itertools.permutations(FILES)), ids=" ".join)
def test_what_is_known_is_marked_in_any_order(desk: Any, order: tuple[str, ...]) -> None:
    for name in order:
        desk.load(name, FILES[name])
    assert desk.rows("select message_id, text, extra from messages order by message_id") == MARKED


def test_a_folder_is_marked_before_it_is_stored(desk: Any) -> None:
    for name, content in FILES.items():
        path = desk.write(f"export/{name}", content)
    desk.ingest(path.parent)
    assert desk.rows("select message_id, text, extra from messages order by message_id") == MARKED


def test_the_sender_is_a_link_too(desk: Any) -> None:
    desk.load("customers.csv", CUSTOMERS)
    desk.load(
        "messages.csv",
        "message_id,conversation_id,timestamp,sender_type,sender_id,text\n"
        "m1,c9,2026-11-02T09:00:00Z,customer,u1,this is anna\n"
        "m2,c9,2026-11-02T09:00:01Z,agent,a1,hello anna\n",
    )
    assert {text for (text,) in desk.rows("select text from messages")} == {"this is [name]", "hello [name]"}


def test_names_are_stored_as_hashes_only(desk: Any) -> None:
    desk.load("customers.csv", CUSTOMERS)
    terms = desk.rows("select kind, term_hash from customer_terms")
    assert {kind for kind, _ in terms} == {"name", "address"}
    assert all(len(value) == 32 for _, value in terms)


def test_raw_text_is_left_alone(make_desk: Callable[[str], Any]) -> None:
    raw = make_desk("raw")
    raw.load("customers.csv", CUSTOMERS, keep_text="raw")
    raw.load("conversations.csv", CONVERSATIONS, keep_text="raw")
    raw.load("messages.csv", MESSAGES, keep_text="raw")
    assert ("Dear Anna and Bert",) in raw.rows("select text from messages")


def test_loading_again_changes_nothing(desk: Any) -> None:
    for name in ("messages.csv", "conversations.csv", "customers.csv"):
        desk.load(name, FILES[name])
    load = desk.load("messages-2.csv", MESSAGES + "\n")
    assert (load.n_new, load.n_updated, load.n_duplicate) == (0, 0, 2)
    assert desk.rows("select message_id, text, extra from messages order by message_id") == MARKED
