"""One latest row beside an append-only log, kept right by the database in one command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Newer:
    """When a row replaces the stored one: another source sent it, or its sequence is higher.

    source: the column that names who numbers the rows (a device). sequence: its running number.
    Both may be null. No source equals no source; a numbered row is newer than one without number.
    """

    source: str
    sequence: str


def upsert_latest(
    model: type[models.Model], *, unique: Sequence[str], values: Mapping[str, Any], newer: Newer
) -> bool:
    """Insert the row, or replace the stored one where the new one is newer; whether it changed.

    One `INSERT … ON CONFLICT DO UPDATE … WHERE`, so racing writers leave one row and nobody reads
    what another then overwrites. unique: the fields of a unique constraint without a condition.
    values: every field of the row by name, `unique` included. Fields left out take their default
    when the row is inserted and stay as they are when it is replaced. A row from another source
    always replaces, so the caller must first drop what it has seen before (by an idempotency key).
    Raises FieldDoesNotExist for an unknown field and IntegrityError as any insert does.
    """
    connection = connections[router.db_for_write(model)]
    given = {_column(model, name): _prepared(model, name, values, connection) for name in values}
    keys = [_column(model, name) for name in unique]
    if missing := [key for key in keys if key not in given]:
        raise ValueError(f"A row of {model.__name__} needs a value for {', '.join(missing)}.")
    columns = _defaults(model, given, connection) | given
    replaced = [column for column in given if column not in keys]
    sql = _command(
        connection,
        table=model._meta.db_table,
        columns=list(columns),
        keys=keys,
        replaced=replaced,
        source=_column(model, newer.source),
        sequence=_column(model, newer.sequence),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, list(columns.values()))
        return bool(cursor.rowcount > 0)


def _command(
    connection: BaseDatabaseWrapper,
    *,
    table: str,
    columns: list[str],
    keys: list[str],
    replaced: list[str],
    source: str,
    sequence: str,
) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    changes = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in replaced)
    stored, new = f"{quote(table)}.{quote(source)}", f"excluded.{quote(source)}"
    was, now = f"{quote(table)}.{quote(sequence)}", f"excluded.{quote(sequence)}"
    # Written out, because SQLite before 3.39 has no IS DISTINCT FROM.
    other_source = f"{new} <> {stored} OR ({new} IS NULL) <> ({stored} IS NULL)"
    later = f"{now} > {was} OR ({now} IS NOT NULL AND {was} IS NULL)"
    return (  # every name is quoted and comes from a model
        f"INSERT INTO {quote(table)} ({names}) VALUES ({marks}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {changes} "
        f"WHERE {other_source} OR {later}"
    )


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is not a column of {model.__name__}.")
    return field


def _column(model: type[models.Model], name: str) -> str:
    return str(_field(model, name).column)


def _prepared(
    model: type[models.Model], name: str, values: Mapping[str, Any], connection: BaseDatabaseWrapper
) -> Any:
    value = values[name]
    value = value.pk if isinstance(value, models.Model) else value
    return _field(model, name).get_db_prep_save(value, connection=connection)


def _defaults(
    model: type[models.Model], given: Mapping[str, Any], connection: BaseDatabaseWrapper
) -> dict[str, Any]:
    """What the columns that were not given hold in a new row, as `save()` would fill them."""
    blank = model()
    return {
        str(field.column): field.get_db_prep_save(
            field.pre_save(blank, add=True), connection=connection
        )
        for field in model._meta.local_concrete_fields
        if field.column not in given and not _left_to_the_database(field)
    }


def _left_to_the_database(field: "models.Field[Any, Any]") -> bool:
    return field.generated or field.has_db_default() or isinstance(field, models.AutoField)
