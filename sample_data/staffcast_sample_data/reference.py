"""Records by reference: compiled functions get one pointer instead of dozens of arrays.

Passing the named tuples of `layout` by value makes every call carry each array's descriptor, which takes
the compiler minutes. The fields, and so the code that uses them, are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from numba import njit, types
from numba.experimental import structref

from staffcast_sample_data.layout import Desk, Tables

if TYPE_CHECKING:
    from collections.abc import Callable

_Function = TypeVar("_Function", bound="Callable[..., object]")


def compiled(function: _Function) -> _Function:
    """Compile a function that only compiled code calls: no wrapper for Python, no cache of its own."""
    options: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("_Function", njit(**options)(function))


class _Record(types.StructRef):
    def preprocess_fields(
        self, fields: tuple[tuple[str, types.Type], ...]
    ) -> tuple[tuple[str, types.Type], ...]:
        return tuple((name, cast("Any", types).unliteral(kind)) for name, kind in fields)


@structref.register
class TablesRecord(_Record):
    """Compiled type of `layout.Tables` by reference."""


@structref.register
class DeskRecord(_Record):
    """Compiled type of `layout.Desk` by reference."""


class _TablesByReference(structref.StructRefProxy):
    """Constructor of a `TablesRecord` in compiled code."""


class _DeskByReference(structref.StructRefProxy):
    """Constructor of a `DeskRecord` in compiled code."""


_define_constructor = cast("Callable[[type, type, list[str]], None]", structref.define_constructor)
_define_constructor(_TablesByReference, TablesRecord, list(Tables._fields))
_define_constructor(_DeskByReference, DeskRecord, list(Desk._fields))
refer_tables = cast("Callable[..., Tables]", _TablesByReference)
refer_desk = cast("Callable[..., Desk]", _DeskByReference)
