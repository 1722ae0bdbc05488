"""The messages of the dish's API, made from descriptors that lie in the package.

Rules: names and numbers are the interface's, so that programs made for real dishes understand ours; sources stand in
``data/dish`` and `scripts/compile_dish_interface.py` compiles them. The descriptors live in a pool of their own: a program that
carries somebody else's copy of the same interface can use this package in the same process.

What a dish answers is told as plain mappings of names to values, as JSON would be; an enumerator is its name or its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

PACKAGE: Final = "SpaceX.API.Device"
SERVICE: Final = f"{PACKAGE}.Device"
API_VERSION: Final = 17  # of the firmware whose replies were at hand


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interface:
    """The descriptors and the classes of the messages that cross the wire.

    Attributes:
        pool: All files of the interface.
        request, response: Of the unary method.
        to_device, from_device: Of the stream.
    """

    pool: DescriptorPool
    request: type[Message]
    response: type[Message]
    to_device: type[Message]
    from_device: type[Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request as plain values.

    Attributes:
        number: That its sender gave it; its answer carries the same.
        name: Which request; empty for none, or for one that this interface does not know.
        values: What it asks for, fields that were not set included.
        unknown: Field numbers that this interface does not know.
    """

    number: int
    name: str
    values: Mapping[str, object]
    unknown: tuple[int, ...]


@cache
def interface() -> Interface:
    """The interface, read once."""
    pool = DescriptorPool()
    compiled = files("skycommons").joinpath("data/dish/interface.protoset").read_bytes()
    for file in FileDescriptorSet.FromString(compiled).file:
        pool.Add(file)

    def message(name: str) -> type[Message]:
        return GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))

    return Interface(
        pool=pool,
        request=message("Request"),
        response=message("Response"),
        to_device=message("ToDevice"),
        from_device=message("FromDevice"),
    )


def question_of(request: Message) -> Question:
    """A request's number, name and values."""
    told = MessageToDict(request, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    name = request.WhichOneof("request") or ""
    unknown = UnknownFieldSet(request)
    return Question(
        number=int(told["id"]),
        name=name,
        values=told[name] if name else {},
        unknown=tuple(unknown[field].field_number for field in range(len(unknown))),
    )


def response_of(question: Question, answer: Mapping[str, object]) -> Message:
    """An answer, with the number of its question, ready to be sent."""
    return interface().response(id=question.number, api_version=API_VERSION, **answer)
