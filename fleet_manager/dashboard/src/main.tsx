/** Starts the pages in the browser. */
import "./mantine.css";
import "./styles.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { newQueryClient } from "./api/queries";
import { firstLanguage } from "./i18n/I18nProvider";
import { loadCatalogue } from "./i18n/catalogue";
import { router } from "./router";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with id root");
// A page shows no word before it has the reader's; without the catalogue's file it speaks English.
await loadCatalogue(firstLanguage()).catch(() => undefined);
createRoot(root).render(
  <StrictMode>
    <App queries={newQueryClient()}>
      <RouterProvider router={router} />
    </App>
  </StrictMode>,
);
