/** The wish that is being filled in: shared by the form and the map, kept until it is accepted. */
import { createContext, useContext, useMemo, useState } from "react";
import type { ReactNode } from "react";
import type { PickKind } from "../map/CampusMap";
import { EMPTY_WISH, PICK_KIND, chosenOf, picked, type Wish } from "./wish";

interface Dispatch {
  opened: boolean;
  open: () => void;
  /** Open the form with something filled in. */
  openWith: (wish: Wish) => void;
  close: () => void;
  wish: Wish;
  setWish: (wish: Wish) => void;
  /** What a click on the map chooses; null while the form is closed. */
  pickKind: PickKind | null;
  chosen: readonly string[];
  pick: (kind: PickKind, id: string) => void;
}

const Context = createContext<Dispatch | null>(null);

export function DispatchProvider({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  const [wish, setWish] = useState(EMPTY_WISH);
  const value = useMemo<Dispatch>(
    () => ({
      opened,
      open: () => setOpened(true),
      openWith: (next) => {
        setWish(next);
        setOpened(true);
      },
      close: () => setOpened(false),
      wish,
      setWish,
      pickKind: opened ? PICK_KIND[wish.category] : null,
      chosen: chosenOf(wish),
      pick: (kind, id) => setWish((current) => picked(current, kind, id)),
    }),
    [opened, wish],
  );
  return <Context value={value}>{children}</Context>;
}

export function useDispatch(): Dispatch {
  const dispatch = useContext(Context);
  if (!dispatch) throw new Error("useDispatch needs a DispatchProvider above it");
  return dispatch;
}
