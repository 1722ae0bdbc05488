"""Answers about names: what the table holds, and nothing else."""

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.emulation.dns_answers import DnsTable

TABLE = DnsTable({"a.sky.example": ("100.64.0.2", "2001:db8::1"), "gateway.sky.example": ("100.64.0.1",)})
MANY = DnsTable({"many.example": [f"203.0.113.{last}" for last in range(1, 255)]})


def ask(name: str, kind: str, *, table: DnsTable = TABLE, **how: object) -> "dns.message.Message":
    """What the table answers to a question by UDP."""
    query = dns.message.make_query(name, kind, **how)  # type: ignore[arg-type] # passed on as they are
    answer = table.answer(query.to_wire(), most_bytes=512)
    assert answer is not None
    reply = dns.message.from_wire(answer)
    assert query.is_response(reply)
    return reply


def texts(reply: "dns.message.Message") -> list[str]:
    """The records of an answer."""
    return [rdata.to_text() for rrset in reply.answer for rdata in rrset]


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("a.sky.example", "A", ["100.64.0.2"]),
        ("A.SKY.example", "AAAA", ["2001:db8::1"]),
        ("a.sky.example", "ANY", ["100.64.0.2", "2001:db8::1"]),
        ("a.sky.example", "MX", []),
        ("gateway.sky.example", "AAAA", []),
        ("2.0.64.100.in-addr.arpa", "PTR", ["a.sky.example."]),
        ("1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", "PTR", ["a.sky.example."]),
    ],
)
def test_a_known_name_is_answered(name: str, kind: str, records: list[str]) -> None:
    """With authority; without records where it has none of the kind."""
    reply = ask(name, kind)
    assert texts(reply) == records
    assert reply.rcode() == dns.rcode.NOERROR
    assert reply.flags & dns.flags.AA
    assert not reply.flags & dns.flags.RA


@pytest.mark.parametrize("name", ["b.sky.example", "sky.example", "a.sky.example.org", "3.0.64.100.in-addr.arpa", "."])
def test_every_other_name_does_not_exist(name: str) -> None:
    """Nobody else is asked."""
    assert ask(name, "A").rcode() == dns.rcode.NXDOMAIN


def test_a_long_answer_is_cut_unless_who_asks_takes_it() -> None:
    """By EDNS, or by TCP."""
    reply = ask("many.example", "A", table=MANY)
    assert reply.flags & dns.flags.TC
    assert texts(reply) == []
    assert len(texts(ask("many.example", "A", table=MANY, use_edns=0, payload=8192))) == 254
    query = dns.message.make_query("many.example", "A").to_wire()
    whole = MANY.answer(query)
    assert whole is not None
    assert len(texts(dns.message.from_wire(whole))) == 254


def test_questions_of_another_kind_are_refused() -> None:
    """Each with its code."""
    update = dns.message.make_query("a.sky.example", "A")
    update.set_opcode(dns.opcode.STATUS)
    chaos = dns.message.make_query("version.bind", "TXT", "CH")
    none = dns.message.make_query("a.sky.example", "A")
    none.question.clear()
    signed = dns.message.make_query("a.sky.example", "A")
    signed.use_tsig(dns.tsigkeyring.from_text({"key.": "AAAA"}), "key.")
    for query, code in (
        (update, dns.rcode.NOTIMP),
        (chaos, dns.rcode.REFUSED),
        (none, dns.rcode.FORMERR),
        (signed, dns.rcode.REFUSED),
    ):
        answer = TABLE.answer(query.to_wire())
        assert answer is not None
        assert dns.message.from_wire(answer).rcode() == code


def test_an_answer_is_not_answered() -> None:
    """Two servers would never end."""
    query = dns.message.make_query("a.sky.example", "A")
    assert TABLE.answer(dns.message.make_response(query).to_wire()) is None


@given(st.binary(max_size=80))
def test_any_bytes_are_survived(query: bytes) -> None:
    """What is answered is an answer to it."""
    answer = TABLE.answer(query, most_bytes=512)
    if answer is not None:
        assert answer[:2] == query[:2]
        assert answer[2] & 0x80
        assert len(answer) <= 512
    if len(query) < 12:
        assert answer is None
