"""Serves an implementation to dxspec, the conformance suite of the DXOS protocols.
One file, no dependencies, Python 3.8 or later.  Licence: MIT or Apache-2.0, at your option.

    from dxspec_testee import Reject, Testee

    testee = Testee("mine", "0.1.0", "python", features=["suite.p256"])

    @testee.op("halo.key.space_id")            # or: testee.op("halo.key.space_id", function)
    def space_id(given):                       # the member `in` of the request, a dict
        return {"space_id": mine.space_id(bytes.fromhex(given["key"]))}

    testee.serve()

An operation returns a dict (`ok`) or raises Reject (`reject`); any other exception becomes `bug` with its trace.
What is printed to standard output is shown as the log of the case.
"""

import io
import json
import sys
import time
import traceback


class Reject(Exception):
    """The protocol says no, with a class of the closed list such as "auth.signature"."""

    def __init__(self, reject_class, message=""):
        super().__init__(message)
        self.reject_class = reject_class


class Testee:
    """What dxspec is told about an implementation, and its operations."""

    def __init__(self, name, version, language="python", features=(), coarse=(), session=dict):
        """`coarse`: prefixes of classes that are not told apart.  `session` makes the state of a new session."""
        self.about = {"name": name, "version": version, "language": language}
        self.features, self.coarse, self.session = list(features), list(coarse), session
        self.operations, self.states, self.opened = {}, {}, 0

    def op(self, name, function=None):
        """Registers `function(given)`; without a function, a decorator that does."""
        if function is None:
            return lambda function: self.op(name, function)
        self.operations[name] = function
        return function

    def session_op(self, name, function=None):
        """Registers `function(given, state)` for an operation inside a session."""
        if function is None:
            return lambda function: self.session_op(name, function)
        self.op(name, lambda given: function(given, self._state(given)))
        return function

    def serve(self):
        """Answers requests until the end of standard input."""
        sys.stdout.flush()
        log = sys.stdout = _Log(sys.stdout.buffer)
        for line in sys.stdin.buffer:
            try:
                request = json.loads(line.decode("utf-8"))
                number = request["id"]
                if type(number) is not int:
                    raise TypeError("id is not an integer")
            except Exception as error:  # without an id there is nothing to answer
                print("not a request:", repr(error))
                continue
            try:
                answer = self.answer(request.get("op"), request.get("in"))
                text = json.dumps({"id": number, **answer}, allow_nan=False)
            except Exception as error:  # a result that JSON cannot hold
                text = json.dumps({"id": number, **_bug(error)})
            log.answer(text)

    def answer(self, op, given):
        """One of the four answers."""
        try:
            if not isinstance(op, str) or not isinstance(given, dict):
                raise TypeError("malformed request: op must be a string, in an object")
            if op == "bench" and "bench" in self.features:
                return self._bench(given)
            builtin = {"hello": self._hello, "session.open": self._open, "session.close": self._close}
            function = self.operations.get(op) or builtin.get(op)
            if function is None:
                return {"unsupported": {}}
            result = function(given)
            if not isinstance(result, dict):
                raise TypeError(f"{op} returned {result!r}, which is not a dict")
            return {"ok": result}
        except Reject as reject:
            return {"reject": {"class": reject.reject_class, "message": str(reject)}}
        except Exception as error:
            return _bug(error)

    def _hello(self, given):
        if given.get("tp") != 1:
            raise Reject("schema.range", "only version 1 is spoken")
        ops = sorted(self.operations) + ["bench"] * ("bench" in self.features)
        return {"tp": 1, "implementation": self.about, "ops": ops, "features": self.features, "coarse": self.coarse}

    def _state(self, given):
        try:
            return self.states[given["session"]]
        except (KeyError, TypeError):
            raise Reject("state.unknown_ref", "no such session is open") from None

    def _open(self, given):
        self.opened += 1
        self.states[f"s{self.opened}"] = self.session()
        return {"session": f"s{self.opened}"}

    def _close(self, given):
        self._state(given)
        del self.states[given["session"]]
        return {}

    def _bench(self, given):
        op, inner, count = given.get("op"), given.get("in"), given.get("iterations")
        if type(count) is not int or not 1 <= count <= 100_000_000:
            raise Reject("schema.range", "iterations must be 1 to 100000000")
        first = self.answer(op, inner) if op in self.operations else {"unsupported": {}}
        if "bug" in first or "unsupported" in first:
            return first
        start = time.perf_counter_ns()
        for _ in range(count):
            self.answer(op, inner)
        return {"ok": {"nanoseconds": str(time.perf_counter_ns() - start)}}


def _bug(error):
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return {"bug": {"message": "".join(lines[-1:] + lines)}}  # what is wrong comes first: reports show one line


class _Log(io.TextIOWrapper):
    """Standard output; an answer begins a line of its own, whatever was printed before it."""

    def __init__(self, raw):
        super().__init__(raw, encoding="utf-8", errors="backslashreplace", newline="\n")
        self.unfinished = False

    def write(self, text):
        self.unfinished = not text.endswith("\n") if text else self.unfinished
        return super().write(text)

    def answer(self, text):
        super().write("\n" * self.unfinished + "TP1 " + text + "\n")
        self.unfinished = False
        self.flush()
