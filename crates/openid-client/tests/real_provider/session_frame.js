// Plays the browser for the script of the session frame.
const fs = require("fs");
const vm = require("vm");

const page = fs.readFileSync(0, "utf8");
const script = page.split("<script>")[1].split("</script>")[0];
const assert = require("assert");

function open(frame) {
  const world = { asked: [], answers: [], listeners: [], intervals: 0, cleared: 0 };
  const contentWindow = { postMessage: (text, origin) => world.asked.push([text, origin]) };
  const element = {
    contentWindow,
    addEventListener: (name, listener) => { world.load = listener; },
  };
  const hash = "#client_id=my+app&session_state=x.y&frame=" + encodeURIComponent(frame);
  const context = {
    URL, URLSearchParams, Error,
    location: { hash, origin: "https://app.example" },
    document: {
      createElement: () => element,
      documentElement: { append: (it) => { world.appended = it; } },
    },
    addEventListener: (name, listener) => world.listeners.push(listener),
    parent: { postMessage: (text, origin) => world.answers.push([text, origin]) },
    setInterval: () => { world.intervals += 1; return 7; },
    clearInterval: () => { world.cleared += 1; },
  };
  vm.runInNewContext(script, context);
  world.receive = (data, origin, source) => world.listeners[0]({ data, origin, source });
  world.contentWindow = contentWindow;
  world.element = element;
  return world;
}

const world = open("https://op.example/frame?a=1");
assert.equal(world.appended, world.element);
assert.equal(world.element.src, "https://op.example/frame?a=1");
assert.deepEqual(world.asked, []);
world.load();
assert.deepEqual(world.asked, [["my app x.y", "https://op.example"]]);
assert.equal(world.intervals, 1);
for (const [data, origin, source] of [
  ["changed", "https://evil.example", world.contentWindow],
  ["changed", "https://op.example", {}],
  ["changed", "https://app.example", world.contentWindow],
  ["unchanged", "https://op.example", world.contentWindow],
  [{ toString: () => "changed" }, "https://op.example", world.contentWindow],
  ["something", "https://op.example", world.contentWindow],
]) {
  world.receive(data, origin, source);
  assert.deepEqual(world.answers, []);
}
const cleared = world.cleared;
world.receive("changed", "https://op.example", world.contentWindow);
assert.deepEqual(world.answers, [["changed", "https://app.example"]]);
assert.equal(world.cleared, cleared + 1);

const failing = open("https://op.example/frame");
failing.load();
failing.receive("error", "https://op.example", failing.contentWindow);
assert.deepEqual(failing.answers, [["error", "https://app.example"]]);

for (const frame of ["http://op.example/frame", "javascript:alert(1)", "data:text/html,x"]) {
  assert.throws(() => open(frame), /https URL/);
}
console.log("played");
