"""The thread that tells dishes of their network, and the network of its dishes.

Rules: once a second of the machine's clock each dish is told how it stands; ten times a second it is asked whether it lies down,
boots, sleeps or must not send, and its lines are cut while it does. What a dish shall do at a known instant is done then.
"""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, SkycommonsError
from skycommons.emulation.dish_pings import unanswered_share
from skycommons.emulation.dish_readings import cell_of, reading_of
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.line_backend import LineBackend
from skycommons.emulation.line_overlay import cut
from skycommons.emulation.live_state import Names, slot_at, terminals_at
from skycommons.emulation.pace import Pace
from skycommons.emulation.player import Player
from skycommons.emulation.world_state import instant_of
from skycommons.model.emulation_rules import DishEvent, DishReboots, DishStows, DishUnstows
from skycommons.model.scenario import Scenario

TICK_S: Final = 0.1
_TICKS_A_READING: Final = 10


class DishFeeder:
    """Keeps dishes and lines true to each other."""

    def __init__(
        self,
        scenario: Scenario,
        names: Names,
        dishes: Sequence[Dish],
        *,
        player: Player,
        pace: Pace,
        backend: LineBackend,
    ) -> None:
        """Prepare it.

        Args:
            scenario: Of the run.
            names: What rows are called.
            dishes: One a terminal.
            player: Whose lines are cut.
            pace: Emulated time.
            backend: What counts.
        """
        self._scenario, self._names, self._dishes = scenario, names, tuple(dishes)
        self._player, self._pace, self._backend = player, pace, backend
        self._cells = tuple(cell_of(scenario, name) for name in names.terminals)
        self._orders: list[tuple[int, DishEvent]] = []
        self._lock = threading.Lock()
        self._is_down = [False] * len(self._dishes)
        self._counted: Ints = backend.counters().delivered_bytes.copy()
        self._counted_mono_ns = pace.now_mono_ns()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dishes", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a second call does nothing."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def order(self, event: DishEvent) -> None:
        """Let a dish do something at an instant."""
        at_ns = instant_of(event, self._scenario.start_ns)
        with self._lock:
            self._orders.append((at_ns, event))

    def tick(self, *, tells: bool) -> None:
        """Do what is due.

        Args:
            tells: Whether dishes are told how they stand, too.
        """
        now_ns = self._pace.now_ns()
        with self._lock:
            due = sorted((one for one in self._orders if one[0] <= now_ns), key=lambda one: one[0])
            self._orders = [one for one in self._orders if one[0] > now_ns]
        for _, event in due:
            self._obey(event, now_ns)
        for row, dish in enumerate(self._dishes):
            is_down = dish.is_down(now_ns)
            if is_down and not self._is_down[row]:
                self._player.darken(row, begin_ns=now_ns, why="its dish is down")
            elif self._is_down[row] and not is_down:
                self._player.lighten(row, end_ns=now_ns)
            self._is_down[row] = is_down
        if tells:
            self._tell(now_ns)

    def _run(self) -> None:
        """Tick until told to stop; what fails is the player's to tell."""
        count = 0
        while not self._stop.wait(TICK_S):
            try:
                self.tick(tells=count % _TICKS_A_READING == 0)
            except SkycommonsError as error:
                self._player.fail(error)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, who asks next is told
                self._player.fail(HostError(f"feeding the dishes failed: {type(error).__name__}: {error}"))
                return
            count += 1

    def _obey(self, event: DishEvent, now_ns: int) -> None:
        """Let a dish do what it was ordered to."""
        dish = self._dishes[self._names.terminals.index(event.terminal)]
        match event:
            case DishStows():
                dish.stow(now_ns)
            case DishUnstows():
                dish.stow(now_ns, unstow=True)
            case DishReboots():
                dish.reboot(now_ns)

    def _tell(self, now_ns: int) -> None:
        """Tell each dish how it stands."""
        counted, mono_ns = self._backend.counters().delivered_bytes.copy(), self._pace.now_mono_ns()
        span_s = max((mono_ns - self._counted_mono_ns) / NS_PER_S, 1e-3)
        carried = counted - self._counted
        self._counted, self._counted_mono_ns = counted, mono_ns
        slots, dark = self._player.slots, self._player.dark
        slot, begun = slot_at(slots, now_ns), slot_at(slots, now_ns - NS_PER_S)
        lately = [one for one in slots if begun.lines.begin_ns <= one.lines.begin_ns <= slot.lines.begin_ns]
        for now in terminals_at(slot, now_ns, self._names, dark=dark):
            own = [span for span in dark if span.terminal == now.row]
            up, down = (cut([row for one in lately for row in one.rows[2 * now.row + side]], own) for side in (0, 1))
            reading = reading_of(
                *(slot, now),
                cell=self._cells[now.row],
                delivered_bytes=np.asarray(carried[2 * now.row : 2 * now.row + 2]),
                span_s=span_s,
                unanswered_share=unanswered_share(up, down, terminal=now.row, seed=self._scenario.seed, end_ns=now_ns),
            )
            self._dishes[now.row].read(reading)
