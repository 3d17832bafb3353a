import sys

from dxspec_testee import Reject, Testee

testee = Testee("toy", "1", "python", features=sys.argv[1:], coarse=["auth"])


@testee.op("toy.echo")
def echo(given):
    return given


@testee.op("toy.refuse")
def refuse(given):
    raise Reject("auth.key", "no such key")


testee.op("toy.accident", lambda given: {"ok": [][7]})
testee.op("toy.text", lambda given: "text")


@testee.op("toy.print")
def chatty(given):
    print("a whole line")
    print("and a half", end="")
    return {}


@testee.session_op("toy.count")
def count(given, state):
    state["count"] = state.get("count", 0) + 1
    return {"count": str(state["count"])}


testee.serve()
