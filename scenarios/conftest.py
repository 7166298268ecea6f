"""In these scenarios the options have short names: ``--seed`` for ``--filaprova-seed``."""

import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Bring the short names."""
    pluginmanager.import_plugin("filaprova.plugin.short")
