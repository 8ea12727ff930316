"""The nouns of Pets, and its glossary.

pet        an animal on the register
field      a kind of thing kept of a pet; an own field is one that an admin has added
catalogue  all fields of a register
facts      a pet as plain data: what a form, a sheet and a change speak
change     one pet's facts before and after: no before adds it, no after removes it, both edit it
changeset  the changes one person saves together; a draft until saved, history after
history      one pet's saved changes, oldest first
conflict      a fact that a change would set although somebody changed it since
draft      an account's open changeset; at most one; kept on the server
sheet      a CSV or XLSX file coming in or going out
import     a sheet on its way in; its rows wait until a person has said what they mean
account    a person who signs in; role viewer < editor < admin
"""
