"""Puts the implementation @NAME@ to the test: one function for each operation of dxspec."""

import base64
import hashlib

from dxspec_testee import Reject, Testee

testee = Testee("@NAME@", "0.1.0", "python", features=["suite.p256"])


@testee.op("halo.key.space_id")
def space_id(given):
    """HALO-KEY-017.  Written out here so that something works from the start; call your implementation instead."""
    key = bytes.fromhex(given["key"])
    return {"space_id": "B" + base64.b32encode(hashlib.sha256(key).digest()[:20]).decode()}


# Here goes the next operation.  One that also refuses, for example, is halo.key.space_id.parse:
#
#     @testee.op("halo.key.space_id.parse")
#     def parse_space_id(given):
#         text = given["space_id"]
#         if not my_implementation.is_space_id(text):
#             raise Reject("canon.form", "no space id: " + text)
#         return {"hash": my_implementation.hash_in(text).hex()}


testee.serve()
