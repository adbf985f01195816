/** Who is logged in at this page, and what they may. */
import { createContext, useContext } from "react";
import type { Permission, Role } from "../session/session";

export interface Person {
  name: string;
  /** Empty where none was given. */
  fullName: string;
  role: Role | null;
  may: (permission: Permission) => boolean;
}

export const PersonContext = createContext<Person | null>(null);

export function usePerson(): Person {
  const person = useContext(PersonContext);
  if (!person) throw new Error("usePerson needs a SessionProvider above it");
  return person;
}
