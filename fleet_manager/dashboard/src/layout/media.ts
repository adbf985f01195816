/** Widths at which the pages change their shape. */

/** A phone: lists go below the map, the navigation into a menu. */
export const PHONE = "(max-width: 760px)";
