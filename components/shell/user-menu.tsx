"use client";

import { Menu, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useMounted } from "@mantine/hooks";
import { IconKeyboard, IconLogout, IconSettings, IconUserCircle } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { signOut } from "../access/sign-out.ts";
import { useOperator } from "./operator.tsx";
import classes from "./shell.module.css";
import { openShortcuts } from "./shortcuts.tsx";

/** Who is signed in and in which roles; theme, shortcuts, sign-out. */
export function UserMenu() {
  const operator = useOperator();
  const router = useRouter();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const mounted = useMounted();
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <button type="button" className={classes.user} aria-label={`Account of ${operator.email}`}>
          <IconUserCircle size={18} stroke={1.6} aria-hidden />
          <span className={classes.hideMedium}>{operator.email}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <div style={{ color: "var(--v-text)", fontWeight: 600 }}>{operator.name}</div>
          <div>{operator.roles.join(", ") || "no role"}</div>
        </Menu.Label>
        <div style={{ padding: "4px 8px 8px" }}>
          <SegmentedControl
            fullWidth
            aria-label="Theme"
            value={mounted ? colorScheme : "dark"}
            onChange={(value) => setColorScheme(value as "dark" | "light" | "auto")}
            data={[
              { value: "dark", label: "Dark" },
              { value: "light", label: "Light" },
              { value: "auto", label: "System" },
            ]}
          />
        </div>
        <Menu.Item leftSection={<IconKeyboard size={15} aria-hidden />} onClick={openShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSettings size={15} aria-hidden />}
          onClick={() => router.push("/settings")}
        >
          Settings
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
