/** Commands to robots with what follows from them: notices and fresh data. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { commandFleet, commandRobot, type Responsible, type RobotAction } from "../api/commands";
import { useI18n } from "../i18n/I18nProvider";
import type { MessageKey } from "../i18n/catalogue";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";

const NAMES = {
  pause: "action.pause",
  resume: "action.resume",
  emergency_stop: "action.stop",
  release_stop: "action.release",
  charge: "action.charge",
} as const satisfies Record<RobotAction, MessageKey>;

interface Command {
  /** Null for all robots. */
  robot: string | null;
  action: RobotAction;
  responsible?: Responsible;
}

/** `send` resolves to true when the manager took the command; failures are shown, never thrown. */
export function useRobotCommands(): {
  send: (command: Command) => Promise<boolean>;
  busy: boolean;
} {
  const { t } = useI18n();
  const { name } = usePerson();
  const notices = useNotices();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: ({ robot, action, responsible }: Command) => {
      const who: Responsible = { by: name, ...responsible };
      if (robot !== null) return commandRobot(robot, action, who);
      if (action === "charge") throw new Error("charging is asked of one robot");
      return commandFleet(action, who);
    },
    onSuccess: (_answer, { robot, action }) => {
      const words = { action: t(NAMES[action]) };
      notices.done(
        robot === null ? t("action.doneAll", words) : t("action.done", { ...words, robot }),
      );
      void queries.invalidateQueries({ queryKey: ["robots"] });
    },
    onError: notices.failed,
  });
  return {
    busy: mutation.isPending,
    send: (command) =>
      mutation.mutateAsync(command).then(
        () => true,
        () => false,
      ),
  };
}
