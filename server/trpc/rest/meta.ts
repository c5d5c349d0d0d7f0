/** How a procedure appears under `/api/v1`: `.meta({ openapi: { method: "GET", path: "/agents/{name}" } })`. */
export type RestMeta = {
  openapi?: {
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    path: `/${string}`;
    summary?: string;
    description?: string;
  };
};
