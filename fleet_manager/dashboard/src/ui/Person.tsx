/** Who works at this device: remembered, and sent with every command for the audit trail. */
import { createContext, useContext, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { remember, remembered } from "./memory";

const KEY = "campus-fleet.person";

interface Person {
  /** Empty until a name was given. */
  name: string;
  setName: (name: string) => void;
}

const Context = createContext<Person | null>(null);

export function PersonProvider({ children }: { children: ReactNode }) {
  const [name, setName] = useState(() => remembered(KEY) ?? "");
  const value = useMemo<Person>(
    () => ({
      name,
      setName: (next) => {
        remember(KEY, next);
        setName(next);
      },
    }),
    [name],
  );
  return <Context value={value}>{children}</Context>;
}

export function usePerson(): Person {
  const person = useContext(Context);
  if (!person) throw new Error("usePerson needs a PersonProvider above it");
  return person;
}
