/** Smooth movement between the poses of a slow feed. */

/** Metres and radians. */
export interface Pose {
  xM: number;
  yM: number;
  yawRad: number;
}

interface Glide {
  from: Pose;
  to: Pose;
  startMs: number;
  durationMs: number;
}

const LONGEST_MS = 1_500;
const SHORTEST_MS = 100;
/** A robot that is told to be further away than this has been put there: no gliding. */
const JUMP_M = 40;

/** An angle turned into -pi to pi. */
export function shortTurn(angleRad: number): number {
  return Math.atan2(Math.sin(angleRad), Math.cos(angleRad));
}

/** The poses of robots as they are drawn. Times are monotonic milliseconds. */
export class Motion {
  readonly #glides = new Map<string, Glide>();
  #lastFrameMs: number | null = null;
  #intervalMs = 500;

  /** A frame of the feed has come: robots have as long for their way as frames are apart. */
  frame(nowMs: number): void {
    if (this.#lastFrameMs !== null) {
      const measured = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, nowMs - this.#lastFrameMs));
      this.#intervalMs += 0.3 * (measured - this.#intervalMs);
    }
    this.#lastFrameMs = nowMs;
  }

  /** Let a robot glide from where it is drawn to where it is. */
  aim(name: string, to: Pose, nowMs: number, still = false): void {
    const known = this.#glides.get(name);
    if (known && known.to.xM === to.xM && known.to.yM === to.yM && known.to.yawRad === to.yawRad) {
      return;
    }
    const from = known ? poseAt(known, nowMs) : to;
    const jumps = Math.hypot(to.xM - from.xM, to.yM - from.yM) > JUMP_M;
    this.#glides.set(name, {
      from: still || jumps ? to : from,
      to,
      startMs: nowMs,
      durationMs: this.#intervalMs,
    });
  }

  forget(name: string): void {
    this.#glides.delete(name);
  }

  /** Where a robot is drawn at a time, and whether it still moves; null for an unknown robot. */
  at(name: string, nowMs: number): { pose: Pose; moving: boolean } | null {
    const glide = this.#glides.get(name);
    if (!glide) return null;
    const moving = glide.from !== glide.to && nowMs < glide.startMs + glide.durationMs;
    return { pose: poseAt(glide, nowMs), moving };
  }
}

function poseAt(glide: Glide, nowMs: number): Pose {
  const share = Math.min(1, Math.max(0, (nowMs - glide.startMs) / glide.durationMs));
  const { from, to } = glide;
  return {
    xM: from.xM + share * (to.xM - from.xM),
    yM: from.yM + share * (to.yM - from.yM),
    yawRad: from.yawRad + share * shortTurn(to.yawRad - from.yawRad),
  };
}
