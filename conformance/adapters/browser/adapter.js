// The testee protocol over a WebSocket: a message for each request, a message for each answer.
"use strict";

const say = (text) => { document.getElementById("state").textContent = text; };

async function answer({ op, in: input }) {
  if (op === "hello") {
    return { ok: {
      tp: 1,
      implementation: { name: "browser-example", version: "1", language: "javascript" },
      ops: Object.keys(operations), features: ["suite.p256"],
    } };
  }
  if (!Object.hasOwn(operations, op)) return { unsupported: {} };
  try {
    return { ok: await operations[op](input) };
  } catch (error) {
    if (error instanceof Rejection) return { reject: { class: error.class, message: error.message } };
    return { bug: { message: String(error) } };
  }
}

const url = new URLSearchParams(location.search).get("url");
if (url) {
  const socket = new WebSocket(url);
  let answered = 0;
  socket.onopen = () => say("connected");
  socket.onclose = () => say(`closed after ${answered} answers`);
  socket.onmessage = async ({ data }) => {
    const request = JSON.parse(data);
    socket.send("TP1 " + JSON.stringify({ id: request.id, ...await answer(request) }));
    answered += 1;
  };
}
