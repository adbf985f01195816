/** The pages in the order of the navigation; a new page is a line here and a file beside it. */
import { lazyRouteComponent } from "@tanstack/react-router";
import type { MessageKey } from "../i18n/catalogue";
import type { Permission } from "../session/session";
import type { IconName } from "../ui/icons";

export interface Page {
  /** Below /app. */
  path: string;
  title: Extract<MessageKey, `nav.${string}`>;
  icon: IconName;
  component: ReturnType<typeof lazyRouteComponent>;
  /** Who lacks it does not see the page. */
  permission?: Permission;
}

export const pages: readonly Page[] = [
  {
    path: "/",
    title: "nav.live",
    icon: "map",
    component: lazyRouteComponent(() => import("./LivePage")),
  },
  {
    path: "/incidents",
    title: "nav.incidents",
    icon: "alarm",
    component: lazyRouteComponent(() => import("./IncidentsPage")),
  },
  {
    path: "/tasks",
    title: "nav.tasks",
    icon: "tasks",
    component: lazyRouteComponent(() => import("./TasksPage")),
  },
  {
    path: "/robots",
    title: "nav.robots",
    icon: "robot",
    component: lazyRouteComponent(() => import("./RobotsPage")),
  },
  {
    path: "/calendar",
    title: "nav.calendar",
    icon: "calendar",
    component: lazyRouteComponent(() => import("./CalendarPage")),
  },
  {
    path: "/reports",
    title: "nav.reports",
    icon: "chart",
    component: lazyRouteComponent(() => import("./ReportsPage")),
  },
  {
    path: "/replay",
    title: "nav.replay",
    icon: "replay",
    component: lazyRouteComponent(() => import("./ReplayPage")),
  },
  {
    path: "/map",
    title: "nav.map",
    icon: "plan",
    component: lazyRouteComponent(() => import("./MapPage")),
  },
  {
    path: "/what-if",
    title: "nav.whatIf",
    icon: "fork",
    component: lazyRouteComponent(() => import("./WhatIfPage")),
  },
  {
    path: "/admin",
    title: "nav.admin",
    icon: "person",
    component: lazyRouteComponent(() => import("./AdminPage")),
    permission: "accounts:manage",
  },
];
