"""Loading: rows are checked, keyed, redacted, merged and booked, one transaction a file."""

from __future__ import annotations
