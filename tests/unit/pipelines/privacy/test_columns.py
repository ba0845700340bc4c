from __future__ import annotations

import json

import pytest

from staffcast_pipelines.privacy import redact_extras


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "Customer Name",
        "visitor_ip",
        "phone_number",
        "user_agent",
        "name",
        "customerName",
        "workPhone",
        "E-Mail-Adresse",
        "Straße",
        "zip",
        "postcode",
        "city",
        "billing_city",
        "shippingAddress",
        "address_line_1",
        "birth_date",
        "dob",
        "geburtsdatum",
        "password",
        "access_token",
        "api_key",
        "iban",
        "credit_card_number",
        "cvv",
        "ssn",
        "tax_id",
        "nombre",
        "apellidos",
        "correo",
        "teléfono",
        "móvil",
        "codice_fiscale",
        "indirizzo",
        "naam",
        "achternaam",
        "endereço",
        "cpf",
        "nom",
        "prénom",
        "adresse",
        "contact.email",
        "passport_no",
        "user[email]",
        "secondary_email_2",
        "ip",
        "sessionId",
        "mobile",
        "fax",
        "FirstName",
        "LASTNAME",
    ],
)
def test_columns_named_like_personal_data_keep_nothing(name: str) -> None:
    assert redact_extras({name: "x"}) == {name: "[private]"}


@pytest.mark.parametrize(
    "name",
    [
        "agent_name",
        "queue_name",
        "email_count",
        "plan",
        "product_name",
        "phone_model",
        "is_email_verified",
        "mobile_app_version",
        "campaign",
        "note",
        "order_id",
        "file_name",
        "address_type",
        "emails_sent",
        "capacity",
        "tokens_used",
        "velocity",
        "shipment",
        "",
        "123",
    ],
)
def test_other_columns_keep_their_cells(name: str) -> None:
    assert redact_extras({name: "x"}) == {name: "x"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('{"user": {"email": "x", "n": 3}}', '{"user": {"email": "[private]", "n": 3}}'),
        ('{"phone": 491701234567}', '{"phone": "[private]"}'),
        ('{"address": {"street": "A", "no": [1, {"x": 2}]}, "k": 1}', '{"address": "[private]", "k": 1}'),
        ('{"names": ["A", "B"], "k": null}', '{"names": "[private]", "k": null}'),
        ('{"email": null, "name": "", "phone": true}', '{"email": null, "name": "", "phone": true}'),
        ('[ "call +49 170 1234567",\n 1.10 ]', '[ "call [phone]",\n 1.10 ]'),
        ('{"a": "jo\\u0040example.org \\"x\\""}', '{"a": "[email] \\"x\\""}'),
        ('{"a": "{\\"email\\": \\"x\\"}"}', '{"a": "{\\"email\\": \\"[private]\\"}"}'),
        ('{"jo@example.org": 1}', '{"[email]": 1}'),
        ('{"orderNo": "2125550123", "tel": "x"}', '{"orderNo": "2125550123", "tel": "[private]"}'),
        ('{"contact_no": 491701234567}', '{"contact_no": "[phone]"}'),
        ('{"name": "Anna", "x', '{"name": "[private]", "[private]"'),
        ('{"address": {"street": "A', '{"address": "[private]"'),
        ("[call 0170 1234567] thanks", "[call [phone]] thanks"),
        ('{"note": "{not json} +49 170 1234567"}', '{"note": "{not json} [phone]"}'),
        ("{}", "{}"),
        ("[[[[", "[[[["),
    ],
)
def test_json_in_a_cell(cell: str, expected: str) -> None:
    assert redact_extras({"data": cell}) == {"data": expected}


def test_lone_surrogates_stay_escaped() -> None:
    redacted = redact_extras({"data": '{"a": "\\ud800 jo@example.org"}'})["data"]
    assert json.loads(redacted) == {"a": "\ud800 [email]"}
    assert redacted.isascii()


def test_a_deep_document_is_walked_without_recursion() -> None:
    deep = "[" * 50_000 + '"jo@example.org"' + "]" * 50_000
    assert redact_extras({"data": deep})["data"] == deep.replace("jo@example.org", "[email]")
