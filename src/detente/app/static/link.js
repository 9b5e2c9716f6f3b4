// The line to the server: the newest move only, painted only when it is still the newest; comes back by itself when the server does.

export class Link {
  constructor(heard) {
    Object.assign(this, heard);
    this.move = 0;
    this.ask = null;
    this.sent = -1;
    this.wait = 300;
    this.kept = new Map();
    this.open();
  }

  open() {
    this.socket = new WebSocket(`ws://${location.host}/live`);
    this.socket.onopen = () => { this.wait = 300; this.sent = -1; for (const message of this.kept.values()) this.once(message); this.flush(); };
    this.socket.onmessage = (event) => this.read(JSON.parse(event.data));
    this.socket.onclose = () => { this.onstatus({ lost: true }); setTimeout(() => this.open(), this.wait); this.wait = Math.min(5000, this.wait * 1.6); };
  }

  // Asks for a state; at most one message a frame, the newest.
  send(ask) {
    this.ask = ask;
    this.move += 1;
    this.flush();
    return this.move;
  }

  // Said now and again whenever the line comes back; a later message of a name replaces the earlier one.
  standing(name, message) {
    this.kept.set(name, message);
    this.once(message);
  }

  forget(name) { this.kept.delete(name); }

  once(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ v: 1, ...message }));
  }

  flush() {
    if (!this.ask || this.socket.readyState !== WebSocket.OPEN || this.sent === this.move) return;
    this.sent = this.move;
    this.socket.send(JSON.stringify({ v: 1, move: this.move, ...this.ask }));
  }

  read(message) {
    if (message.kind === "base") this.onbase(message);
    else if (message.kind === "answer") { if (message.move === this.move) this.onanswer(message); }
    else if (message.kind === "why") { if (message.move === this.move) this.onwhy(message); }
    else if (message.kind === "past") this.onpast(message);
    else if (message.kind === "status") this.onstatus(message);
    else this.onother(message);
  }
}
