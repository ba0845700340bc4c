"""Texts of the messages (first version: one sentence by kind)."""

from __future__ import annotations

from staffcast_sample_data import layout as z


def write_texts(world, tables, rng):
    """One text for each message."""
    topics=[t.name.replace("_"," ") for t in world.parameters.topics]
    m=tables.message
    lang=tables.conversation[m[:,z.M_CONV],z.C_QUEUE0]%2
    topic=tables.conversation[m[:,z.M_CONV],z.C_TOPIC]
    return [("Danke: " if l else "Thanks: ")+z.MESSAGE_KINDS[k].replace("_"," ")+" "+topics[t] for l,k,t in zip(lang.tolist(),m[:,z.M_KIND].tolist(),topic.tolist())]
