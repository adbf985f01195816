/** Incidents: what needs a person, where it is, and what is done about it. */
import { useNavigate } from "@tanstack/react-router";
import { IncidentDesk } from "../incidents/IncidentDesk";
import { useChosen } from "./useChosen";

export default function IncidentsPage() {
  const [chosen, choose] = useChosen("incident");
  const navigate = useNavigate();
  return (
    <IncidentDesk
      chosen={chosen}
      onChoose={choose}
      onRobot={(robot) => void navigate({ to: "/", search: { robot } as never })}
    />
  );
}
