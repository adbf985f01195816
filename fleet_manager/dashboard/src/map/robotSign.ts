/** A robot on the map as an element: a disc with its heading as an arrow, a mark, its name below. */
import type { RobotLook } from "./robotLook";

/** A screen's clockwise rotation from north for a heading counter-clockwise from east. */
export function screenRotation(yawRad: number): number {
  return Math.PI / 2 - yawRad;
}

export interface SignState {
  readonly look: RobotLook;
  readonly selected: boolean;
  /** What stands below it. */
  readonly text: string;
  /** It is on another level. */
  readonly elsewhere: boolean;
}

/** How much of a robot on another level shows through. */
const ELSEWHERE = 0.35;

export class RobotSign {
  readonly element = document.createElement("div");
  readonly #disc = part("robot-disc");
  readonly #arrow = part("robot-arrow");
  readonly #mark = part("robot-mark");
  readonly #name = part("robot-name");
  #transform = "";
  #turn = "";

  constructor(name: string) {
    this.element.className = "robot-sign";
    this.element.dataset["robot"] = name;
    this.element.append(this.#disc, this.#arrow, this.#mark, this.#name);
  }

  show({ look, selected, text, elsewhere }: SignState): void {
    const { style } = this.#disc;
    style.backgroundColor = look.fill;
    style.borderColor = look.ring ?? "";
    style.borderWidth = look.ring ? "3px" : "";
    style.opacity = String(look.opacity * (elsewhere ? ELSEWHERE : 1));
    this.element.classList.toggle("selected", selected);
    this.#mark.textContent = look.mark;
    this.#mark.hidden = look.mark === "";
    this.#mark.style.backgroundColor = look.ring ?? look.fill;
    this.#name.textContent = text;
  }

  showName(shown: boolean): void {
    if (this.#name.hidden === shown) this.#name.hidden = !shown;
  }

  /** Put it somewhere on the map's element, CSS pixels, turned by a heading. */
  place(x: number, y: number, yawRad: number): void {
    const transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    if (transform !== this.#transform) this.element.style.transform = transform;
    this.#transform = transform;
    const turn = `rotate(${screenRotation(yawRad).toFixed(2)}rad)`;
    if (turn !== this.#turn) this.#arrow.style.transform = `scale(var(--robot-scale)) ${turn}`;
    this.#turn = turn;
  }
}

function part(className: string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  return element;
}
