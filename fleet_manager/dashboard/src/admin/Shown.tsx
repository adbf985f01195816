/** A secret that is shown once, with a way to take it along. */
import { Alert, Button, Code, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";

export function Shown({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  return (
    <Alert color="teal" withCloseButton closeButtonLabel={t("common.close")} onClose={onClose} data-testid="shown">
      <Text size="sm" mb={6}>
        {title}
      </Text>
      <Group gap="xs" wrap="wrap">
        <Code className="secret">{secret}</Code>
        <Button size="compact-xs" variant="default" onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}>
          {t(copied ? "admin.copied" : "admin.copy")}
        </Button>
      </Group>
    </Alert>
  );
}
