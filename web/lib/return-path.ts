/** A path of this site to come back to after signing in; anything else (another origin, the sign-in page) becomes "/". */
export function safeReturnPath(path: string | undefined): string {
  if (path === undefined || !path.startsWith("/") || path.startsWith("//") || path.includes("\\")) return "/";
  return path.startsWith("/sign-in") ? "/" : path;
}
