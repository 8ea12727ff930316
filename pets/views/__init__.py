"""The pages, one module for each thing they are about."""

from pets.views import accounts as accounts
from pets.views import answered as answered
from pets.views import backups as backups
from pets.views import bulk as bulk
from pets.views import columns as columns
from pets.views import draft as draft
from pets.views import duplicates as duplicates
from pets.views import exports as exports
from pets.views import fields as fields
from pets.views import files as files
from pets.views import health as health
from pets.views import history as history
from pets.views import import_rows as import_rows
from pets.views import imports as imports
from pets.views import jobs as jobs
from pets.views import litter as litter
from pets.views import paper as paper
from pets.views import patterns as patterns
from pets.views import pets as pets
from pets.views import photos as photos
from pets.views import saved_views as saved_views
from pets.views import session as session
from pets.views import types as types
from pets.views import uploads as uploads
from pets.web.blueprint import bp as bp
