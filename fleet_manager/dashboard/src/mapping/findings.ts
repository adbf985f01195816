/** The validation report as the Map page shows it: grouped by check, errors first, each with a place. */
import type { Finding } from "../api/types";
import { middleOf, type CampusModel, type Xy } from "../map/campusModel";

export interface FindingGroup {
  check: string;
  severity: Finding["severity"];
  findings: readonly Finding[];
}

/** Findings by check; those with errors first, then by how many there are. */
export function groupsOf(findings: readonly Finding[]): FindingGroup[] {
  const byCheck = new Map<string, Finding[]>();
  for (const finding of findings) {
    const known = byCheck.get(finding.check);
    if (known) known.push(finding);
    else byCheck.set(finding.check, [finding]);
  }
  const isError = ({ severity }: Finding) => severity !== "warning";
  return [...byCheck]
    .map(([check, found]) => ({
      check,
      severity: found.some(isError) ? ("error" as const) : ("warning" as const),
      findings: [...found].sort((one, other) => Number(isError(other)) - Number(isError(one))),
    }))
    .sort(
      (one, other) =>
        Number(other.severity === "error") - Number(one.severity === "error") ||
        other.findings.length - one.findings.length ||
        one.check.localeCompare(other.check),
    );
}

/** Where a finding is: as it says, else where its subject lies; null for what is nowhere on the map. */
export function placeOf(finding: Finding, model: CampusModel): { xy: Xy; level: string | null } | null {
  const { x_m: x, y_m: y, level = null, subject } = finding;
  if (typeof x === "number" && typeof y === "number") return { xy: [x, y], level };
  const feature = model.get(subject) ?? model.get(subject.replace(/~$/, ""));
  return feature ? { xy: middleOf(feature), level: feature.levels[0] ?? null } : null;
}
