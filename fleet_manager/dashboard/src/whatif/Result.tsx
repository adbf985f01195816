/** What came of a comparison: each measure in both, the difference with its interval, a verdict. */
import { Alert, Badge, Table, Text } from "@mantine/core";
import { useI18n } from "../i18n/I18nProvider";
import type { Comparison, Measure } from "./whatIf";

const COLOURS: Partial<Record<string, string>> = { better: "teal", worse: "red", higher: "blue", lower: "blue" };

/** An interval about nothing: where it does not cross the middle, the difference is seen. */
function Interval({ measure: { low, high, difference, verdict } }: { measure: Measure }) {
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const at = (value: number) => 60 + (value / most) * 55;
  const colour = `var(--mantine-color-${COLOURS[verdict] ?? "gray"}-6)`;
  return (
    <svg width={120} height={18} aria-hidden="true">
      <line x1={60} x2={60} y1={1} y2={17} stroke="currentColor" strokeOpacity={0.4} />
      <line x1={at(low)} x2={at(high)} y1={9} y2={9} stroke={colour} strokeWidth={3} />
      <circle cx={at(difference)} cy={9} r={4} fill={colour} />
    </svg>
  );
}

function Row({ measure }: { measure: Measure }) {
  const { word, number } = useI18n();
  const digits = Math.abs(measure.first) < 10 && measure.first % 1 !== 0 ? 2 : 0;
  const value = (figure: number) => `${number(figure, digits)}${measure.unit ? ` ${measure.unit}` : ""}`;
  const known = word("measureOf", measure.measure.replaceAll(".", "_"));
  return (
    <Table.Tr data-testid={`measure-${measure.measure}`} data-verdict={measure.verdict}>
      <Table.Th scope="row">{known === measure.measure.replaceAll(".", "_").replaceAll("_", " ") ? measure.label : known}</Table.Th>
      <Table.Td className="figures">{value(measure.first)}</Table.Td>
      <Table.Td className="figures">{value(measure.second)}</Table.Td>
      <Table.Td className="figures">
        {measure.difference > 0 ? "+" : ""}
        {value(measure.difference)}
      </Table.Td>
      <Table.Td>
        <Interval measure={measure} />
      </Table.Td>
      <Table.Td>
        <Badge className="status" variant="light" color={COLOURS[measure.verdict] ?? "gray"}>
          {word("verdict", measure.verdict.replaceAll(" ", "_"))}
        </Badge>
      </Table.Td>
    </Table.Tr>
  );
}

export function Result({ comparison }: { comparison: Comparison }) {
  const { t, number } = useI18n();
  const { problem, result, first, second, seeds } = comparison;
  if (problem) {
    return (
      <Alert color="red" title={problem.detail} role="alert">
        {problem.remedy && t("problem.remedy", { remedy: problem.remedy })}
      </Alert>
    );
  }
  if (!result) return null;
  return (
    <div className="wide" data-testid="what-if-result">
      <Table striped withTableBorder>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("whatIf.measure")}</Table.Th>
            <Table.Th>{first}</Table.Th>
            <Table.Th>{second}</Table.Th>
            <Table.Th>{t("whatIf.difference")}</Table.Th>
            <Table.Th>{t("whatIf.interval")}</Table.Th>
            <Table.Th>{t("whatIf.verdict")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {result.measures.map((each) => (
            <Row key={each.measure} measure={each} />
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        {t("whatIf.method", { seeds, days: number(result.days, 2), method: result.method })}
      </Text>
    </div>
  );
}
