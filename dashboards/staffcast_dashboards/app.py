"""The app: navigation over the pages, and a plain answer where there is nothing to show."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import streamlit as st

from staffcast.core.errors import StaffcastError
from staffcast_dashboards import pages
from staffcast_dashboards.problems import show_problem

__all__ = ["main"]

SIDEBAR_PX = 240


def main() -> None:
    """Draw the chosen page; Streamlit calls this on every run."""
    st.set_page_config(
        page_title="staffcast",
        page_icon=str(Path(__file__).with_name("icon.png")),
        layout="wide",
        initial_sidebar_state=SIDEBAR_PX,
    )
    st.html(Path(__file__).with_name("page.css"))
    try:
        chosen = st.navigation(_pages())
        chosen.run()
    except StaffcastError as error:
        show_problem(error)


def _pages() -> list[st.Page]:
    modules = [
        importlib.import_module(f"{pages.__name__}.{module.name}")
        for module in pkgutil.iter_modules(pages.__path__)
    ]
    modules.sort(key=lambda module: module.ORDER)
    return [
        st.Page(
            module.render, title=module.TITLE, url_path=module.__name__.rpartition(".")[2], default=not index
        )
        for index, module in enumerate(modules)
    ]


if __name__ == "__main__":
    main()
