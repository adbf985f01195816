/** Keeps the store fed from the WebSocket `/live`: back-off, resync after a gap, silence noticed. */
import type { LiveFrame } from "../api/types";
import { GAP, applyFrame } from "./fleetView";
import type { LiveStore } from "./store";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5_000;
/** A feed that says nothing for so long is taken for dead, even if the socket is open. */
const SILENCE_MS = 15_000;
const OFFLINE_AFTER_MS = 30_000;

/** The part of a WebSocket that is used, so that tests can bring their own. */
export type Socket = Pick<WebSocket, "onmessage" | "onclose" | "close">;

export interface ConnectionOptions {
  open: () => Socket;
  nowMs?: () => number;
  /** From 0 to 1; spreads the tries of many browsers after a restart of the manager. */
  random?: () => number;
}

/** Where the live feed of this page's origin is. */
export function liveAddress(page: { protocol: string; host: string }): string {
  return `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}/live`;
}

/** Waiting time before the n-th try in a row (from 0), milliseconds: doubled, capped, spread. */
export function delayMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return full * (0.75 + 0.5 * random);
}

export class LiveConnection {
  readonly #store: LiveStore;
  readonly #open: () => Socket;
  readonly #nowMs: () => number;
  readonly #random: () => number;
  #socket: Socket | null = null;
  #attempt = 0;
  #lostMs: number | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #stopped = true;

  constructor(store: LiveStore, options: ConnectionOptions) {
    this.#store = store;
    this.#open = options.open;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** Try now instead of when the back-off ends: the network or the reader has come back. */
  readonly hurry = (): void => {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#retry);
    this.#attempt = 0;
    this.#connect();
  };

  #connect(): void {
    this.#drop();
    const socket = this.#open();
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = () => this.#lost();
    this.#listenForSilence();
  }

  #receive(data: unknown): void {
    this.#listenForSilence();
    let frame: LiveFrame;
    try {
      frame = JSON.parse(String(data)) as LiveFrame;
    } catch {
      this.#resync();
      return;
    }
    if (frame.type !== "snapshot" && frame.type !== "delta") return;
    const view = applyFrame(this.#store.get().view, frame, this.#nowMs());
    if (view === GAP) {
      this.#resync();
      return;
    }
    this.#attempt = 0;
    this.#lostMs = null;
    this.#store.set({ view, phase: "live" });
  }

  /** A new connection begins with a snapshot; what was shown stays until it comes. */
  #resync(): void {
    this.#drop();
    this.#store.set({ phase: "reconnecting" });
    this.#tryLater();
  }

  #lost(): void {
    this.#drop();
    this.#lostMs ??= this.#nowMs();
    const offline = this.#nowMs() - this.#lostMs >= OFFLINE_AFTER_MS;
    this.#store.set({ phase: offline ? "offline" : "reconnecting" });
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#stopped) return;
    clearTimeout(this.#retry);
    const wait = delayMs(this.#attempt, this.#random());
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
