import { defineConfig } from "vitest/config";

const shared = { testTimeout: 30_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["{server,agent,cli,db,components,scripts,app,bench}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.db.test.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "integration",
          include: ["{server,agent,cli,db}/**/*.db.test.ts"],
          globalSetup: ["./db/testing/global-setup.ts"],
          maxWorkers: 2,
        },
      },
    ],
  },
});
