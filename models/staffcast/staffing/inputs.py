"""Reading arguments: numbers or arrays of any shape in, checked flat rows inside, the same shape out."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffcast.core.errors import ModelError

__all__ = ["Array", "FloatOrArray", "as_rows", "checked", "checked_seconds", "is_plain", "shaped"]

_SHORTEST_S, _LONGEST_S = 1e-6, 1e9

Array: TypeAlias = NDArray[np.float64]
FloatOrArray: TypeAlias = float | Array


def checked(name: str, values: ArrayLike, *, infinite_allowed: bool = False) -> Array:
    """Turn an argument into floats of at least 0, or say which one is not.

    Example:
        >>> checked("agents", [1, -2])
        Traceback (most recent call last):
        ...
        staffcast.core.errors.ModelError: agents: -2.0 at position 1 (give numbers of at least 0)
    """
    wanted = "numbers of at least 0" + (", or inf" if infinite_allowed else "")
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ModelError(f"{name}: {values!r} is not numeric", hint=f"give {wanted}") from None
    if is_plain(values) and 0 <= values < np.inf:
        return array
    good = (array >= 0) & (infinite_allowed | np.isfinite(array))
    if not good.all():
        position = int(np.flatnonzero(~good.ravel())[0])
        where = f" at position {position}" if array.ndim else ""
        raise ModelError(f"{name}: {array.ravel()[position]}{where}", hint=f"give {wanted}")
    return array


def is_plain(value: object) -> TypeGuard[float]:
    """Whether it is a number by itself."""
    return isinstance(value, (int, float))


def checked_seconds(name: str, values: ArrayLike, *, zero_allowed: bool = False) -> Array:
    """Turn lengths of time into floats between a microsecond and 30 years, or say which one is not.

    Beyond, quotients of them are no numbers any more.
    """
    array, least_s = checked(name, values), 0.0 if zero_allowed else _SHORTEST_S
    good = (array >= least_s) & (array <= _LONGEST_S)
    if not good.all():
        worst = array.ravel()[int(np.flatnonzero(~good.ravel())[0])]
        raise ModelError(f"{name}: {worst:g} s", hint=f"give at least {least_s:g} s, at most {_LONGEST_S:g}")
    return array


def as_rows(**arguments: ArrayLike) -> tuple[tuple[int, ...], list[Array]]:
    """Check finite arguments, broadcast them together and flatten them to rows."""
    arrays = [checked(name, values) for name, values in arguments.items()]
    shape = common_shape(**{name: array.shape for name, array in zip(arguments, arrays, strict=True)})
    return shape, [flat(array, shape) for array in arrays]


def common_shape(**shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Broadcast shapes, or say which arguments do not fit together."""
    if not any(shapes.values()):
        return ()
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        hint = "give one number, or one per row"
        raise ModelError(f"shapes do not fit together: {listed}", hint=hint) from None


def flat(array: Array, shape: tuple[int, ...]) -> Array:
    """Broadcast to the common shape and lay the rows in one line."""
    return np.broadcast_to(array, shape).ravel()


def shaped(rows: Array, shape: tuple[int, ...]) -> FloatOrArray:
    """Give rows their shape back; a float if the arguments were plain numbers."""
    return rows.reshape(shape) if shape else float(rows[0])
