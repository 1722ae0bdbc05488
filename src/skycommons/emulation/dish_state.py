"""One dish, live: what it does when it is told to, and what it knows of itself at any instant.

Rules:

* A dish has no clock and no sockets: every call says what time it is, in UTC. Time never goes back; a call that comes late counts as now.
* What the dish does itself goes before what the network does to it: it boots, or is stowed, or must not use its radio, or sleeps, in
  this order; only a dish that does none of that has the outage of its last reading. While it does, its line is down.
* An outage begins and ends when its cause does: a boot or a sleep that ends between two readings ends at its own instant.
* A dish starts up and connected as its readings say; only a reboot takes time. It forgets its samples, its outages, its events and its
  map then, and keeps what its owner chose: the stow, both inhibitions and the settings.
* Any thread may call; each call is done whole before the next.

Source: what a reboot forgets is what readers of real dishes rely on: the count of samples begins anew.
"""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from skycommons.base.arrays import Floats
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_codes import OutageCause
from skycommons.emulation.dish_facts import DishFacts, DishReading, DishSettings, LocationRequests
from skycommons.emulation.dish_history import History, Outage, Recollection, Sample
from skycommons.emulation.dish_obstructions import ObstructionMap, ObstructionStats

DARK: Final = Sample(ping_drop_rate=1.0, ping_latency_s=0.0, down_bps=0.0, up_bps=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DishView:
    """All that a dish knows of itself at an instant, its history and its map aside.

    Attributes:
        time_ns: The instant, UTC.
        facts, settings: What it is, and what its owner chose.
        reading: The last one.
        booted_ns, boot_count: Of the boot that it lives in.
        was_told_to_boot: Whether that was a command.
        own: What it does itself that leaves it without connection; None for nothing.
        outage: The outage that lasts, its own or the network's; None where it is connected.
        connected_ns: When it was first connected after its boot; None if never.
        is_stowed, inhibits_gps, inhibits_rf: What it was told.
        obstruction: Its map in numbers.
        watched_s, obstructed_s: How long it could have seen obstructions, and saw one, since the map was cleared.
    """

    time_ns: int
    facts: DishFacts
    settings: DishSettings
    reading: DishReading
    booted_ns: int
    boot_count: int
    was_told_to_boot: bool
    own: OutageCause | None
    outage: Outage | None
    connected_ns: int | None
    is_stowed: bool
    inhibits_gps: bool
    inhibits_rf: bool
    obstruction: ObstructionStats
    watched_s: float
    obstructed_s: float

    @property
    def uptime_ns(self) -> int:
        """Since the boot."""
        return self.time_ns - self.booted_ns

    @property
    def sample(self) -> Sample:
        """What the last second was like."""
        return DARK if self.own is not None else _sample_of(self.reading)


@dataclass(slots=True, kw_only=True)
class _Life:
    """What a dish has only since its boot.

    Attributes:
        booted_ns, boot_end_ns: When the boot began, and when it is over.
        history: What it remembers.
        cause, cause_ns: The outage that lasts, and since when.
        satellite: That served it last.
        connected_ns: When it was first connected.
        watched_ns, obstructed_ns: How long it could have seen obstructions, and saw one.
    """

    booted_ns: int
    boot_end_ns: int
    history: History
    cause: OutageCause | None = None
    cause_ns: int
    satellite: int = -1
    connected_ns: int | None = None
    watched_ns: int = 0
    obstructed_ns: int = 0

    @staticmethod
    def begun(time_ns: int, *, boot_ns: int) -> "_Life":
        """With no memory of anything before an instant."""
        return _Life(booted_ns=time_ns, boot_end_ns=time_ns + boot_ns, history=History(time_ns), cause_ns=time_ns)


class Dish:
    """The live state of one dish."""

    def __init__(self, facts: DishFacts, booted_ns: int) -> None:
        self.facts: Final = facts
        self._lock = threading.Lock()
        self._time_ns = booted_ns
        self._reading = DishReading(time_ns=booted_ns, outage=OutageCause.NO_SCHEDULE, ping_drop_rate=1.0)
        location = LocationRequests.LOCAL if facts.tells_location else LocationRequests.NONE
        self._settings = DishSettings(location_request_mode=location)
        self._is_stowed = self._inhibits_gps = self._inhibits_rf = False
        self._boot_count = facts.boot_count
        self._was_told_to_boot = False
        self._map = ObstructionMap()
        self._life = _Life.begun(booted_ns, boot_ns=0)
        self._settle()

    def read(self, reading: DishReading) -> None:
        """Take what the network says."""
        with self._lock:
            self._advance(reading.time_ns)
            self._reading = reading
            self._settle()
            life = self._life
            if life.cause is None:
                life.satellite = reading.satellite
                life.connected_ns = self._time_ns if life.connected_ns is None else life.connected_ns
            sees = life.cause in {None, OutageCause.OBSTRUCTED}
            self._map.paint(
                reading.satellite,
                azimuth_rad=reading.azimuth_rad if sees else math.nan,
                elevation_rad=reading.elevation_rad if sees else math.nan,
                signal=reading.signal,
            )
            self._life.history.fill(self._time_ns, self._sample())

    def is_down(self, time_ns: int) -> bool:
        """Whether the dish itself carries nothing at an instant, whatever the network would: its line is down."""
        with self._lock:
            return self._own(max(time_ns, self._time_ns)) is not None

    def reboot(self, time_ns: int) -> None:
        """Boot anew, which takes its time."""
        with self._lock:
            self._advance(time_ns)
            self._boot_count += 1
            self._was_told_to_boot = True
            self._map.clear()
            self._life = _Life.begun(self._time_ns, boot_ns=round(self.facts.boot_s * NS_PER_S))
            self._life.history.note(self._time_ns, "reboot")
            self._settle()

    def stow(self, time_ns: int, *, unstow: bool = False) -> None:
        """Turn the face down, or up again."""
        with self._lock:
            self._obey(time_ns, "dish_stow unstow" if unstow else "dish_stow")
            self._is_stowed = not unstow
            self._settle()

    def inhibit_rf(self, time_ns: int, *, is_inhibited: bool) -> None:
        """Use the radio no more, or again."""
        with self._lock:
            self._obey(time_ns, f"dish_inhibit_rf {is_inhibited}")
            self._inhibits_rf = is_inhibited
            self._settle()

    def inhibit_gps(self, time_ns: int, *, is_inhibited: bool) -> None:
        """Use GPS no more, or again; service goes on without it."""
        with self._lock:
            self._obey(time_ns, f"dish_inhibit_gps {is_inhibited}")
            self._inhibits_gps = is_inhibited

    def configure(self, time_ns: int, wanted: Mapping[str, object]) -> DishSettings:
        """Take the settings whose ``apply_…`` is set, and tell all that hold now.

        Raises:
            InputError: A value is not in its range; nothing is changed.
        """
        with self._lock:
            settings = self._settings.applied(wanted)
            changed = [name for name in settings.__slots__ if wanted.get(f"apply_{name}")]
            self._obey(time_ns, " ".join(["dish_set_config", *changed]))
            self._settings = settings
            self._settle()
            return settings

    def clear_map(self, time_ns: int) -> None:
        """Forget which parts of the sky are free."""
        with self._lock:
            self._obey(time_ns, "dish_clear_obstruction_map")
            self._map.clear()
            self._life.watched_ns = self._life.obstructed_ns = 0

    def view(self, time_ns: int) -> DishView:
        """What the dish knows of itself at an instant."""
        with self._lock:
            self._advance(time_ns)
            return DishView(
                time_ns=self._time_ns,
                facts=self.facts,
                settings=self._settings,
                reading=self._reading,
                booted_ns=self._life.booted_ns,
                boot_count=self._boot_count,
                was_told_to_boot=self._was_told_to_boot,
                own=self._own(self._time_ns),
                outage=self._outage(),
                connected_ns=self._life.connected_ns,
                is_stowed=self._is_stowed,
                inhibits_gps=self._inhibits_gps,
                inhibits_rf=self._inhibits_rf,
                obstruction=self._map.stats(),
                watched_s=self._life.watched_ns / NS_PER_S,
                obstructed_s=self._life.obstructed_ns / NS_PER_S,
            )

    def recall(self, time_ns: int) -> Recollection:
        """A copy of what it remembers since its boot."""
        with self._lock:
            self._advance(time_ns)
            return self._life.history.recall()

    def obstruction_map(self) -> Floats:
        """``(123, 123)`` a copy of its map of the sky."""
        with self._lock:
            return self._map.signal()

    def last_time_ns(self) -> int:
        """The newest instant that it heard of."""
        with self._lock:
            return self._time_ns

    def _obey(self, time_ns: int, command: str) -> None:
        """Log a command, with everything before it told as it was."""
        self._advance(time_ns)
        self._life.history.fill(self._time_ns, self._sample())
        self._life.history.note(self._time_ns, command)

    def _own(self, time_ns: int) -> OutageCause | None:
        """What the dish does itself at an instant that leaves it without connection."""
        if time_ns < self._life.boot_end_ns:
            return OutageCause.BOOTING
        if self._is_stowed:
            return OutageCause.STOWED
        if self._inhibits_rf:
            return OutageCause.INHIBIT_RF
        return OutageCause.SLEEPING if self._settings.sleeps_at(time_ns) else None

    def _sample(self) -> Sample:
        """What a second is like now."""
        return DARK if self._own(self._time_ns) is not None else _sample_of(self._reading)

    def _advance(self, time_ns: int) -> None:
        """Live on to an instant, through everything that begins or ends by itself on the way."""
        while True:
            turns_ns = [self._life.boot_end_ns, self._settings.next_turn_ns(self._time_ns)]
            ahead_ns = [turn_ns for turn_ns in turns_ns if turn_ns is not None and self._time_ns < turn_ns <= time_ns]
            if not ahead_ns:
                break
            before = self._sample()
            self._pass(min(ahead_ns))
            self._life.history.fill(self._time_ns, before)
            self._settle()
        self._pass(max(time_ns, self._time_ns))

    def _pass(self, time_ns: int) -> None:
        """Let time go by in which nothing changes."""
        if self._life.cause in {None, OutageCause.OBSTRUCTED}:
            self._life.watched_ns += time_ns - self._time_ns
            self._life.obstructed_ns += 0 if self._life.cause is None else time_ns - self._time_ns
        self._time_ns = time_ns

    def _settle(self) -> None:
        """See whether another outage holds from now on."""
        own = self._own(self._time_ns)
        cause = self._reading.outage if own is None else own
        if cause == self._life.cause:
            return
        over = self._outage()
        if over is not None and over.duration_ns > 0:
            has_other = self._life.satellite >= 0 and self._reading.satellite not in {-1, self._life.satellite}
            self._life.history.end_outage(replace(over, did_switch=cause is None and has_other))
        self._life.cause, self._life.cause_ns = cause, self._time_ns

    def _outage(self) -> Outage | None:
        """The outage that lasts."""
        if self._life.cause is None:
            return None
        return Outage(
            cause=self._life.cause, begin_ns=self._life.cause_ns, duration_ns=self._time_ns - self._life.cause_ns
        )


def _sample_of(reading: DishReading) -> Sample:
    """The second that a reading tells of."""
    return Sample(
        ping_drop_rate=reading.ping_drop_rate,
        ping_latency_s=reading.ping_latency_s if math.isfinite(reading.ping_latency_s) else 0.0,
        down_bps=reading.down_bps,
        up_bps=reading.up_bps,
    )
