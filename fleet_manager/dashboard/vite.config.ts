/** Build of the dashboard: pages under /app/, the fleet manager's API at the root of the same origin. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const manager = process.env.CAMPUS_API ?? "http://127.0.0.1:8000";
const apiPaths = [
  "/tasks", "/robots", "/incidents", "/schedules", "/map", "/zones", "/assets", "/traffic", "/system",
  "/version", "/session", "/sessions", "/accounts", "/tokens", "/audit", "/emergency", "/closures", "/passages", "/restrictions", "/weather",
  "/programmes", "/calendar", "/reports", "/replay", "/what-if", "/obstacles", "/permissions",
];

export default defineConfig({
  base: "/app/",
  plugins: [react()],
  build: {
    target: "es2023",
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "openlayers", test: /node_modules[\\/](ol|rbush|earcut|quickselect)[\\/]/ },
            { name: "frame", test: /node_modules[\\/](react|react-dom|scheduler|@tanstack)[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      ...Object.fromEntries(apiPaths.map((path) => [path, manager])),
      "/live": { target: manager, ws: true },
    },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 30_000,
  },
});
