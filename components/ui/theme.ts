import { createTheme, type MantineColorsTuple } from "@mantine/core";

const brand: MantineColorsTuple = [
  "#eaf3ff",
  "#d3e5ff",
  "#a6caff",
  "#7cb6ff",
  "#5aa9ff",
  "#4393f0",
  "#3482e6",
  "#2a75dc",
  "#246bd2",
  "#1f62c4",
];

const dark: MantineColorsTuple = [
  "#e7ecf3",
  "#c5cdd9",
  "#8d98a9",
  "#6e7a8c",
  "#2c3747",
  "#212a36",
  "#171d27",
  "#12171f",
  "#0e1219",
  "#0b0e13",
];

const control = { defaultProps: { size: "xs" } };

/** The console's Mantine theme: 13 px, dense, no shadows; shade 9 keeps white text above AA. */
export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: 9,
  autoContrast: true,
  colors: { brand, dark },
  fontFamily: "var(--v-font)",
  fontFamilyMonospace: "var(--v-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  spacing: { xs: "6px", sm: "10px", md: "14px", lg: "20px", xl: "28px" },
  radius: { xs: "3px", sm: "5px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  shadows: { xs: "none", sm: "none", md: "none", lg: "none", xl: "none" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "18px" }, h2: { fontSize: "13px" }, h3: { fontSize: "13px" } },
  },
  respectReducedMotion: true,
  components: {
    Button: control,
    TextInput: control,
    PasswordInput: control,
    Textarea: control,
    Select: control,
    NumberInput: control,
    SegmentedControl: { defaultProps: { size: "xs", withItemsBorders: false } },
    Checkbox: control,
    Radio: control,
    Switch: control,
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.6 } } },
    Menu: { defaultProps: { withinPortal: true } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: false } },
  },
});
