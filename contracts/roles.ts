/** The roles of a tenant, least first. Without the schemas beside them, so that pages don't load a validator for them. */
export const roles = ["viewer", "qa", "dev", "pm", "admin"] as const;
export type Role = (typeof roles)[number];
