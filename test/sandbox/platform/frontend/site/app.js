const POLL_MS = 500;
const DEADLINE_MS = 120_000;
const HEALTH_EVERY_MS = 15_000;
const byId = (id) => document.getElementById(id);

async function text(path) {
  const response = await fetch(path);
  return response.ok ? (await response.text()).trim() : "";
}

// The address of the API as this page may call it: the configured one when it is of this origin, else the frontend's own proxy.
async function apiBase() {
  const configured = await text("/config/api-base-url");
  const url = new URL(configured || "/", location.origin);
  return url.origin === location.origin ? url.href.replace(/\/$/, "") : location.origin;
}

function row(tag, title, note, state) {
  const element = document.createElement(tag);
  element.append(title, " ");
  const small = document.createElement("small");
  small.textContent = note;
  element.append(small);
  if (state) element.className = state;
  return element;
}

async function probe(title, url, note) {
  try {
    const response = await fetch(url);
    const body = await response.json();
    return row("li", title, response.ok ? note(body) : "not available", response.ok ? "good" : "");
  } catch {
    return row("li", title, "no answer");
  }
}

async function showHealth(base) {
  const cards = await Promise.all([
    probe("Frontend", "/ready", () => "serving"),
    probe("API and schema", `${base}/api/v1/version`, (v) => `${v.version}, schema ${v.schemaRevision}`),
    probe(
      "Database",
      `${base}/api/v1/health/database`,
      ({ postgresql: p }) => `${p.status}, pgvector ${p.vector}, ${p.replicas} replica${p.replicas === 1 ? "" : "s"}`,
    ),
  ]);
  byId("health").replaceChildren(...cards);
  const version = await fetch(`${base}/api/v1/version`)
    .then((r) => r.json())
    .catch(() => ({}));
  byId("version").textContent = version.version ? `release ${version.version}` : "";
}

async function finished(base, id) {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const assessment = await fetch(`${base}/api/v1/assessments/${id}`).then((r) => r.json());
    byId("status").textContent = assessment.status;
    if (assessment.status === "completed" || assessment.status === "failed") return assessment;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("not finished after two minutes");
}

function show(assessment) {
  byId("strategy").textContent = assessment.strategy ? `Suggested strategy: ${assessment.strategy}` : "No strategy found.";
  byId("patterns").replaceChildren(
    ...(assessment.patterns ?? []).map((pattern) => {
      const line = document.createElement("tr");
      for (const value of [pattern.name, pattern.distance.toFixed(3)]) line.insertCell().textContent = value;
      return line;
    }),
  );
  byId("trail").replaceChildren(
    ...assessment.trail.map((event) =>
      row("li", event.action, `${event.component} ${event.pod}, ${new Date(event.at).toLocaleTimeString()}`),
    ),
  );
  byId("result").hidden = false;
}

async function assess(base, form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const response = await fetch(`${base}/api/v1/assessments`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
    show(await finished(base, (await response.json()).id));
  } catch (error) {
    byId("status").textContent = `Did not work: ${error.message}`;
  } finally {
    button.disabled = false;
  }
}

const base = await apiBase();
byId("environment").textContent = await text("/config/environment");
byId("assess").addEventListener("submit", (event) => {
  event.preventDefault();
  void assess(base, event.target);
});
await showHealth(base);
setInterval(() => void showHealth(base), HEALTH_EVERY_MS);
