/** Starts the pages in the browser. */
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./styles.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { newQueryClient } from "./api/queries";
import { router } from "./router";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with id root");
createRoot(root).render(
  <StrictMode>
    <App queries={newQueryClient()}>
      <RouterProvider router={router} />
    </App>
  </StrictMode>,
);
