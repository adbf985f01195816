/** The routes of robots as shapes, and which pieces of the map a change of them touches. */
import type { Route } from "../api/types";
import { extentOf, type Extent } from "./campusModel";
import { routeColour, type Scheme } from "./palette";

export interface RouteShape {
  /** What its robot may drive now, and what it plans beyond; metres. */
  readonly released: readonly number[][];
  readonly planned: readonly number[][];
  readonly colour: string;
  readonly selected: boolean;
  readonly extent: Extent;
}

export class RouteShapes {
  #shapes = new Map<string, RouteShape & { route: Route }>();

  /** The routes, that of the selected robot last. */
  get all(): readonly RouteShape[] {
    return [...this.#shapes.values()].sort((one, other) => Number(one.selected) - Number(other.selected));
  }

  /** Take over routes by robot name; gives what extents of the map look different now. */
  update(
    routes: ReadonlyMap<string, Route>,
    kinds: ReadonlyMap<string, string>,
    selected: string | null,
    scheme: Scheme,
  ): Extent[] {
    const changed: Extent[] = [];
    for (const [name, { extent }] of this.#shapes) {
      if (routes.has(name)) continue;
      changed.push(extent);
      this.#shapes.delete(name);
    }
    for (const [name, route] of routes) {
      const known = this.#shapes.get(name);
      const colour = routeColour(kinds.get(name), scheme);
      const look = { colour, selected: name === selected };
      if (known && known.route === route && known.colour === colour && known.selected === look.selected) continue;
      const last = route.base.at(-1);
      const planned = last ? [last, ...route.horizon] : route.horizon;
      const extent = extentOf([...route.base, ...route.horizon]);
      this.#shapes.set(name, { ...look, route, released: route.base, planned, extent });
      if (known) changed.push(known.extent);
      changed.push(extent);
    }
    return changed;
  }
}
