import { IconCheck } from "@tabler/icons-react";
import { PERMISSIONS, ROLES } from "#server/access/permissions.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./settings.module.css";

/** Which role may do what: the same table that the server decides by. */
export function RolesMatrix() {
  return (
    <Panel title="What roles may do" note="No role is exempt from a second person" flush>
      <table className={classes.matrix} aria-label="Permissions of the roles">
        <thead>
          <tr>
            <th scope="col">Permission</th>
            {ROLES.map((role) => (
              <th key={role} scope="col">
                {role}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(PERMISSIONS).map(([permission, roles]) => (
            <tr key={permission}>
              <th scope="row" className="mono">
                {permission}
              </th>
              {ROLES.map((role) => (
                <td key={role}>
                  {(roles as readonly string[]).includes(role) ? (
                    <>
                      <IconCheck size={14} aria-hidden />
                      <span className="visually-hidden">may</span>
                    </>
                  ) : (
                    <span className="visually-hidden">may not</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
