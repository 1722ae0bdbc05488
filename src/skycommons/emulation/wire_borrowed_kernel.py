"""Arrays that nobody counts: a loop that passes the same arrays to small functions a million times a second should not count it.

Rules: a borrowed array is the same memory without an owner, so compiled code has no count to raise and lower at each call. Whoever
borrows keeps the true array until he is done; here the caller of the loop does. With the compiler off an array lends itself.

Source: Numba's guide to low-level extensions, intrinsics and structure proxies.
"""

from typing import Any, TypeVar

import numba
from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic

from skycommons.emulation.wire_columns import WireState

A = TypeVar("A")
borrowed: Any

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined] # set while it is imported

    def borrowed(array: A) -> A:
        """The array itself."""
        return array
else:

    @intrinsic
    def borrowed(_: Any, array: Any) -> Any:  # noqa: ANN401 - types of the compiler
        """The array without its owner, for compiled code."""

        def build(target: Any, builder: Any, _: Any, arguments: Any) -> Any:  # noqa: ANN401 - likewise
            """The array's structure, but for who owns it."""
            tools: Any = cgutils  # has no types
            made = tools.create_struct_proxy(array)(target, builder, value=arguments[0])
            made.meminfo = tools.get_null_value(made.meminfo.type)
            made.parent = tools.get_null_value(made.parent.type)
            return made._getvalue()  # noqa: SLF001 - the only way to it, as in the guide

        return array(array), build


@njit(error_model="numpy", nogil=True, cache=True)
def borrowed_state(state: WireState) -> WireState:
    """The same state, its arrays without owners."""
    return WireState(
        borrowed(state.first),
        borrowed(state.when),
        borrowed(state.shape),
        borrowed(state.counters),
        borrowed(state.words),
        borrowed(state.luck),
        borrowed(state.quantiles),
        borrowed(state.lanes),
        borrowed(state.wake_ns),
        borrowed(state.slots),
        borrowed(state.classes),
        borrowed(state.memory),
        borrowed(state.own),
    )
