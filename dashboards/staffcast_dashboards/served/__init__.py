"""The script that Streamlit runs: not beside ``pages``, which it would take for pages of its own kind."""
