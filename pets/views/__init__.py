"""The pages, one module for each thing they are about."""

from importlib import import_module
from pkgutil import iter_modules

from pets.web.blueprint import bp as bp

for module in iter_modules(__path__, f"{__name__}."):
    import_module(module.name)  # it adds its pages to the blueprint
