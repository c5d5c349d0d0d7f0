/** The course's playbook: what is done in which hours since detection. Every incident starts with a copy. */
export const PLAYBOOK: readonly { phase: string; title: string; tasks: readonly string[] }[] = [
  {
    phase: "0-1",
    title: "Detection and containment",
    tasks: [
      "Confirm what was detected and when it began",
      "Contain the agent and see every step confirmed",
      "Alert the incident response team and name a lead",
    ],
  },
  {
    phase: "1-4",
    title: "Assessment",
    tasks: [
      "Determine the scope: agents, systems, data, customers",
      "Analyse the impact and fill in the worksheet",
      "Preserve evidence beyond the snapshot",
      "Validate the containment: no request admitted since",
    ],
  },
  {
    phase: "4-8",
    title: "Decision point",
    tasks: [
      "Classify the severity",
      "Determine whether it is a notification incident",
      "Find the regulator's contact and agree who calls",
    ],
  },
  {
    phase: "8-24",
    title: "Response and investigation",
    tasks: [
      "Full forensic analysis",
      "Identify the root cause",
      "Extend the containment where needed",
      "Draft the regulatory notification",
    ],
  },
  {
    phase: "24-36",
    title: "Notification and recovery",
    tasks: [
      "Submit the notification and attach the agency's receipt",
      "Implement fixes and rotate what was exposed",
      "Begin recovery: a second person releases the agent",
      "Document lessons learned",
    ],
  },
];
