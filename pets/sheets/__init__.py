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
