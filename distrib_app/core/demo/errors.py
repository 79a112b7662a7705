"""Refusals of the importers: what is wrong with a file, where it is, and that nothing was imported."""

from ..kernel.errors import DomainError, msg


class SourceError(DomainError):
    """A file that cannot be imported; the database is as before."""

    code = "bad_source"
    template = msg("{file} cannot be imported. Nothing was imported.")


class UnreadableFileError(SourceError):
    """The file is missing, not a file, damaged or not what its name says."""

    code = "source_unreadable"
    template = msg("{file} cannot be read: {cause}. Nothing was imported.")


class UnwritableFileError(SourceError):
    """The list of rejected lines cannot be written where it was asked for."""

    code = "rejects_unwritable"
    template = msg("The rejected lines cannot be written to {file}: {cause}. Nothing was imported.")


class HalfWrittenFileError(SourceError):
    """A compressed file ends before its data does: a download or copy that broke off."""

    code = "source_half_written"
    template = msg("{file} is a half-written file: its compressed data breaks off. Nothing was imported.")


class WrongEncodingError(SourceError):
    """Text that is not UTF-8."""

    code = "source_encoding"
    template = msg("{file}, row {row}: the text is not UTF-8. Save it as UTF-8. Nothing was imported.")


class WrongColumnsError(SourceError):
    """Columns are missing, or there are some that do not belong there."""

    code = "source_columns"
    template = msg("{file}: missing columns: {missing}; unknown columns: {unknown}. Nothing was imported.")


class WrongTypeError(SourceError):
    """A column of a typed file holds another kind of values."""

    code = "source_type"
    template = msg("{file}, column {column}: {found} instead of {expected}. Nothing was imported.")


class BrokenRowError(SourceError):
    """A row has too many or too few cells (a half-written last row, an unquoted comma)."""

    code = "source_row"
    template = msg("{file}, row {row}: {found} cells instead of {expected}. Nothing was imported.")


class NothingToImportError(SourceError):
    """No valid line is left."""

    code = "source_empty"
    template = msg("{file} holds no line that can be imported. Nothing was imported.")


class BadValueError(SourceError):
    """One cell is wrong: names the row (the header is row 1 of a CSV) and the column."""

    code = "source_value"
    template = msg("{file}, row {row}, column {column}: {value} is not acceptable. Nothing was imported.")


class BadNumberError(BadValueError):
    """A document number of another form."""

    template = msg(
        "{file}, row {row}, column {column}: {value} is not an invoice number such as 489434 or C489449. "
        "Nothing was imported."
    )


class BadTextError(BadValueError):
    """A text that is empty or too long."""

    template = msg("{file}, row {row}, column {column}: {value} is empty or too long. Nothing was imported.")


class BadQuantityError(BadValueError):
    """A quantity that is not a whole number of at most six digits."""

    template = msg(
        "{file}, row {row}, column {column}: {value} is not a whole number (at most six digits). "
        "Nothing was imported."
    )


class BadDateError(BadValueError):
    """A day that does not exist, or lies before 1970 or in the future."""

    template = msg(
        "{file}, row {row}, column {column}: {value} is not a possible date. Nothing was imported."
    )


class BadPriceError(BadValueError):
    """A price that is not a decimal number, or finer than 10⁻⁶."""

    template = msg(
        "{file}, row {row}, column {column}: {value} is not a price "
        "(at most six digits before and six after the point). Nothing was imported."
    )


class BadCustomerError(BadValueError):
    """A customer number of another form."""

    template = msg(
        "{file}, row {row}, column {column}: {value} is not a customer number such as 13085. "
        "Nothing was imported."
    )


class MixedDocumentError(BadValueError):
    """Lines of one document disagree about what holds for the whole document."""

    template = msg(
        "{file}, row {row}, column {column}: {value} differs from the first line of the same document. "
        "Nothing was imported."
    )


class UnknownKeyError(BadValueError):
    """A key that its own table does not hold, or holds twice."""

    template = msg(
        "{file}, row {row}, column {column}: {value} is missing in its table or not unique. "
        "Nothing was imported."
    )
