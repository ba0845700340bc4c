from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.errors import ConfigError, SchemaError
from staffcast_pipelines.mapping import load_mapping, packaged_mappings

if TYPE_CHECKING:
    from pathlib import Path


def mapping_file(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_values_constants_and_times(desk: Any, tmp_path: Path) -> None:
    mapping = mapping_file(
        tmp_path,
        """
        table = "messages"
        delimiter = ";"
        encoding = "cp1252"
        timezone = "Europe/Berlin"
        ignore = ["secret"]

        [columns]
        message_id = { from = "Nr", type = "integer_text" }
        conversation_id = "Chat"
        timestamp = { from = "Zeit", time = "%d.%m.%Y %H:%M" }
        sender_type = { from = "Wer", values = { Kunde = "customer", "Müller" = "agent" } }
        is_canned = { from = "Vorlage", values = { ja = true, nein = false } }

        [constants]
        visibility = "public"
        """,
    )
    content = (
        "Nr;Chat;Zeit;Wer;Vorlage;secret;note\n"
        "1.0;c1;02.11.2026 10:00;kunde;nein;x;y\n"
        "2.0;c1;02.11.2026 10:05;MÜLLER;ja;x;\n"
        "3.0;c1;02.11.2026 10:06;jemand;ja;x;\n"
    )
    path = desk.write("export.txt", content.encode("cp1252"))
    (load,) = desk.ingest(path, mapping=mapping).files
    assert (load.n_new, load.n_quarantined, load.columns_as_extra) == (2, 1, ("note",))
    rows = desk.rows(
        "select message_id, timestamp_us, sender_type, is_canned, visibility, extra from messages order by 1"
    )
    nine = 1793610000000000
    assert rows == [
        ("1", nine, "customer", False, "public", '{"note": "y"}'),
        ("2", nine + 300_000_000, "agent", True, "public", None),
    ]


def test_json_lines_with_epochs(desk: Any, tmp_path: Path) -> None:
    mapping = mapping_file(
        tmp_path,
        """
        table = "agent_status"
        format = "jsonl"
        [columns]
        started_at = { from = "start", time = "epoch_ms" }
        """,
    )
    path = desk.write("log.txt", '{"agent_id": "a1", "status": "online", "start": 1793610000000}\n')
    desk.ingest(path, mapping=mapping)
    assert desk.rows("select agent_id, status, started_at_us from agent_status") == [
        ("a1", "online", 1793610000000000)
    ]


def test_a_column_that_the_file_lacks_is_named(desk: Any, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path, 'table = "agents"\n[columns]\nagent_id = "Agent_Id"\n')
    path = desk.write("x.csv", "agent_id\na1\n")
    with pytest.raises(SchemaError, match=r"fills agent_id from 'Agent_Id'.*did you mean 'agent_id'\?"):
        desk.ingest(path, mapping=mapping)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'table' is missing"),
        ('table = "message"', "did you mean 'messages'?"),
        ('table = "messages"\ncolums = 1', "unknown key 'colums' (did you mean 'columns'?)"),
        ('table = "messages"\n[columns]\ntime_stamp = "x"', "did you mean 'timestamp'?"),
        ('table = "messages"\n[columns]\ntimestamp = { form = "x" }', "must name a column of the file"),
        ('table = "messages"\n[columns]\ntimestamp = { from = "x", tme = "iso" }', "did you mean 'time'?"),
        ('table = "messages"\n[columns]\ntimestamp = { from = "x", time = "epoch" }', "unknown time 'epoch'"),
        ('table = "messages"\n[columns]\ntext = { from = "x", time = "iso" }', "is not a time"),
        (
            'table = "messages"\n[columns]\nreply_to = { from = "x", type = "int" }',
            "known: integer_text, text",
        ),
        (
            'table = "messages"\n[columns]\ntext = "x"\n[constants]\ntext = "y"',
            "in [columns] and in [constants]",
        ),
        ('table = "messages"\ntimezone = "Mars/Base"', "unknown time zone"),
        ('table = "messages"\nformat = "xlsx"', "is unknown"),
        ('table = "messages"\ndelimiter = 5', "must be a text"),
        ('table = "agents"\nreply_chain = "reply_to"', "is unknown"),
        ("table = ", "is not TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_mapping(mapping_file(tmp_path, text))
    assert message in str(caught.value)
    assert "own.toml" in str(caught.value) or "time zone" in message


def test_a_missing_mapping_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the mapping"):
        load_mapping(tmp_path / "absent.toml")


def test_another_mapping_is_another_load(desk: Any, tmp_path: Path) -> None:
    path = desk.write("x.csv", "agent_id,label\na1,Red\n")
    desk.ingest(path, mapping=mapping_file(tmp_path, 'table = "agents"'))
    changed = mapping_file(tmp_path, 'table = "agents"\n[columns]\nteam = "label"')
    (load,) = desk.ingest(path, mapping=changed).files
    assert not load.already_loaded


@pytest.mark.parametrize("name", sorted(packaged_mappings()))
def test_packaged_mappings_are_valid(tmp_path: Path, name: str) -> None:
    load_mapping(mapping_file(tmp_path, packaged_mappings()[name]))
