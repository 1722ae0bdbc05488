"""Answers to questions about names, from a table alone.

* Known names have A and AAAA records, known addresses PTR records. Every other name does not exist: nobody else is ever asked.
* Bytes in, bytes out; what is no question gets no answer.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

TTL_S: Final = 60
UDP_BYTES: Final = 512
"""Longest answer by UDP to who does not say that he takes more. Source: RFC 1035, section 4.2.1."""


class DnsTable:
    """Names and addresses.

    Args:
        addresses: IPv4 and IPv6 addresses by full name, without the last dot.
    """

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self._addresses = {dns.name.from_text(name).canonicalize(): tuple(own) for name, own in addresses.items()}
        self._names = {
            dns.reversename.from_address(address): f"{name}." for name, own in addresses.items() for address in own
        }

    def answer(self, query: bytes, *, most_bytes: int = 65_535) -> bytes | None:
        """Answer a question.

        Args:
            query: The message as it came.
            most_bytes: Longest answer; one that is longer is cut and says so.

        Returns:
            The message to send; nothing if there is no question to answer.
        """
        try:
            question = dns.message.from_wire(query, ignore_trailing=True)
        except dns.message.UnknownTSIGKey:
            return _bare(query, dns.rcode.REFUSED)
        except dns.exception.DNSException:
            return _bare(query, dns.rcode.FORMERR)
        if question.flags & dns.flags.QR:
            return None
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.AA
        if question.opcode() != dns.opcode.QUERY:
            reply.set_rcode(dns.rcode.NOTIMP)
        elif len(question.question) != 1:
            reply.set_rcode(dns.rcode.FORMERR)
        elif question.question[0].rdclass != dns.rdataclass.IN:
            reply.set_rcode(dns.rcode.REFUSED)
        else:
            self._fill(reply, question.question[0])
        allowed = max(most_bytes, question.payload) if most_bytes < UDP_BYTES + 1 else most_bytes
        try:
            return reply.to_wire(max_size=allowed)
        except dns.exception.TooBig:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            return reply.to_wire()

    def _fill(self, reply: "dns.message.Message", asked: "dns.rrset.RRset") -> None:
        """Put in what the table knows."""
        name = asked.name.canonicalize()
        records: list[tuple[str, str]] = []
        if name in self._addresses:
            records = [("AAAA" if ":" in address else "A", address) for address in self._addresses[name]]
        elif name in self._names:
            records = [("PTR", self._names[name])]
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        for kind, text in records:
            if asked.rdtype in {dns.rdatatype.from_text(kind), dns.rdatatype.ANY}:
                reply.answer.append(dns.rrset.from_text(asked.name, TTL_S, "IN", kind, text))


def _bare(query: bytes, code: "dns.rcode.Rcode") -> bytes | None:
    """An error about a message that cannot be read beyond its head; nothing if it is shorter or an answer itself."""
    if len(query) < 12 or query[2] & 0x80:
        return None
    return query[:2] + bytes([0x80 | (query[2] & 0x79), int(code)]) + bytes(8)
