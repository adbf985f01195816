/** Sends a wish; every try of the same wish carries the same idempotency key. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { dispatchTask, newIdempotencyKey } from "../api/commands";
import type { DispatchAnswer, TaskRequest } from "../api/types";

export function useSubmit(): {
  submit: (request: TaskRequest) => Promise<DispatchAnswer>;
  busy: boolean;
} {
  const queries = useQueryClient();
  const last = useRef<{ content: string; key: string } | null>(null);
  const mutation = useMutation({
    mutationFn: (request: TaskRequest) => {
      const content = JSON.stringify(request);
      if (last.current?.content !== content) {
        last.current = { content, key: newIdempotencyKey() };
      }
      return dispatchTask(request, last.current.key);
    },
    onSuccess: () => {
      // The same wish again is a new wish.
      last.current = null;
      void queries.invalidateQueries({ queryKey: ["tasks"] });
    },
  });
  return { submit: mutation.mutateAsync, busy: mutation.isPending };
}
