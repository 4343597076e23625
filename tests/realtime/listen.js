// Listens to the hub with SignalR's own client and writes what it hears, a line of JSON each.
// Usage: node listen.js '[{ "who": "ana", "url": "http://127.0.0.1:8080", "token": "..." }]'; it ends when its input does.
import * as signalR from "@microsoft/signalr";

const say = (who, what, body) => console.log(JSON.stringify({ who, what, body }));

async function ticket({ url, token }) {
  const response = await fetch(`${url}/api/v1/stream-tickets`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`no ticket: ${response.status}`);
  return (await response.json()).ticket;
}

async function listen(person) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${person.url}/realtime`, {
      skipNegotiation: true,
      transport: signalR.HttpTransportType.WebSockets,
      // Asked for at each connection, the next ones included: a ticket is good once.
      accessTokenFactory: () => ticket(person),
    })
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 300 })
    .configureLogging(signalR.LogLevel.None)
    .build();
  connection.on("orderChanged", (order) => say(person.who, "orderChanged", order));
  connection.on("resync", () => say(person.who, "resync"));
  connection.onreconnecting((error) => say(person.who, "reconnecting", error?.message));
  connection.onreconnected(() => say(person.who, "reconnected"));
  connection.onclose((error) => say(person.who, "closed", error?.message));
  await connection.start();
  say(person.who, "connected");
  // The hub listens to nobody.
  await connection.invoke("SendMessage", "hello").then(() => say(person.who, "invoked"), () => say(person.who, "not invoked"));
}

process.stdin.on("end", () => process.exit(0)).resume();
for (const person of JSON.parse(process.argv[2])) listen(person).catch((error) => say(person.who, "failed", error.message));
