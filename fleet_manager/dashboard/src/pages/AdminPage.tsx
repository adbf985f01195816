/** Who may do what here, and what was done: accounts, machine tokens, the audit trail. */
import { Alert, Tabs } from "@mantine/core";
import { Accounts } from "../admin/Accounts";
import { Audit } from "../admin/Audit";
import { Tokens } from "../admin/Tokens";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";

export default function AdminPage() {
  const { t } = useI18n();
  const { may } = usePerson();
  if (!may("accounts:manage")) return <Alert m="md" color="gray" title={t("account.notAllowed")} />;
  return (
    <div className="page">
      <h1 className="page-title">{t("nav.admin")}</h1>
      <Tabs defaultValue="accounts" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="accounts">{t("admin.accounts")}</Tabs.Tab>
          <Tabs.Tab value="tokens" data-testid="tab-tokens">
            {t("admin.tokens")}
          </Tabs.Tab>
          <Tabs.Tab value="audit" data-testid="tab-audit">
            {t("admin.audit")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accounts">
          <Accounts />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
