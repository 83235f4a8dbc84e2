"""Owns putting the partitions of an asset together, in order, as the one table that a reader of several sees.

Large ones that are stored stay unread: they become one table in parts. Knows nothing of stores or versions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from assetflow.errors import DataError
from assetflow.frames.content import Content
from assetflow.frames.parted import PartedTable
from assetflow.model.manifest import Part

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


def together(asset: str, contents: Sequence[tuple[str, Content]]) -> Content:
    """Return the contents of partitions of ``asset`` (key, content) as one table, in their order.

    A column that only some of them have is null in the others.

    Raises:
        DataError: one is no table, or a column has types that do not go together.
    """
    for key, content in contents:
        if content.kind != "table":
            raise DataError(
                f"{asset} {key} is no table but a {content.kind}: partitions of it cannot be read as one",
                hint="annotate the parameter as a dict by partition, `dict[str, ...]`; for a command or a query, "
                "let a function make of them first what it reads",
            )
    first = contents[0][1]
    if all(_goes_with(content, first) for _, content in contents):
        return replace(first, data=_in_parts([content.data for _, content in contents]))
    return replace(first, data=_read(asset, contents))


def _goes_with(content: Content, first: Content) -> bool:
    one, other = content.data, first.data
    return (
        isinstance(one, PartedTable)
        and isinstance(other, PartedTable)
        and one.format == other.format
        and one.schema.equals(other.schema)
    )


def _in_parts(tables: Sequence[PartedTable]) -> PartedTable:
    readers = {part.object: table.read_part for table in tables for part in table.parts}
    finders = {part.object: table.find_part for table in tables for part in table.parts}
    return replace(
        tables[0],
        parts=tuple(part for table in tables for part in table.parts),
        read_part=_by_object(readers),
        find_part=_by_object(finders),
    )


def _by_object(functions: dict[str, Callable[[Part], T]]) -> Callable[[Part], T]:
    return lambda part: functions[part.object](part)


def _read(asset: str, contents: Sequence[tuple[str, Content]]) -> pa.Table:
    import pyarrow as pa

    from assetflow.hashing.tables import canonical_table

    tables = [
        (key, content.data.read() if isinstance(content.data, PartedTable) else content.data)
        for key, content in contents
    ]
    try:
        return canonical_table(pa.concat_tables([table for _, table in tables], promote_options="default"))
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _apart(asset, tables) or DataError(
            f"partitions of {asset} do not go together: {error}"
        ) from error


def _apart(asset: str, tables: Sequence[tuple[str, pa.Table]]) -> DataError | None:
    seen: dict[str, tuple[str, pa.DataType]] = {}
    for key, table in tables:
        for field in table.schema:
            where, kind = seen.setdefault(field.name, (key, field.type))
            if not kind.equals(field.type) and "null" not in (str(kind), str(field.type)):
                return DataError(
                    f"partitions of {asset} do not go together: column {field.name} is {kind} in {where}, "
                    f"and {field.type} in {key}",
                    hint="give the asset a schema=, or read the partitions as a dict: `dict[str, ...]`",
                )
    return None
