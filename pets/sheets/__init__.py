"""Sheets: files and pasted cells to rows, columns and facts, and pets back to files. Knows no database, no
request.

sheet = open_sheet(path, "pets.csv")               # or pasted(text); SheetProblem says what to do
columns = columns_of(sheet)                        # headings matched; columns.with_choice({"name": 0})
evidence = order_evidence(sheet, columns)          # evidence.must_ask: 1/5/2022 could be May or January
reader = FactReader(columns, today, evidence.order, sheet.counts_from_1904)
for pet in reader.read(sheet.rows()): ...          # pet.facts, pet.id, pet.version, pet.problems

csv_chunks(rows), json_chunks(rows)                # bytes to send, streamed
excel_export.xlsx_chunks(rows)                     # not loaded with the others, for the sake of a quick start
"""

from pets.sheets.cells import MAX_BYTES as MAX_BYTES
from pets.sheets.cells import MAX_CELL as MAX_CELL
from pets.sheets.cells import MAX_COLUMNS as MAX_COLUMNS
from pets.sheets.cells import MAX_ROWS as MAX_ROWS
from pets.sheets.cells import Cell as Cell
from pets.sheets.cells import Row as Row
from pets.sheets.cells import SheetProblem as SheetProblem
from pets.sheets.columns import FIELDS as FIELDS
from pets.sheets.columns import READ_ONLY as READ_ONLY
from pets.sheets.columns import Column as Column
from pets.sheets.columns import Columns as Columns
from pets.sheets.columns import Headings as Headings
from pets.sheets.columns import Table as Table
from pets.sheets.columns import columns_of as columns_of
from pets.sheets.columns import order_evidence as order_evidence
from pets.sheets.dates import TWO_DIGIT_YEARS as TWO_DIGIT_YEARS
from pets.sheets.dates import DateOrder as DateOrder
from pets.sheets.dates import OrderEvidence as OrderEvidence
from pets.sheets.escapes import armoured as armoured
from pets.sheets.export import EXPORT_COLUMNS as EXPORT_COLUMNS
from pets.sheets.export import ExportRow as ExportRow
from pets.sheets.export import csv_chunks as csv_chunks
from pets.sheets.export import csv_of_cells as csv_of_cells
from pets.sheets.export import json_chunks as json_chunks
from pets.sheets.facts import CellProblem as CellProblem
from pets.sheets.facts import FactReader as FactReader
from pets.sheets.facts import PetRow as PetRow
from pets.sheets.package import rows_in as rows_in
from pets.sheets.sheet import Sheet as Sheet
from pets.sheets.sheet import open_sheet as open_sheet
from pets.sheets.sheet import pasted as pasted
